//! The desk's own budgets (design, section 8) through a pty of 120×40: first frame, first rows, key to last byte, bytes a row, idle, memory.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{home::Home, percentile};

/// What came out of the pty so far, and when the last of it came.
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    last: Option<Instant>,
}

struct Desk {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Arc<Mutex<Output>>,
    began: Instant,
    _pty: Box<dyn MasterPty + Send>,
}

impl Desk {
    fn open(words: &[&str]) -> Self {
        let pty =
            native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_exeat"));
        command.args(words);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let output = Arc::new(Mutex::new(Output::default()));
        let began = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let sink = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut chunk = vec![0; 65536];
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                let mut sink = sink.lock().unwrap();
                sink.bytes.extend_from_slice(&chunk[..read]);
                sink.last = Some(Instant::now());
            }
        });
        Self { child, keys, output, began, _pty: pty.master }
    }

    fn written(&self) -> usize {
        self.output.lock().unwrap().bytes.len()
    }

    fn screen(&self) -> String {
        let mut parser = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
        parser.process(&self.output.lock().unwrap().bytes);
        parser.screen().contents()
    }

    /// Waits until the screen says so; milliseconds since the start.
    fn until(&self, what: &str, says: impl Fn(&str) -> bool) -> f64 {
        let limit = Instant::now() + Duration::from_secs(20);
        loop {
            if says(&self.screen()) {
                let last = self.output.lock().unwrap().last.unwrap_or_else(Instant::now);
                return last.duration_since(self.began).as_secs_f64() * 1e3;
            }
            assert!(Instant::now() < limit, "never saw {what}:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until nothing was written for a while.
    fn settle(&self) {
        let mut before = usize::MAX;
        while before != self.written() {
            before = self.written();
            std::thread::sleep(Duration::from_millis(400));
        }
    }

    /// One key: milliseconds to its last byte, and the bytes.
    fn press(&mut self, key: &[u8]) -> (f64, usize) {
        let before = self.written();
        let at = Instant::now();
        self.keys.write_all(key).unwrap();
        self.keys.flush().unwrap();
        std::thread::sleep(Duration::from_millis(60));
        let output = self.output.lock().unwrap();
        let took =
            output.last.filter(|last| *last > at).map_or(0.0, |last| last.duration_since(at).as_secs_f64() * 1e3);
        (took, output.bytes.len() - before)
    }

    fn proc_line(&self, file: &str, name: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.process_id().unwrap());
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().find(|line| line.starts_with(name)).unwrap_or(&text).to_owned()
    }

    /// Clock ticks of CPU used so far, in user and kernel mode.
    fn ticks(&self) -> u64 {
        let stat = self.proc_line("stat", "\0");
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let fields: Vec<&str> = after_name.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first frame when PostgreSQL cannot be reached.
pub fn unreachable(home: &Home) {
    let path = home.dir().parent().unwrap().join("unreachable.toml");
    std::fs::write(&path, "[database]\nhost = \"/nonexistent-socket\"\nname = \"exeat\"\nuser = \"checker1\"\n")
        .unwrap();
    let mut samples: Vec<f64> = (0..5)
        .map(|_| {
            Desk::open(&["--config", path.to_str().unwrap()])
                .until("a first frame", |screen| screen.contains("Egress Files"))
        })
        .collect();
    println!("  first frame            {:>8.1} ms median of 5 (budget 50)", percentile(&mut samples, 0.5));
}

/// Everything that needs rows behind the list.
pub fn measure(home: &Home) {
    let config = home.config();
    let words = ["--config", config.to_str().unwrap(), "--as", "checker1"];
    let mut samples: Vec<f64> = (0..5)
        .map(|_| Desk::open(&words).until("rows", |screen| screen.contains("heart") && screen.contains(" of ")))
        .collect();
    println!("  first rows             {:>8.1} ms median of 5 (budget 150)", percentile(&mut samples, 0.5));

    let mut desk = Desk::open(&words);
    desk.until("rows", |screen| screen.contains("heart") && screen.contains(" of "));
    desk.settle();
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let (took, wrote) = desk.press(b"j");
        times.push(took);
        bytes.push(wrote as f64);
    }
    println!(
        "  key to last byte       {:>8.1} ms p50, {:.1} ms p99 of 200 (budget p99 10)",
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99)
    );
    println!(
        "  one row down           {:>8.0} bytes median, {:.0} largest (budget 600)",
        percentile(&mut bytes, 0.5),
        percentile(&mut bytes, 1.0)
    );
    desk.settle();
    let (ticks, written) = (desk.ticks(), desk.written());
    std::thread::sleep(Duration::from_secs(10));
    println!(
        "  idle for 10 s          {:>8} bytes written, {} ms of CPU (budget none)",
        desk.written() - written,
        (desk.ticks() - ticks) * 10
    );
    println!(
        "  memory                 {}",
        desk.proc_line("status", "VmRSS").split_whitespace().collect::<Vec<_>>().join(" ")
    );
}
