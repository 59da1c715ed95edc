//! The desk's own budgets (design, section 8) through a terminal of 120×40: first frame, first rows, key to last byte,
//! bytes a row, orders and ends of the list, idle, memory.

use std::path::Path;
use std::time::Duration;

use crate::home::Home;
use crate::terminal::{Stroke, Terminal};
use crate::{figure, percentile};

const EXEAT: &str = env!("CARGO_BIN_EXE_exeat");

/// How long the idle desk is looked at.
const IDLE: Duration = Duration::from_secs(20);

fn open(config: &Path, login: &str) -> Terminal {
    Terminal::open(Path::new(EXEAT), &["--config", config.to_str().unwrap(), "--as", login])
}

/// The first frame when PostgreSQL cannot be reached.
pub fn unreachable(home: &Home) {
    let path = home.file("unreachable.toml");
    std::fs::write(&path, "[database]\nhost = \"/nonexistent-socket\"\nname = \"exeat\"\nuser = \"checker1\"\n")
        .unwrap();
    let mut samples: Vec<f64> = (0..9)
        .map(|_| {
            Terminal::open(Path::new(EXEAT), &["--config", path.to_str().unwrap()])
                .until("a first frame", |screen| screen.contains("Egress Files"))
        })
        .collect();
    figure("first frame", &first(&mut samples), "50 ms");
}

fn first(samples: &mut [f64]) -> String {
    let (fastest, slowest) = (percentile(samples, 0.0), percentile(samples, 1.0));
    format!("{:.1} ms median of {} ({fastest:.1} to {slowest:.1})", percentile(samples, 0.5), samples.len())
}

/// A line of strokes: the two times and the bytes of a key.
pub fn strokes(name: &str, strokes: &[Stroke], budget: &str) -> (f64, f64) {
    let (mut frame, mut rest, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for stroke in strokes {
        frame.push(stroke.frame);
        rest.push(stroke.rest);
        bytes.push(stroke.bytes);
    }
    let (median, bytes_median) = (percentile(&mut frame, 0.5), percentile(&mut bytes, 0.5));
    figure(
        name,
        &format!(
            "{median:.1} ms p50, {:.1} ms p99 to the last byte of its frame; {:.0} ms p50 to rest; {bytes_median:.0} bytes median, {:.0} largest (of {})",
            percentile(&mut frame, 0.99),
            percentile(&mut rest, 0.5),
            percentile(&mut bytes, 1.0),
            strokes.len()
        ),
        budget,
    );
    (median, bytes_median)
}

/// Everything that needs files behind the list. Returns what a held key costs, to be compared: milliseconds and bytes.
pub fn measure(home: &Home) -> (f64, f64) {
    let config = home.config();
    let mut samples: Vec<f64> =
        (0..7).map(|_| open(&config, "checker1").until("rows", |screen| screen.contains("paper-"))).collect();
    figure(
        "first rows (what needs me)",
        &format!(
            "{:.1} ms median, {:.1} ms slowest of 7",
            percentile(&mut samples, 0.5),
            percentile(&mut samples, 1.0)
        ),
        "150 ms",
    );

    let mut desk = open(&config, "checker1");
    desk.until("rows", |screen| screen.contains("paper-"));
    desk.settle();
    for key in [&b"/"[..], b"\x15", b"\r"] {
        desk.press(key);
    }
    desk.until("everything", |screen| screen.contains("everything") && screen.contains("paper-"));
    desk.settle();
    let pressed: Vec<Stroke> = (0..100).map(|_| desk.press(b"j")).collect();
    strokes("key: one row down", &pressed, "p99 10 ms, 600 bytes");
    let held = strokes("key held: one row down", &desk.hold(b"j", 300), "p99 10 ms, 600 bytes");
    strokes("key held: half a page down", &desk.hold(b"\x04", 100), "p99 10 ms");
    let memory = resident(&desk);
    ends(&mut desk, "longest waiting");
    for order in ["largest", "by name", "by state"] {
        let stroke = desk.press(b"s");
        desk.until(order, |screen| screen.contains(order));
        figure(&format!("order: {order}"), &format!("{:.0} ms to its first rows", stroke.rows), "-");
        ends(&mut desk, order);
    }
    desk.settle();
    let (cpu, written) = (desk.cpu(), desk.written());
    std::thread::sleep(IDLE);
    figure(
        "idle for 20 s",
        &format!("{} bytes written, {} ms of CPU", desk.written() - written, desk.cpu() - cpu),
        "none but the clock",
    );
    figure("memory", &format!("{memory} MB after scrolling, {} MB at the end", resident(&desk)), "64 MB");
    held
}

/// To the true end of the list and back.
fn ends(desk: &mut Terminal, order: &str) {
    let (end, start) = (desk.press(b"G"), desk.press(b"g"));
    figure(
        &format!("G and g, {order}"),
        &format!("{:.0} ms to the last rows, {:.0} ms back", end.rows, start.rows),
        "-",
    );
}

/// The two tabs of access, as a steward.
pub fn measure_access(home: &Home) {
    let mut samples: Vec<f64> = (0..7)
        .map(|_| open(&home.config(), "steward1").until("rows", |screen| screen.contains("researcher")))
        .collect();
    figure("requests: first rows", &first(&mut samples), "150 ms");
    let mut desk = open(&home.config(), "steward1");
    desk.until("rows", |screen| screen.contains("researcher"));
    desk.settle();
    for (tab, key) in [("requests", b"2"), ("grants", b"3")] {
        let stroke = desk.press(key);
        desk.until("rows", |screen| screen.contains("researcher"));
        if tab == "grants" {
            figure("grants: from the key to the rows", &format!("{:.0} ms", stroke.rows), "150 ms");
        }
        for key in [&b"/"[..], b"\x15", b"\r"] {
            desk.press(key);
        }
        desk.settle();
        strokes(&format!("{tab}: key held, one row down"), &desk.hold(b"j", 200), "p99 10 ms, 600 bytes");
        ends(&mut desk, tab);
    }
    figure("memory", &format!("{} MB", resident(&desk)), "64 MB");
}

/// The tab of permits, as a person: from a key to the rows it asks for.
pub fn measure_permits(home: &Home, login: &str) {
    let mut desk = open(&home.config(), login);
    desk.until("live", |screen| screen.contains("live"));
    desk.press(b"4");
    desk.until("rows", |screen| screen.contains("BULK-"));
    desk.settle();
    let (mut all, mut mine) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        all.push(desk.press(b"e").rows);
        desk.settle();
        mine.push(desk.press(b"m").rows);
        desk.settle();
    }
    figure("permits: everything", &first(&mut all), "150 ms");
    figure("permits: the first view", &first(&mut mine), "150 ms");
    strokes("permits: key held, one row down", &desk.hold(b"j", 200), "p99 10 ms, 600 bytes");
}

fn resident(desk: &Terminal) -> u64 {
    let line = desk.proc_line("status", "VmRSS");
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
