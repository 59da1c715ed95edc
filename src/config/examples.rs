//! The examples: files with every setting, which also say where a setting belongs. Used by `cli::config` and by the
//! sentences about unknown settings.

/// `config.toml`.
pub const DESK: &str = include_str!("../../config.example.toml");
/// `worker.toml`.
pub const WORKER: &str = include_str!("../../worker.example.toml");
/// `serve.toml`.
pub const SERVE: &str = include_str!("../../serve.example.toml");

/// The sections of an example that have a setting of that name, such as `[desk]`.
pub(super) fn sections_of(example: &'static str, name: &str) -> Vec<&'static str> {
    let mut section = "";
    let mut found = Vec::new();
    for line in example.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if line.starts_with('[') && line.ends_with(']') {
            section = line;
        } else if line.split_once(" = ").is_some_and(|(key, _)| key == name) {
            found.push(section);
        }
    }
    found
}
