//! The server of HTTP of a local desk: its service, its login and its configuration, made once by `exeat local up --serve`. The supervisor
//! starts it where the configuration is. Called by `cli::local`.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use sqlx::Connection as _;

use super::LocalError;
use super::desk::{DATABASE, Desk};
use super::postgres::SUPERUSER;
use crate::config::{DatabaseConfig, ServeConfig, ServeSection};
use crate::db::roles;

/// The name of the service, which credentials are added for.
pub const SERVICE: &str = "gateway";
/// The server's database role.
const ROLE: &str = "exeat_gateway_login";

/// The server's configuration.
#[must_use]
pub fn config(desk: &Desk) -> PathBuf {
    desk.file("serve.toml")
}

/// Makes what the server needs, where it is missing; an administrator of the desk adds the service. Returns its address.
///
/// # Errors
/// If the database or the disk refuses, or no port is free.
pub async fn settle(desk: &Desk) -> Result<SocketAddr, LocalError> {
    if let Ok(known) = ServeConfig::read(&config(desk)) {
        return Ok(known.serve.listen);
    }
    desk.make_login(ROLE, roles::SERVICES).await?;
    let mut admin = desk.connect(SUPERUSER).await?;
    let login: Option<String> = sqlx::query_scalar(
        "select l.role from exeat.held_memberships m join exeat.logins l on l.person = m.person
            where m.role = 'administrator' and not exists (select from exeat.services where name = $1) order by l.role limit 1",
    )
    .bind(SERVICE)
    .fetch_optional(&mut admin)
    .await?;
    admin.close().await?;
    if let Some(login) = login {
        let mut person = desk.connect(&login).await?;
        let added: (bool, String) =
            sqlx::query_as("select ok, sentence from exeat.add_service(gen_random_uuid(), $1, $2)")
                .bind(SERVICE)
                .bind(ROLE)
                .fetch_one(&mut person)
                .await?;
        person.close().await?;
        if !added.0 {
            return Err(LocalError::Said(added.1));
        }
    }
    write(desk)
}

fn write(desk: &Desk) -> Result<SocketAddr, LocalError> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    let listen = free().map_err(|error| LocalError::io(desk.dir(), error))?;
    let database = DatabaseConfig {
        host: desk.socket_dir().to_string_lossy().into_owned(),
        name: DATABASE.to_owned(),
        user: Some(ROLE.to_owned()),
        ..DatabaseConfig::default()
    };
    let serve = ServeSection { listen, ..ServeSection::default() };
    let config = ServeConfig { database, serve, tokens: Vec::new(), file: None };
    let text = config.to_toml().map_err(|error| LocalError::Said(error.to_string()))?;
    desk.write("serve.toml", text.as_bytes())?;
    Ok(listen)
}

/// Whether the desk has a server.
#[must_use]
pub fn is_wanted(desk: &Desk) -> bool {
    fs::exists(config(desk)).unwrap_or(false)
}
