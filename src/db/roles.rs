//! The SQL that makes a login. exeat makes none itself except on a local desk: the database administrator runs this.
//! Called by `exeat people add`, `exeat services add` and the local desk.

/// The group of people's logins.
pub const PEOPLE: &str = "exeat_person";
/// The group of services' logins.
pub const SERVICES: &str = "exeat_service";

/// Connections a person may have at once, so that nobody can take all there are: a desk has two, a command of the command
/// line one.
const CONNECTIONS: u32 = 8;

/// The statement that makes a login in one of exeat's groups.
#[must_use]
pub fn role_sql(login: &str, group: &str) -> String {
    let limit = if group == PEOPLE { format!(" connection limit {CONNECTIONS}") } else { String::new() };
    format!("create role {} login{limit} in role {};", quoted(login), quoted(group))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
