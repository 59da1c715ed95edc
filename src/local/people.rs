//! Who is on a fresh local desk: the sample's people, or the one who made it, as its first administrator.
//! Called by `cli::local` and `cli::demo` after the desk is up.

use std::fs::File;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{Uid, User};
use sqlx::Connection as _;

use super::desk::Desk;
use super::postgres::SUPERUSER;
use super::{LocalError, sample};

/// The file that says how far the sample is.
const SAMPLE: &str = "run/sample";

/// Fills a fresh desk; does nothing to one that has its people. `me` is who started it: root is somebody else by now.
///
/// # Errors
/// If the sample was asked for on a desk made without it, or something refuses.
pub async fn settle(desk: &Desk, with_sample: bool, me: Uid) -> Result<(), LocalError> {
    let _lock = one_at_a_time(desk).await?;
    let mut admin = desk.connect(SUPERUSER).await?;
    let settled: bool =
        sqlx::query_scalar("select exists (select from exeat.memberships where role = 'administrator')")
            .fetch_one(&mut admin)
            .await?;
    let loaded = std::fs::read_to_string(desk.file(SAMPLE)).unwrap_or_default();
    let dir = desk.dir().display();
    match (with_sample, settled, loaded.as_str()) {
        (true, true, "loaded") | (false, true, _) => {}
        (true, _, "begun") => {
            return Err(LocalError::Said(format!(
                "The sample data of {dir} was interrupted half-way: run `exeat local down --dir {dir}`, remove the folder, and start again."
            )));
        }
        (true, true, _) => {
            return Err(LocalError::Said(format!(
                "The local desk in {dir} was made without the sample data; name another --dir for one with it."
            )));
        }
        (true, false, _) => {
            desk.write(SAMPLE, b"begun")?;
            sample::load(desk).await?;
            desk.write(SAMPLE, b"loaded")?;
        }
        (false, false, _) => {
            let user = User::from_uid(me).ok().flatten();
            let login = user.as_ref().map_or_else(|| me.to_string(), |user| user.name.clone());
            let gecos = user.map(|user| user.gecos.to_string_lossy().into_owned()).unwrap_or_default();
            let full_name = gecos.split(',').next().filter(|name| !name.trim().is_empty()).unwrap_or(&login);
            desk.make_login(&login, crate::db::roles::PEOPLE).await?;
            sqlx::query("select exeat.bootstrap_admin($1, $2)")
                .bind(&login)
                .bind(full_name)
                .execute(&mut admin)
                .await?;
        }
    }
    admin.close().await?;
    Ok(())
}

/// Whether the desk has the people of the sample.
#[must_use]
pub fn has_sample(desk: &Desk) -> bool {
    std::fs::read_to_string(desk.file(SAMPLE)).is_ok_and(|how| how == "loaded")
}

/// Of several `up` at once one settles the desk, the others wait for it.
async fn one_at_a_time(desk: &Desk) -> Result<Flock<File>, LocalError> {
    let path = desk.file("run/people.lock");
    let failed = |error| LocalError::io(&path, error);
    let mut file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((again, Errno::EWOULDBLOCK)) => file = again,
            Err((_, errno)) => return Err(failed(errno.into())),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
