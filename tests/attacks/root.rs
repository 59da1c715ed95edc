//! A local desk started by root: what the desk's owner or anyone else planted in its way is neither followed nor given
//! away, and only the desk's own processes are ended. Where the tests do not run as root, `up` is the owner itself, and
//! the same tests show that nothing of this stands in its way.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exeat::local::processes;
use nix::unistd::{Uid, User};

use crate::support::desk::{EXEAT, Ran};

/// A folder of the test's, and the desk in it, which goes down at the end.
struct Place {
    above: tempfile::TempDir,
    dir: PathBuf,
}

impl Place {
    fn new() -> Self {
        let above = tempfile::Builder::new().prefix("exeat-root-").tempdir_in("/tmp").unwrap();
        fs::set_permissions(above.path(), Permissions::from_mode(0o711)).unwrap();
        let dir = above.path().join("desk");
        Self { above, dir }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.above.path().join(name)
    }

    /// A folder that another may own.
    fn folder(&self, name: &str, owner: Option<u32>) -> PathBuf {
        let made = self.file(name);
        fs::create_dir_all(&made).unwrap();
        owned(&made, owner);
        made
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        local("down", &self.dir);
    }
}

fn local(what: &str, dir: &Path) -> Ran {
    Ran::of(&Command::new(EXEAT).args(["local", what, "--dir"]).arg(dir).output().unwrap(), &[what])
}

fn is_root() -> bool {
    Uid::effective().is_root()
}

/// The one the servers run as: root drops to this user.
fn owner() -> Option<u32> {
    let found = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).unwrap());
    is_root().then(|| found.unwrap().uid.as_raw())
}

/// Somebody else, who has nothing to do with the desk.
fn third() -> Option<u32> {
    is_root().then_some(54_321)
}

fn owned(path: &Path, owner: Option<u32>) {
    std::os::unix::fs::lchown(path, owner, owner).unwrap();
}

/// Owner, rights and bytes (of a folder: names).
fn facts(path: &Path) -> (u32, u32, Vec<u8>) {
    let of = fs::symlink_metadata(path).unwrap();
    let inside = match fs::read_dir(path) {
        Ok(names) => {
            names.map(|name| format!("{};", name.unwrap().file_name().display())).collect::<String>().into_bytes()
        }
        Err(_) => fs::read(path).unwrap(),
    };
    (of.uid(), of.mode(), inside)
}

/// Links to a file and to a folder of root's, planted where `up` writes, one desk each.
#[test]
fn links_in_the_desk_are_not_followed() {
    let links = [
        ("log/supervisor.log", false),
        ("log/postgres.log", false),
        ("log/store.log", false),
        ("run/state.json", false),
        ("run/state.json.new", false),
        ("run/lock", false),
        ("run/people.lock", false),
        ("config.toml", false),
        ("config.toml.new", false),
        ("store/keys.json.new", false),
        ("run", true),
        ("log", true),
        ("store", true),
        ("socket", true),
        ("postgres", true),
        ("postgres.new", true),
    ];
    for chunk in links.chunks(4) {
        std::thread::scope(|scope| {
            for (link, is_folder) in chunk {
                scope.spawn(move || planted(link, *is_folder));
            }
        });
    }
}

fn planted(link: &str, is_folder: bool) {
    let place = Place::new();
    let victim = if is_folder {
        place.folder("victim", None)
    } else {
        fs::write(place.file("victim"), "root's own").unwrap();
        place.file("victim")
    };
    let mode = if is_folder { 0o755 } else { 0o644 };
    fs::set_permissions(&victim, Permissions::from_mode(mode)).unwrap();
    let before = facts(&victim);
    place.folder("desk", owner());
    let at = place.dir.join(link);
    let above = at.parent().unwrap();
    if above != place.dir {
        place.folder(&format!("desk/{}", above.file_name().unwrap().to_str().unwrap()), owner());
    }
    symlink(&victim, &at).unwrap();
    owned(&at, owner());
    let up = local("up", &place.dir);
    local("down", &place.dir);
    if is_root() {
        assert_eq!(facts(&victim), before, "{link}: {up:?}");
    } else {
        // One's own link to one's own file is nobody else's business; what comes of it is an answer, never a crash.
        assert!(matches!(up.exit, 0 | 1), "{link}: {up:?}");
    }
}

