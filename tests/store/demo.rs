//! `exeat demo` on a terminal of its own: the desk opens with the sample's files, and whatever ends it, nothing stays behind.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

struct Demo {
    tmp: tempfile::TempDir,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Demo {
    fn open() -> Self {
        let tmp = tempfile::tempdir().unwrap();
        let pty =
            native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_exeat"));
        command.arg("demo");
        command.env("TMPDIR", tmp.path());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(40.try_into().unwrap(), 120.try_into().unwrap(), 0)));
        let (mut out, seen) = (pty.master.try_clone_reader().unwrap(), screen.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..n]);
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self { tmp, child, keys, screen, _terminal: pty.master }
    }

    fn shows(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    fn wait_for(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.shows().contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(90), "no {text:?} on the screen:\n{}", self.shows());
            assert!(self.child.try_wait().unwrap().is_none(), "the demo ended:\n{}", self.shows());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Nothing of the desk lives and its folder is gone.
    fn leaves_nothing(&self, dir: &std::path::Path) {
        let begun = Instant::now();
        while !exeat::local::processes::of(dir).is_empty()
            || std::fs::read_dir(self.tmp.path()).unwrap().next().is_some()
        {
            assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", exeat::local::processes::of(dir));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn dir(&self) -> std::path::PathBuf {
        let above = std::fs::read_dir(self.tmp.path()).unwrap().next().unwrap().unwrap().path();
        above.join("desk")
    }
}

#[test]
fn the_demo_shows_files_and_goes_with_its_folder() {
    let mut demo = Demo::open();
    demo.wait_for("heart");
    assert!(demo.shows().contains("checker1"), "{}", demo.shows());
    let dir = demo.dir();
    demo.keys.write_all(b"q").unwrap();
    let begun = Instant::now();
    while demo.child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_mins(1), "q does not leave:\n{}", demo.shows());
        std::thread::sleep(Duration::from_millis(20));
    }
    demo.leaves_nothing(&dir);
}

#[test]
fn a_killed_demo_takes_its_desk_with_it() {
    let mut demo = Demo::open();
    demo.wait_for("heart");
    let dir = demo.dir();
    kill(Pid::from_raw(i32::try_from(demo.child.process_id().unwrap()).unwrap()), Signal::SIGKILL).unwrap();
    demo.child.wait().unwrap();
    // Its own folder is root's where root started it: only what the desk's owner could write goes with the supervisor.
    let begun = Instant::now();
    while !exeat::local::processes::of(&dir).is_empty() || dir.join("postgres").exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", exeat::local::processes::of(&dir));
        std::thread::sleep(Duration::from_millis(20));
    }
}
