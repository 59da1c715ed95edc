//! The same scrolling in `less`, over the same rows as text, beside the desk.

use std::path::Path;
use std::process::Command;

use crate::desk::strokes;
use crate::figure;
use crate::home::Home;
use crate::terminal::Terminal;

/// The columns of the desk's list, as wide.
const ROWS: &str = "copy (select format('  %s heart    %s %s %s  %s 0/2 trusted', lpad(extract(day from now() - submitted_at)::text || 'd', 7),
    rpad(convert_from(key, 'UTF8'), 42), lpad(size::text, 9), 'csv', rpad((select login from exeat.people where id = submitted_by), 11))
  from exeat.file_versions order by submitted_at, id) to stdout;";

/// Prints `less`'s figures, and the desk's over them.
pub fn measure(home: &Home, desk: (f64, f64)) {
    if Command::new("less").arg("-V").output().is_err() {
        return figure("less", "not on this machine", "-");
    }
    let path = home.file("rows.txt");
    std::fs::write(&path, home.psql("exeat_admin", ROWS)).unwrap();
    let mut less = Terminal::open(Path::new("less"), &["-S", path.to_str().unwrap()]);
    less.until("rows", |screen| screen.contains("paper-"));
    less.settle();
    let held = strokes("less, key held: one row down", &less.hold(b"j", 300), "-");
    strokes("less, key held: half a page down", &less.hold(b"d", 100), "-");
    let (end, start) = (less.press(b"G"), less.press(b"g"));
    figure("less, G and g", &format!("{:.0} ms to the last rows, {:.0} ms back", end.rows, start.rows), "-");
    figure(
        "the desk over less, a row down",
        &format!("{:.2} of its time, {:.2} of its bytes", desk.0 / held.0, desk.1 / held.1),
        "-",
    );
}
