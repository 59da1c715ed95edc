//! What is inside a file: sniffing, previews, findings. Pure over bytes. Called by `service` and `worker`.
