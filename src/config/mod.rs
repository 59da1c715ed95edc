//! The configuration files of the desk and the worker: types, merge, validation, paths, secrets. Called by `cli` and `local`.
