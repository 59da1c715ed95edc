//! The embedded service layer, one file a use case: what the desk, the command line and the worker all call.
