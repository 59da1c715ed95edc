//! One file a subcommand. Called by `main`.
