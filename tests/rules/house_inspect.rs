//! The house rules of `inspect`: its modules go in no circle, and a format is named in its file and in the table only.

use std::collections::BTreeSet;

use super::house::{Source, complain, sources, used};

/// The modules of `inspect` that one of them uses.
fn inspected(all: &[Source], source: &Source) -> BTreeSet<Vec<String>> {
    let modules: Vec<_> = all.iter().map(|source| &source.module).filter(|module| module.len() > 1).collect();
    let module = |path: &Vec<String>| {
        modules.iter().filter(|module| path.starts_with(module)).max_by_key(|module| module.len()).map(|m| (*m).clone())
    };
    used(source).iter().filter_map(module).filter(|other| other[0] == "inspect" && *other != source.module).collect()
}

#[test]
fn inspect_goes_in_no_circle() {
    let all = sources();
    let mut left: Vec<_> = all.iter().filter(|source| source.room() == "inspect" && source.module.len() > 1).collect();
    while let Some(at) = left.iter().position(|source| {
        inspected(&all, source).iter().all(|other| !left.iter().any(|source| source.module == *other))
    }) {
        left.remove(at);
    }
    complain(&left.iter().map(|source| format!("{} is in a circle", source.name)).collect::<Vec<_>>());
}

#[test]
fn a_format_is_named_in_its_file_and_in_the_table_only() {
    let all = sources();
    let table = ["inspect", "formats"].map(str::to_owned);
    let format = |module: &[String]| module.starts_with(&table) && module.len() > 2;
    let media: Vec<&str> = exeat::inspect::FORMATS.iter().flat_map(|format| format.media).copied().collect();
    let mut faults = Vec::new();
    for source in all.iter().filter(|source| source.room() == "inspect" && !source.module.starts_with(&table)) {
        // Bytes as they are is what anything is shown as.
        for other in inspected(&all, source).iter().filter(|other| format(other) && other[2] != "bytes") {
            faults.push(format!("{} uses {}", source.name, other.join("::")));
        }
        let text = source.text.split("#[cfg(test)]").next().unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<String>();
        for media in media.iter().filter(|media| code.contains(&format!("\"{media}\""))) {
            faults.push(format!("{} names {media}", source.name));
        }
    }
    complain(&faults);
}
