//! A program in a terminal of 120×40: keys go in, and what comes out is kept with the moment it came.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Without output for so long the screen rests: votes and comments of a row are asked for 60 ms after the last key.
const REST: Duration = Duration::from_millis(200);
/// The end of one frame of the desk; `less` marks none.
const FRAME: &[u8] = b"\x1b[?2026l";
/// A frame of fewer bytes changes no screenful of rows.
const SCREENFUL: usize = 800;

/// What came out, piece by piece.
type Pieces = Arc<(Mutex<Vec<(Instant, Vec<u8>)>>, Condvar)>;

/// What one key did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stroke {
    /// Milliseconds to the last byte of the first frame.
    pub frame: f64,
    /// Milliseconds to the last byte of the last frame with other rows; of the only one where a program marks none.
    pub rows: f64,
    /// Milliseconds until the screen rested: votes, comments and counts may come after the rows.
    pub rest: f64,
    /// Bytes until then.
    pub bytes: f64,
}

/// The program.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    pieces: Pieces,
    parser: vt100::Parser,
    /// Pieces the parser has seen.
    read: usize,
    began: Instant,
    _pty: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts a program.
    pub fn open(program: &Path, words: &[&str]) -> Self {
        let pty =
            native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(words);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("LESSHISTFILE", "-");
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let pieces = Pieces::default();
        let began = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let sink = Arc::clone(&pieces);
        std::thread::spawn(move || {
            let mut some = vec![0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut some) {
                let at = Instant::now();
                sink.0.lock().unwrap().push((at, some[..count].to_vec()));
                sink.1.notify_all();
            }
        });
        let parser = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
        Self { child, keys, pieces, parser, read: 0, began, _pty: pty.master }
    }

    /// Pieces so far.
    fn count(&self) -> usize {
        self.pieces.0.lock().unwrap().len()
    }

    /// Bytes so far.
    pub fn written(&self) -> usize {
        self.pieces.0.lock().unwrap().iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Waits until the screen says so; milliseconds from the start to the piece that made it.
    pub fn until(&mut self, what: &str, says: impl Fn(&str) -> bool) -> f64 {
        let limit = Instant::now() + Duration::from_mins(1);
        loop {
            let piece = self.pieces.0.lock().unwrap().get(self.read).cloned();
            if let Some((at, bytes)) = piece {
                self.read += 1;
                self.parser.process(&bytes);
                if says(&self.parser.screen().contents()) {
                    return at.duration_since(self.began).as_secs_f64() * 1e3;
                }
                continue;
            }
            assert!(Instant::now() < limit, "never saw {what}:\n{}", self.parser.screen().contents());
            let pieces = self.pieces.0.lock().unwrap();
            if pieces.len() == self.read {
                drop(self.pieces.1.wait_timeout(pieces, Duration::from_millis(100)).unwrap());
            }
        }
    }

    /// Waits until nothing was written for a while.
    pub fn settle(&self) {
        let mut before = usize::MAX;
        while before != self.count() {
            before = self.count();
            std::thread::sleep(2 * REST);
        }
    }

    fn type_in(&mut self, key: &[u8]) -> Instant {
        let at = Instant::now();
        self.keys.write_all(key).unwrap();
        self.keys.flush().unwrap();
        at
    }

    /// One key; waits until the screen rests.
    pub fn press(&mut self, key: &[u8]) -> Stroke {
        let before = self.count();
        let at = self.type_in(key);
        let mut seen = before;
        let mut last = at;
        while last.max(Instant::now()).duration_since(last) < REST {
            std::thread::sleep(Duration::from_millis(10));
            let pieces = self.pieces.0.lock().unwrap();
            if pieces.len() > seen {
                seen = pieces.len();
                last = pieces[seen - 1].0;
            }
        }
        self.stroke(at, before, seen)
    }

    /// A key held down: so many times at the rate of a keyboard, thirty a second; then the screen comes to rest.
    pub fn hold(&mut self, key: &[u8], times: usize) -> Vec<Stroke> {
        let strokes = (0..times)
            .map(|_| {
                let before = self.count();
                let at = self.type_in(key);
                std::thread::sleep(Duration::from_millis(33));
                self.stroke(at, before, self.count())
            })
            .collect();
        self.settle();
        strokes
    }

    fn stroke(&self, at: Instant, from: usize, until: usize) -> Stroke {
        let pieces = self.pieces.0.lock().unwrap();
        let since = |then: &Instant| then.duration_since(at).as_secs_f64() * 1e3;
        let ended = |(_, bytes): &&(Instant, Vec<u8>)| bytes.windows(FRAME.len()).any(|window| window == FRAME);
        let mine = &pieces[from..until];
        let rest = mine.last().map_or(0.0, |(then, _)| since(then));
        let (mut rows, mut frame) = (None, 0);
        for piece in mine {
            frame += piece.1.len();
            if ended(&piece) {
                rows = if frame >= SCREENFUL { Some(since(&piece.0)) } else { rows };
                frame = 0;
            }
        }
        Stroke {
            frame: mine.iter().find(ended).map_or(rest, |(then, _)| since(then)),
            rows: rows.unwrap_or(rest),
            rest,
            #[expect(clippy::cast_precision_loss, reason = "bytes of a frame")]
            bytes: mine.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() as f64,
        }
    }

    /// A line of one of the process's files under /proc.
    pub fn proc_line(&self, file: &str, name: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.process_id().unwrap());
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().find(|line| line.starts_with(name)).unwrap_or(&text).to_owned()
    }

    /// Milliseconds of CPU used so far, in user and kernel mode; the kernel counts in steps of ten.
    pub fn cpu(&self) -> u64 {
        let stat = self.proc_line("stat", "\0");
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let fields: Vec<&str> = after_name.split(' ').collect();
        (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
