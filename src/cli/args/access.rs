//! The words of `exeat requests`, `grants` and `access`. Part of [`super`].

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{JsonArgs, ListArgs, SentArgs, SentEachArgs};
use crate::domain::access::{GrantId, RequestId, RevokeClass};
use crate::domain::query::When;

/// `exeat requests …`
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// The requests one may see, newest first.
    List(ListArgs),
    /// Everything about one request.
    Show(RequestArgs),
    /// Asks for access to a dataset.
    New(RequestNewArgs),
    /// Changes the named fields of a request and no others.
    Edit(RequestEditArgs),
    /// Allows requests: each becomes a grant.
    Allow(RequestAllowArgs),
    /// Denies requests; the requester reads the reason.
    Deny(RequestDenyArgs),
    /// Tells the other stewards that one is looking at it.
    Claim(RequestsArgs),
    /// Tells the other stewards that one no longer is.
    Unclaim(RequestsArgs),
    /// Adds a comment that stewards read.
    Comment(RequestCommentArgs),
    /// What happened to a request.
    History(RequestArgs),
}

/// `exeat grants …`
#[derive(Debug, Subcommand)]
pub enum GrantsCommand {
    /// The grants one may see, newest first.
    List(ListArgs),
    /// Everything about one grant.
    Show(GrantIdArgs),
    /// Gives a grant by hand.
    Add(GrantAddArgs),
    /// Shortens or extends a grant.
    Amend(GrantAmendArgs),
    /// Takes grants back, and says what access remains.
    Revoke(GrantRevokeArgs),
    /// What happened to a grant.
    History(GrantIdArgs),
}

/// `exeat access …`
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Has this person access to this dataset, until when, and if not, why not.
    Check(AccessCheckArgs),
}

/// One request.
#[derive(Args, Debug)]
pub struct RequestArgs {
    /// The request's id.
    pub id: RequestId,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `requests new`
#[derive(Args, Debug)]
pub struct RequestNewArgs {
    /// The dataset's accession.
    #[arg(long, value_name = "ACCESSION")]
    pub dataset: String,
    /// What the data is needed for.
    #[arg(long, required_unless_present = "text_file")]
    pub text: Option<String>,
    /// The same from a file, `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub text_file: Option<PathBuf>,
    /// From when (YYYY-MM-DD in the site's time zone, or RFC 3339); now where it is absent.
    #[arg(long, value_name = "TIME")]
    pub starts: Option<When>,
    /// Until when; the site's usual length where it is absent.
    #[arg(long, value_name = "TIME")]
    pub ends: Option<When>,
    /// Where to write to about it; one's registered address where it is absent.
    #[arg(long, value_name = "MAIL")]
    pub email: Option<String>,
    /// Which of one's identity verifications.
    #[arg(long, value_name = "UUID")]
    pub iva: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `requests edit`
#[derive(Args, Debug)]
pub struct RequestEditArgs {
    /// The request's id.
    pub id: RequestId,
    /// Another start (YYYY-MM-DD in the site's time zone, or RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub starts: Option<When>,
    /// Another end.
    #[arg(long, value_name = "TIME")]
    pub ends: Option<When>,
    /// Another of the requester's identity verifications.
    #[arg(long, value_name = "UUID")]
    pub iva: Option<Uuid>,
    /// The site's ticket; empty clears it.
    #[arg(long, value_name = "TEXT")]
    pub ticket: Option<String>,
    /// The note among stewards; empty clears it.
    #[arg(long, value_name = "TEXT")]
    pub internal_note: Option<String>,
    /// The note that the requester reads; empty clears it.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The row version you saw: if it moved since, this is refused.
    #[arg(long, value_name = "N")]
    pub row_version: Option<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `requests allow`
#[derive(Args, Debug)]
pub struct RequestAllowArgs {
    /// The requests' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<RequestId>,
    /// From when, instead of what was asked for.
    #[arg(long, value_name = "TIME")]
    pub starts: Option<When>,
    /// Until when, instead of what was asked for.
    #[arg(long, value_name = "TIME")]
    pub ends: Option<When>,
    /// Which of the requester's identity verifications.
    #[arg(long, value_name = "UUID")]
    pub iva: Option<Uuid>,
    /// The note that the requester reads.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The row version you saw: if it moved since, this is refused. One for each id, in order.
    #[arg(long, value_name = "N")]
    pub row_version: Vec<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `requests deny`
#[derive(Args, Debug)]
pub struct RequestDenyArgs {
    /// The requests' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<RequestId>,
    /// Why; the requester reads it.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The row version you saw: if it moved since, this is refused. One for each id, in order.
    #[arg(long, value_name = "N")]
    pub row_version: Vec<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `requests claim`, `unclaim`
#[derive(Args, Debug)]
pub struct RequestsArgs {
    /// The requests' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<RequestId>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `requests comment`
#[derive(Args, Debug)]
pub struct RequestCommentArgs {
    /// The request's id.
    pub id: RequestId,
    /// The text.
    pub text: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// One grant.
#[derive(Args, Debug)]
pub struct GrantIdArgs {
    /// The grant's id.
    pub id: GrantId,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}

/// `grants add`
#[derive(Args, Debug)]
pub struct GrantAddArgs {
    /// The person's login.
    #[arg(long, value_name = "LOGIN")]
    pub person: String,
    /// The dataset's accession.
    #[arg(long, value_name = "ACCESSION")]
    pub dataset: String,
    /// From when (YYYY-MM-DD in the site's time zone, or RFC 3339); now where it is absent.
    #[arg(long, value_name = "TIME")]
    pub from: Option<When>,
    /// Until when.
    #[arg(long, value_name = "TIME")]
    pub until: When,
    /// Which of the person's identity verifications.
    #[arg(long, value_name = "UUID")]
    pub iva: Option<Uuid>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `grants amend`
#[derive(Args, Debug)]
pub struct GrantAmendArgs {
    /// The grant's id.
    pub id: GrantId,
    /// The new end (YYYY-MM-DD in the site's time zone, or RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub until: When,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The row version you saw: if it moved since, this is refused.
    #[arg(long, value_name = "N")]
    pub row_version: Option<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentArgs,
}

/// `grants revoke`
#[derive(Args, Debug)]
pub struct GrantRevokeArgs {
    /// The grants' ids.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<GrantId>,
    /// What kind of reason: ended, mistake or misuse.
    #[arg(long)]
    pub class: RevokeClass,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The row version you saw: if it moved since, this is refused. One for each id, in order.
    #[arg(long, value_name = "N")]
    pub row_version: Vec<i64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub sent: SentEachArgs,
}

/// `access check`
#[derive(Args, Debug)]
pub struct AccessCheckArgs {
    /// The person's login.
    #[arg(long, value_name = "LOGIN")]
    pub person: String,
    /// The dataset's accession.
    #[arg(long, value_name = "ACCESSION")]
    pub dataset: String,
    /// At which moment (YYYY-MM-DD in the site's time zone, or RFC 3339); now where it is absent.
    #[arg(long, value_name = "TIME")]
    pub at: Option<When>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "flattened: the words are where the type is")]
    pub output: JsonArgs,
}
