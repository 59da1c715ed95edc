//! The database's own code: brings a database to this program's tables and functions, and says which it has. Called by
//! `exeat db`, the local desk and the tests, as the database's administrator; never by a desk.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::migrate::MigrateError;

pub use super::migrate::{Blocker, PATIENCE, migrate, migrate_within};

/// The schema this program works with, as `exeat.schema_number()` says it; checked at every connect.
pub const SCHEMA_NUMBER: i32 = 12;

/// Functions and rights, one file an area, replaced as a whole by every migration.
pub(super) const AREAS: &[(&str, &str)] = &[
    ("10_kernel", include_str!("../../assets/sql/10_kernel.sql")),
    ("12_commands", include_str!("../../assets/sql/12_commands.sql")),
    ("20_people", include_str!("../../assets/sql/20_people.sql")),
    ("21_settings", include_str!("../../assets/sql/21_settings.sql")),
    ("22_services", include_str!("../../assets/sql/22_services.sql")),
    ("23_credentials", include_str!("../../assets/sql/23_credentials.sql")),
    ("30_rules", include_str!("../../assets/sql/30_rules.sql")),
    ("31_access_rules", include_str!("../../assets/sql/31_access_rules.sql")),
    ("33_signed", include_str!("../../assets/sql/33_signed.sql")),
    ("40_votes", include_str!("../../assets/sql/40_votes.sql")),
    ("42_recall", include_str!("../../assets/sql/42_recall.sql")),
    ("43_looks", include_str!("../../assets/sql/43_looks.sql")),
    ("44_submit", include_str!("../../assets/sql/44_submit.sql")),
    ("45_tickets", include_str!("../../assets/sql/45_tickets.sql")),
    ("46_requests", include_str!("../../assets/sql/46_requests.sql")),
    ("47_grants", include_str!("../../assets/sql/47_grants.sql")),
    ("48_permits", include_str!("../../assets/sql/48_permits.sql")),
    ("49_permit_rules", include_str!("../../assets/sql/49_permit_rules.sql")),
    ("50_admin", include_str!("../../assets/sql/50_admin.sql")),
    ("50_projects", include_str!("../../assets/sql/50_projects.sql")),
    ("51_pause", include_str!("../../assets/sql/51_pause.sql")),
    ("52_directory", include_str!("../../assets/sql/52_directory.sql")),
    ("53_permit_teams", include_str!("../../assets/sql/53_permit_teams.sql")),
    ("54_permit_outputs", include_str!("../../assets/sql/54_permit_outputs.sql")),
    ("59_read", include_str!("../../assets/sql/59_read.sql")),
    ("60_reads", include_str!("../../assets/sql/60_reads.sql")),
    ("61_egress_reads", include_str!("../../assets/sql/61_egress_reads.sql")),
    ("62_access_reads", include_str!("../../assets/sql/62_access_reads.sql")),
    ("63_permit_reads", include_str!("../../assets/sql/63_permit_reads.sql")),
    ("64_portal_reads", include_str!("../../assets/sql/64_portal_reads.sql")),
    ("65_journal", include_str!("../../assets/sql/65_journal.sql")),
    ("70_intake", include_str!("../../assets/sql/70_intake.sql")),
    ("72_sessions", include_str!("../../assets/sql/72_sessions.sql")),
    ("75_release", include_str!("../../assets/sql/75_release.sql")),
    ("76_signatures", include_str!("../../assets/sql/76_signatures.sql")),
    ("77_trust", include_str!("../../assets/sql/77_trust.sql")),
    ("78_seal", include_str!("../../assets/sql/78_seal.sql")),
    ("79_proof", include_str!("../../assets/sql/79_proof.sql")),
    ("80_deliver", include_str!("../../assets/sql/80_deliver.sql")),
    ("90_access", include_str!("../../assets/sql/90_access.sql")),
];

/// The bodies of this program's functions by name, as `pg_proc.prosrc` has them. Every function of the areas is written as
/// `function exeat.NAME(…) … as $$BODY$$`; a test below holds them to it. Those for psql are made from the list of commands.
pub(crate) fn functions() -> BTreeMap<&'static str, Vec<Cow<'static, str>>> {
    let mut found: BTreeMap<&str, Vec<Cow<str>>> = BTreeMap::new();
    for (_, sql) in AREAS {
        for part in
            sql.split("create or replace function exeat.").flat_map(|part| part.split("create function exeat.")).skip(1)
        {
            let name = part.split('(').next().unwrap_or_default();
            found.entry(name).or_default().extend(part.split("$$").nth(1).map(Cow::Borrowed));
        }
    }
    if let Some([Cow::Borrowed(list)]) = found.get("command_list").map(Vec::as_slice) {
        for (name, body) in list.lines().filter_map(for_psql) {
            found.entry(name).or_default().push(Cow::Owned(body));
        }
    }
    found
}

