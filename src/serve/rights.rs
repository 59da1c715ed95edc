//! What may be asked over HTTP, in words: a credential or an issuer's tokens have some of them, and every route needs one. Used by
//! the routes and `cli::credentials`.

/// Every right there is, and what it is for.
pub const ALL: &[(&str, &str)] = &[
    ("egress:read", "files of a project, their approvals and events (contract A)"),
    ("egress:vote", "approve and reject files (contract A)"),
    ("egress:download", "released files (contract A)"),
    ("requests:read", "access requests (contract B)"),
    ("requests:write", "ask for access, edit and decide requests (contract B)"),
    ("grants:read", "access grants (contract B)"),
    ("grants:write", "revoke access grants (contract B)"),
    ("claims:read", "who has access to what (contract C)"),
    ("claims:write", "grant and revoke access (contract C)"),
    ("permits:read", "data permits, their outputs and activity (contract D)"),
    ("permits:write", "issue permits and move them on (contract D)"),
    ("events:read", "what changes, as it does"),
    ("exeat:read", "every list of exeat's own"),
    ("exeat:write", "every command of exeat's own"),
];

/// Whether there is such a right.
#[must_use]
pub fn is_known(right: &str) -> bool {
    ALL.iter().any(|(known, _)| *known == right)
}