/// The folder itself, or the way to it, in another's hands.
#[test]
fn a_folder_that_others_could_swap_is_refused() {
    let place = Place::new();
    let victim = place.folder("victim", third());
    symlink(&victim, &place.dir).unwrap();
    let by_link = local("up", &place.dir);
    if !is_root() {
        // For oneself a link is a way like any other.
        assert_eq!(by_link.exit, 0, "{by_link:?}");
        return;
    }
    let full = place.folder("full", Some(0));
    fs::write(full.join("something"), "of root's").unwrap();
    let theirs = place.folder("theirs", third());
    let open = place.folder("open", Some(0));
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    symlink(&open, place.file("way")).unwrap();
    let before: Vec<_> = [&victim, &full, &theirs, &open].map(|path| facts(path)).into();
    for (dir, said) in [
        (place.dir.clone(), "is a link"),
        (place.file("way").join("desk"), "is a link"),
        (full.clone(), "not empty"),
        (theirs.clone(), "belongs to 54321"),
        (theirs.join("desk"), "belongs to 54321"),
        (open.join("desk"), "others may write"),
    ] {
        let up = local("up", &dir);
        assert!(up.exit == 1 && up.err.contains(said), "{}: {up:?}", dir.display());
        let down = local("down", &dir);
        assert_eq!(down.exit, 1, "{}: {down:?}", dir.display());
    }
    let after: Vec<_> = [&victim, &full, &theirs, &open].map(|path| facts(path)).into();
    assert_eq!(after, before);
    // An empty folder of root's, made for the purpose, is taken.
    fs::remove_file(&place.dir).unwrap();
    place.folder("desk", Some(0));
    let up = local("up", &place.dir);
    assert_eq!((up.exit, fs::metadata(&place.dir).unwrap().uid()), (0, owner().unwrap()), "{up:?}");
}

/// A process that only looks like one of the desk's; ended when the test is over.
struct Stranger(&'static str, Child);

impl Stranger {
    fn new(what: &'static str, dir: &Path, owner: Option<u32>) -> Self {
        let mut command = Command::new("sleep");
        command.arg("600").stdin(Stdio::null()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        match what {
            "works in the data folder" => command.current_dir(dir.join("postgres")),
            _ => command.env("EXEAT_LOCAL_DESK", dir),
        };
        if let Some(uid) = owner {
            command.uid(uid);
        }
        Self(what, command.spawn().unwrap())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.1.kill().ok();
        self.1.wait().ok();
    }
}

#[test]
fn only_the_desks_own_processes_are_ended() {
    let place = Place::new();
    let up = local("up", &place.dir);
    assert_eq!(up.exit, 0, "{up:?}");
    let dir = place.dir.canonicalize().unwrap();
    let kinds = ["works in the data folder", "carries the mark"];
    let mut strangers: Vec<Stranger> =
        [None, owner()].iter().flat_map(|uid| kinds.map(|what| Stranger::new(what, &dir, *uid))).collect();
    // Also where the desk's own file says that one of them is its supervisor.
    let state = dir.join("run/state.json");
    let down = local("down", &place.dir);
    assert_eq!(down.exit, 0, "{down:?}");
    fs::write(&state, format!("{{\"supervisor\": {}}}", strangers[1].1.id())).unwrap();
    let down = local("down", &place.dir);
    assert_eq!(down.exit, 0, "{down:?}");
    for Stranger(what, child) in &mut strangers {
        assert!(child.try_wait().unwrap().is_none(), "what {what} was ended");
    }
    assert_eq!(processes::of(&dir), [0; 0], "the desk itself is down");
    chown(&state, owner(), owner()).unwrap();
}
