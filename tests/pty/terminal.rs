//! A pseudo-terminal with the desk in it, read by a terminal emulator and kept byte by byte.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long anything may take before a test gives up; never what is measured.
const PATIENCE: Duration = Duration::from_secs(30);

/// A desk in a terminal.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
    _home: tempfile::TempDir,
}

struct Seen {
    raw: Vec<u8>,
    screen: vt100::Parser,
}

/// A configuration for a database on a socket and a person; the role is the person's own.
pub fn config(dir: &Path, host: &str, database: &str, role: &str) -> std::path::PathBuf {
    let file = dir.join(format!("{role}.toml"));
    let text = format!(
        "[database]\nhost = \"{host}\"\nname = \"{database}\"\nuser = \"{role}\"\n[desk]\ntitle = \"Test TRE\"\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

impl Terminal {
    /// Starts the desk with a configuration.
    pub fn open(config: &Path, cols: u16, rows: u16) -> Self {
        Self::open_with(config, cols, rows, &[])
    }

    /// The same with some variables of the environment set, or set to something else.
    pub fn open_with(config: &Path, cols: u16, rows: u16, env: &[(&str, &str)]) -> Self {
        Self::run(&[env!("CARGO_BIN_EXE_exeat").as_ref(), "--config".as_ref(), config.as_ref()], cols, rows, env)
    }

    /// The same from a shell script, which has program and configuration as `$0` and `$1`.
    pub fn from_shell(flags: &str, script: &str, config: &Path, cols: u16, rows: u16) -> Self {
        let program = env!("CARGO_BIN_EXE_exeat");
        let line: [&std::ffi::OsStr; 5] =
            ["sh".as_ref(), flags.as_ref(), script.as_ref(), program.as_ref(), config.as_ref()];
        Self::run(&line, cols, rows, &[("PATH", "/usr/bin:/bin")])
    }

    fn run(line: &[&std::ffi::OsStr], cols: u16, rows: u16, env: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(line[0]);
        command.args(&line[1..]);
        command.env_clear();
        command.env("HOME", home.path());
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")].iter().chain(env) {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let at = |cells: u16| std::num::NonZero::new(cells).unwrap();
        let seen = Arc::new(Mutex::new(Seen { raw: Vec::new(), screen: vt100::Parser::new(at(rows), at(cols), 0) }));
        let into = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut seen = into.lock().unwrap();
                seen.raw.extend_from_slice(&buffer[..count]);
                seen.screen.process(&buffer[..count]);
            }
        });
        Self { master: pair.master, keys, child, seen, _home: home }
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// Every byte written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.lock().unwrap().raw.clone()
    }

    /// Whether the program has the other screen now.
    pub fn alternate(&self) -> bool {
        self.seen.lock().unwrap().screen.screen().alternate_screen()
    }

    /// Whether the cursor is hidden.
    pub fn cursor_hidden(&self) -> bool {
        self.seen.lock().unwrap().screen.screen().hide_cursor()
    }

    /// Waits until something is true.
    pub fn until(&self, what: &str, fits: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !fits(self) {
            assert!(since.elapsed() < PATIENCE, "{what} never came; the screen is\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the screen shows a text.
    pub fn shows(&self, text: &str) {
        self.until(text, |terminal| terminal.screen().contains(text));
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Types after a pause in which a dialog becomes ready to be answered.
    pub fn send_meant(&mut self, keys: &str) {
        std::thread::sleep(Duration::from_millis(400));
        self.send(keys);
    }

    /// Makes the terminal another size, as dragging its corner does.
    pub fn resize(&self, cols: u16, rows: u16) {
        let at = |cells: u16| std::num::NonZero::new(cells).unwrap();
        self.seen.lock().unwrap().screen.screen_mut().set_size(at(rows), at(cols));
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The process id of what was started: the desk, or the shell before it.
    pub fn pid(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap())
    }

    /// Sends a signal to the desk.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(self.pid(), signal).unwrap();
    }

    /// Whether the terminal echoes and edits lines, as a shell needs it.
    pub fn cooked(&self) -> bool {
        use nix::sys::termios::LocalFlags;
        let termios = self.master.get_termios().unwrap();
        // The emulator's crate has another version of these flags; the bits are the system's own.
        let wanted = (LocalFlags::ECHO | LocalFlags::ICANON).bits();
        termios.local_flags.bits() & wanted == wanted
    }

    /// Whether the process is stopped.
    pub fn stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    /// Waits for the end.
    pub fn ended(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "it does not end; the screen is\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The drafts that a person's desks keep below their home.
pub fn drafts(home: &Path) -> Vec<PathBuf> {
    let below = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    below(home.join(".local/state/exeat/drafts"))
        .flat_map(below)
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect()
}
