//! What one login could do to all others: other databases of the cluster, transactions that outlive their session,
//! connections, disk. A person's own rights show it. Called by `cli::doctor`.

use super::super::exit;
use super::{Finding, How, nested};
use crate::db::roles::CONNECTIONS;
use crate::objects::Location;
use crate::service::{ServerLimits, Service};

pub(super) async fn findings(service: &Service) -> Vec<Finding> {
    let mut found = vec![other_databases(service).await];
    match service.limits().await {
        Err(error) => found.push(Finding::failed("limits", &error)),
        Ok(limits) => {
            found.extend([prepared(&limits), temporary_files(&limits, service), connections(&limits, service)]);
        }
    }
    match service.projects().await {
        Err(error) => found.push(Finding::failed("shared places", &error)),
        Ok(projects) => {
            let parsed =
                projects.iter().filter_map(|of| Some((of.id.as_str(), of.shared_location.parse::<Location>().ok()?)));
            found.extend(nested(&parsed.collect::<Vec<_>>()));
        }
    }
    found
}

/// NOTIFY's queue is one for all databases of a cluster: from another one a person could fill it, and then nobody
/// gets a ticket or a refresh.
async fn other_databases(service: &Service) -> Finding {
    const WHAT: &str = "databases";
    let own = &service.config().database.name;
    let other = if own == "postgres" { "template1" } else { "postgres" };
    match service.gets_into(other).await {
        Err(error) => Finding::note(WHAT, format!("Whether {other} lets you in could not be tried: {error}")),
        Ok(false) => Finding::well(WHAT, format!("{own} lets you in and {other} does not, as it should be.")),
        Ok(true) => Finding(
            WHAT,
            How::Wrong(exit::FAILURE),
            format!(
                "PostgreSQL lets you into the database {other} too, and from there one person can stop every preview, download and refresh: ask the database administrator for the lines `local all +exeat_person reject` and `host all +exeat_person all reject` in pg_hba.conf, right behind those that let people into {own}."
            ),
        ),
    }
}

/// A prepared transaction keeps its locks when its session is gone, and the worker has no session to end.
fn prepared(limits: &ServerLimits) -> Finding {
    const WHAT: &str = "transactions";
    match limits.prepared_transactions {
        0 => Finding::well(WHAT, "max_prepared_transactions is 0: locks end with their session."),
        many => Finding(
            WHAT,
            How::Wrong(exit::FAILURE),
            format!(
                "max_prepared_transactions is {many}, so that a person can leave locks behind that no session holds: ask the database administrator to set it to 0."
            ),
        ),
    }
}

fn temporary_files(limits: &ServerLimits, service: &Service) -> Finding {
    const WHAT: &str = "disk";
    match limits.temporary_files.as_str() {
        "-1" => Finding::note(
            WHAT,
            format!(
                "temp_file_limit is not set, so that one query can fill the database's disk: ask the database administrator to run alter database {} set temp_file_limit = '1GB'.",
                service.config().database.name
            ),
        ),
        limit => Finding::well(WHAT, format!("temp_file_limit is {limit}: a query can fill no more of the disk.")),
    }
}

/// What one login may take, of how many there are for all.
fn connections(limits: &ServerLimits, service: &Service) -> Finding {
    const WHAT: &str = "connections";
    let desks = format!("The server has connections for about {} desks at once", limits.connections);
    match limits.own_connections {
        Some(own) if (0..=CONNECTIONS).contains(&own) => {
            Finding::well(WHAT, format!("{desks}; {} may take {own} of them.", service.role()))
        }
        own => Finding::note(
            WHAT,
            format!(
                "{desks}, and {role} may take {}: with many at once one person slows all others down. Ask the database administrator to run alter role {role} connection limit {CONNECTIONS}.",
                own.filter(|own| *own >= 0).map_or("all of them".to_owned(), |own| format!("{own} of them")),
                role = service.role()
            ),
        ),
    }
}