/// The function that `12_commands` makes from a line of its list, and its body, by the same rule as there.
fn for_psql(line: &'static str) -> Option<(&'static str, String)> {
    let (name, rest) = line.split_once(' ').filter(|(name, _)| !name.is_empty())?;
    let fields = rest.split(' ').filter_map(|word| word.split_once(':')).zip(2..);
    let arguments: Vec<String> =
        fields.map(|((names, _), place)| format!("'{}', ${place}", names.split('/').next().unwrap_or(names))).collect();
    (!arguments.is_empty())
        .then(|| (name, format!("select exeat.command($1, '{name}', jsonb_build_object({}))", arguments.join(", "))))
}

/// Why a database could not be brought to this program's schema. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The database knows a newer program.
    #[error(
        "The database has schema {found} and this exeat knows only {SCHEMA_NUMBER}: use the newer exeat for this database."
    )]
    Newer {
        /// Its number.
        found: i32,
    },
    /// The role is no superuser.
    #[error(
        "Only the database administrator may migrate, and {role} is none: connect as a superuser (--role), or ask one."
    )]
    NotAdministrator {
        /// The connection's role.
        role: String,
    },
    /// A migration does not fit what is there.
    #[error(
        "The tables could not be brought up to date ({0}): use the exeat the database was made with, or restore it from a backup."
    )]
    Migration(#[from] MigrateError),
    /// The functions of an area were refused.
    #[error(
        "The functions of {area} could not be put in place ({source}): connect as the database's administrator (a superuser) and try again."
    )]
    Area {
        /// The file, without its ending.
        area: &'static str,
        /// What PostgreSQL said.
        source: sqlx::Error,
    },
    /// Somebody held what had to be changed, until the patience was over.
    #[error(
        "The migration waited {waited} s for {} and gave up; nothing was changed. Have them finish, or end their sessions, and try again.",
        named(blockers)
    )]
    InTheWay {
        /// Seconds.
        waited: u64,
        /// The sessions that were seen last.
        blockers: Vec<Blocker>,
    },
    /// PostgreSQL could not be asked.
    #[error("The database could not be asked ({0}): see whether PostgreSQL runs and you connect as its administrator.")]
    Database(#[from] sqlx::Error),
}

/// The sessions in one sentence: some of them, where there are many.
pub(crate) fn named(blockers: &[Blocker]) -> String {
    const MOST: usize = 5;
    let mut names: Vec<String> = blockers.iter().take(MOST).map(ToString::to_string).collect();
    if blockers.len() > MOST {
        names.push(format!("{} more", blockers.len() - MOST));
    }
    if names.is_empty() { "sessions that came and went".to_owned() } else { names.join(", ") }
}

/// Which schema a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Its number; none where exeat was never there.
    pub found: Option<i32>,
    /// The number this program needs.
    pub needed: i32,
}

impl SchemaStatus {
    /// Whether this program works with it as it is.
    #[must_use]
    pub fn is_current(self) -> bool {
        self.found == Some(self.needed)
    }
}

/// Which schema the database has.
///
/// # Errors
/// PostgreSQL cannot be asked.
pub async fn status(connection: &mut PgConnection) -> Result<SchemaStatus, SchemaError> {
    let there: bool = sqlx::query_scalar("select to_regprocedure('exeat.schema_number()') is not null")
        .fetch_one(&mut *connection)
        .await?;
    let found = if there {
        Some(sqlx::query_scalar("select exeat.schema_number()").fetch_one(&mut *connection).await?)
    } else {
        None
    };
    Ok(SchemaStatus { found, needed: SCHEMA_NUMBER })
}

#[cfg(test)]
mod tests {
    use super::{AREAS, functions};

    #[test]
    fn the_body_of_every_function_is_known() {
        let count = |what: &str| AREAS.iter().map(|(_, sql)| sql.matches(what).count()).sum::<usize>();
        let spoken_of = count("execute function exeat.") + count("drop function exeat.");
        let made = count("(me exeat.caller, q jsonb)");
        let known = functions();
        assert_eq!(known.values().map(Vec::len).sum::<usize>(), count("function exeat.") - spoken_of + made);
        assert_eq!(known["claim"], ["select exeat.command($1, 'claim', jsonb_build_object('version', $2))"]);
        assert!(known["sealed_rows"][0].contains("from seals s"), "{:?}", known["sealed_rows"]);
        assert_eq!(known["refuse"].len(), 2);
    }

    #[test]
    fn every_area_of_the_folder_is_embedded_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sql");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".sql").map(str::to_owned))
            .collect();
        files.sort();
        let embedded: Vec<&str> = AREAS.iter().map(|(area, _)| *area).collect();
        assert_eq!(embedded, files);
    }
}
