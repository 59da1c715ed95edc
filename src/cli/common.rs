//! What the subcommands of all areas share: the list, the history, and how moments and files are read. Used by `egress`,
//! `requests`, `grants` and `directory`.

use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::answers::plain;
use super::args::{JsonArgs, ListArgs};
use super::{exit, output};
use crate::domain::facts::Event;
use crate::domain::item::Item;
use crate::domain::page::{Sort, Wanted};
use crate::domain::query::{Query, When};
use crate::service::{Service, ServiceError};
use crate::text::shown;

/// A list as it was asked for, with as many pages as it takes; `table` shows it to people.
pub async fn list<T: Item>(
    service: &Service,
    args: &ListArgs,
    table: impl Fn(&[T], DateTime<Utc>) -> String,
) -> anyhow::Result<u8> {
    let line = args.query.join(" ");
    let query = Query::parse(T::FIELDS, &line).map_err(|error| {
        let word = line.get(error.span.clone()).unwrap_or(&line);
        ServiceError::Usage(format!("The filter is not understood at {word:?}: {}", error.sentence))
    })?;
    let sort = match &args.sort {
        Some(word) => Sort::parse(T::SORTS, word).map_err(ServiceError::Usage)?,
        None => T::SORTS[0],
    };
    let after = args.after.as_deref().map(str::parse).transpose().map_err(ServiceError::Usage)?;
    let zone = if query.names_a_day() { service.site_zone().await? } else { chrono_tz::UTC };
    let mut wanted = Wanted { filter: query.filter(Utc::now(), zone), sort, after, page: args.limit };
    let mut items = Vec::new();
    let next = loop {
        let page = service.page::<T>(&wanted).await?;
        items.extend(page.items);
        wanted.page = args.limit.saturating_sub(u32::try_from(items.len()).unwrap_or(args.limit));
        match page.next {
            Some(next) if wanted.page > 0 => wanted.after = Some(next),
            next => break next.map(|cursor| cursor.to_string()),
        }
    };
    let total = service.count(T::AREA, &wanted.filter).await?;
    if args.output.json {
        output::json(&json!({"items": items, "total": total, "next": next}))?;
    } else {
        output::line(&table(&items, Utc::now()))?;
        output::line(&format!("{} of {total}", items.len()))?;
        if let Some(next) = next {
            output::line(&format!("more with --after {next}"))?;
        }
    }
    Ok(exit::OK)
}

/// What happened to a row, oldest first; `unnamed` is who did what nobody is named for.
pub async fn history<T: Item>(service: &Service, id: i64, as_json: JsonArgs, unnamed: &str) -> anyhow::Result<u8> {
    let events = service.facts_of::<T>(id).await?.history;
    if as_json.json {
        output::json(&json!({"items": events}))?;
    } else {
        let rows: Vec<Vec<String>> = events.iter().map(|event| told(event, unnamed)).collect();
        output::line(&output::table(&["AT (UTC)", "WHO", "WHAT", "RESULT", "WORDS"], &rows))?;
    }
    Ok(exit::OK)
}

fn told(event: &Event, unnamed: &str) -> Vec<String> {
    let version = event.version.map_or_else(String::new, |version| format!(" (version {version})"));
    vec![
        event.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        plain(event.actor.as_deref().unwrap_or(unnamed)),
        format!("{}{version}", plain(&event.did())),
        if event.ok { "done".to_owned() } else { plain(&event.code) },
        match event.said() {
            words if event.ok && !words.is_empty() => shown(&words),
            _ => shown(&event.sentence),
        },
    ]
}

/// A beginning and an end as moments: a day begins the one and ends the other. Only days need the site's zone, and only then
/// is it asked for.
pub async fn moments(
    service: &Service,
    begins: Option<When>,
    ends: Option<When>,
) -> Result<(Option<DateTime<Utc>>, Option<DateTime<Utc>>), ServiceError> {
    let zone = if [begins, ends].iter().any(|when| matches!(when, Some(When::Day(_)))) {
        service.site_zone().await?
    } else {
        chrono_tz::UTC
    };
    Ok((begins.map(|when| when.at(zone)), ends.map(|when| when.end(zone))))
}

/// A file's bytes, or standard input's for `-`.
pub fn read(file: &Path) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|why| ServiceError::Usage(format!("{} cannot be read ({why}).", file.display())))?;
    Ok(bytes)
}
