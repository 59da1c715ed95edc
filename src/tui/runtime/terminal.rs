//! The terminal: taken at the start, given back however the desk ends (leaving, an error, a panic, a signal).
//!
//! Nothing is asked of the terminal: no probe stands between the person and the first frame. A frame goes out in one
//! write, between the marks of a synchronized update, which terminals that do not know them ignore.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::Backend as _;
use ratatui::{Frame, Terminal};

use super::lean::Lean;
use crate::service::is_apart;

/// Presses and the wheel; crossterm's own command asks for every movement too, which nobody here has a use for.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// Whether the terminal is ours now: giving it back twice would disturb what came after.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the terminal tells of the mouse now.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Whether a panic gave it back.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, if it is ours: raw mode off, the old screen, cursor and colours. What fails is let go: the
/// terminal may be gone.
pub fn give_back(out: &mut impl Write) {
    if TAKEN.swap(false, Ordering::SeqCst) {
        if MOUSE.swap(false, Ordering::SeqCst) {
            let _ = out.write_all(MOUSE_OFF);
        }
        let _ = execute!(out, EndSynchronizedUpdate, ResetColor, DisableBracketedPaste, Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}

/// Makes a panic give the terminal back before its message is printed. One that costs no more than its own answer leaves
/// the desk as it is. Once a process.
pub fn hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if is_apart() {
                // Where, and not what: that may hold what a stranger wrote.
                tracing::warn!(at = panic.location().map(ToString::to_string), "a format failed");
                return;
            }
            if TAKEN.load(Ordering::SeqCst) {
                PANICKED.store(true, Ordering::SeqCst);
            }
            give_back(&mut io::stdout());
            before(panic);
        }));
    });
}

/// Collects a frame and writes it at once.
#[derive(Default)]
struct Out(Vec<u8>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // What ratatui does at its own end would draw on a screen that is the shell's again.
        if self.0.is_empty() || !TAKEN.load(Ordering::SeqCst) {
            self.0.clear();
            return Ok(());
        }
        let mut frame = Vec::with_capacity(self.0.len() + 16);
        queue!(frame, BeginSynchronizedUpdate)?;
        frame.append(&mut self.0);
        queue!(frame, EndSynchronizedUpdate)?;
        let mut out = io::stdout().lock();
        out.write_all(&frame)?;
        out.flush()
    }
}

/// The terminal while the desk has it.
pub struct Screen {
    terminal: Terminal<Lean<Out>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal; `mouse` if it is to tell of the mouse.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        hook();
        // The theme has already answered NO_COLOR; crossterm's own way would also wipe the marks that are no colour.
        crossterm::style::force_color_output(true);
        take(mouse)?;
        match Terminal::new(Lean::new(Out::default(), Self::size)) {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(why) => {
                give_back(&mut io::stdout());
                Err(why)
            }
        }
    }

    /// Columns and rows.
    pub fn size() -> io::Result<(u16, u16)> {
        crossterm::terminal::size()
    }

    /// Draws a frame.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame)) -> anyhow::Result<()> {
        let frame = self.terminal.draw(paint)?.buffer.clone();
        Ok(self.terminal.backend_mut().show(&frame)?)
    }

    /// Draws everything anew at the next frame: between two sizes the terminal may have lost what it showed.
    pub fn anew(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().clear()
    }

    /// Takes the terminal (again) and draws everything anew at the next frame.
    pub fn restart(&mut self) -> io::Result<()> {
        take(self.mouse)?;
        let (w, h) = Self::size()?;
        // Not `clear`: that asks the terminal where its cursor is.
        self.terminal.resize(ratatui::layout::Rect::new(0, 0, w, h))
    }

    /// Has the terminal tell of the mouse, or no longer.
    pub fn mouse(&mut self, wanted: bool) -> io::Result<()> {
        self.mouse = wanted;
        tell_of_mouse(wanted)
    }

    /// Gives the terminal back and stops, until the shell brings the desk back.
    pub fn suspend(&mut self) -> io::Result<()> {
        Self::leave();
        super::shell::stop()?;
        self.restart()
    }

    /// Gives the terminal back.
    pub fn leave() {
        give_back(&mut io::stdout());
    }

    /// Whether a panic somewhere gave the terminal back.
    pub fn panicked() -> bool {
        PANICKED.load(Ordering::SeqCst)
    }

    /// Puts a text on the clipboard of the person's terminal. The clipboard is an egress channel: ids only.
    pub fn copy(id: &str) -> io::Result<()> {
        let inside = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let mut out = io::stdout().lock();
        out.write_all(clip(id, inside("TMUX"), inside("STY")).as_bytes())?;
        out.flush()
    }
}

/// The sequence that sets a terminal's clipboard (OSC 52). tmux takes it itself where `set-clipboard` is on, and hands on
/// what is wrapped for it where `allow-passthrough` is: it gets both. screen only hands on.
fn clip(id: &str, tmux: bool, screen: bool) -> String {
    let code = base64::engine::general_purpose::STANDARD.encode(id);
    let plain = format!("\x1b]52;c;{code}\x07");
    match (tmux, screen) {
        (true, _) => format!("{plain}\x1bPtmux;\x1b{plain}\x1b\\"),
        (false, true) => format!("\x1bP{plain}\x1b\\"),
        (false, false) => plain,
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back(&mut io::stdout());
    }
}

fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    tell_of_mouse(mouse)
}

fn tell_of_mouse(wanted: bool) -> io::Result<()> {
    match (wanted, MOUSE.swap(wanted, Ordering::SeqCst)) {
        (true, false) => io::stdout().write_all(MOUSE_ON)?,
        (false, true) => io::stdout().write_all(MOUSE_OFF)?,
        _ => {}
    }
    io::stdout().flush()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::service::apart;

    #[test]
    fn an_id_is_copied_through_tmux_and_screen_too() {
        assert_eq!(clip("42", false, false), "\x1b]52;c;NDI=\x07");
        assert_eq!(clip("42", true, false), "\x1b]52;c;NDI=\x07\x1bPtmux;\x1b\x1b]52;c;NDI=\x07\x1b\\");
        assert_eq!(clip("42", false, true), "\x1bP\x1b]52;c;NDI=\x07\x1b\\");
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_its_message() {
        // No terminal is touched here: it counts as taken, and the hook must give it back and remember why.
        hook();
        TAKEN.store(true, Ordering::SeqCst);
        let caught = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(())));
        assert!(caught.is_err() && TAKEN.load(Ordering::SeqCst), "resuming runs no hook");
        let caught = std::panic::catch_unwind(|| assert!(std::hint::black_box(false), "on purpose"));
        assert!(caught.is_err());
        assert!(!TAKEN.load(Ordering::SeqCst) && PANICKED.swap(false, Ordering::SeqCst));
        let mut out = Vec::new();
        TAKEN.store(true, Ordering::SeqCst);
        give_back(&mut out);
        let text = String::from_utf8(out).unwrap();
        for sequence in ["\x1b[?2004l", "\x1b[?25h", "\x1b[?1049l", "\x1b[0m"] {
            assert!(text.contains(sequence), "{sequence:?} in {text:?}");
        }
        let mut again = Vec::new();
        give_back(&mut again);
        assert!(again.is_empty(), "given back once");
    }

    #[test]
    fn a_panic_apart_leaves_the_terminal_as_it_is() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "tui::runtime::terminal::tests::panics_apart_where_it_is_told_to", "--nocapture"]);
        let ran = child.env("EXEAT_TEST_PANIC", "apart").output().unwrap();
        let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
        assert!(ran.status.success(), "{said}");
        assert!(!said.contains("on purpose"), "what it says may hold what a stranger wrote: {said}");
    }

    /// In a process of its own (see the test above) it panics apart.
    #[tokio::test]
    async fn panics_apart_where_it_is_told_to() {
        if std::env::var("EXEAT_TEST_PANIC").as_deref() != Ok("apart") {
            return;
        }
        hook();
        TAKEN.store(true, Ordering::SeqCst);
        let answer = apart(Duration::from_mins(1), || assert!(std::hint::black_box(false), "on purpose")).await;
        assert!(answer.is_err() && TAKEN.load(Ordering::SeqCst) && !PANICKED.load(Ordering::SeqCst));
    }

    /// In a terminal of its own (see the test below) it takes the terminal, draws, and panics.
    #[test]
    fn panics_where_it_is_told_to() {
        if std::env::var("EXEAT_TEST_PANIC").as_deref() != Ok("1") {
            return;
        }
        let mut screen = Screen::enter(true).unwrap();
        screen.draw(|frame| frame.buffer_mut().set_string(0, 0, "drawn", ratatui::style::Style::default())).unwrap();
        assert!(std::hint::black_box(false), "on purpose");
    }

    #[test]
    fn after_a_panic_the_terminal_is_the_shells_again() {
        use nix::sys::termios::LocalFlags;
        use portable_pty::{CommandBuilder, PtySize, native_pty_system};
        let pair =
            native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tui::runtime::terminal::tests::panics_where_it_is_told_to", "--nocapture"]);
        command.env("EXEAT_TEST_PANIC", "1");
        let mut child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let read = std::thread::spawn(move || {
            let (mut all, mut some) = (Vec::new(), [0; 4096]);
            while let Ok(count @ 1..) = io::Read::read(&mut reader, &mut some) {
                all.extend_from_slice(&some[..count]);
            }
            String::from_utf8(all).unwrap()
        });
        assert!(!child.wait().unwrap().success());
        let flags = pair.master.get_termios().unwrap().local_flags.bits();
        drop(pair);
        let said = read.join().unwrap();
        let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("{text:?} in {said:?}"));
        assert!(at("\x1b[?1049h") < at("drawn") && at("drawn") < at("\x1b[?1049l"), "{said:?}");
        assert!(at("\x1b[?1049l") < at("on purpose"), "the message stands on the shell's own screen: {said:?}");
        assert!(at("\x1b[?1000h") < at("\x1b[?1000l") && at("\x1b[?25h") < at("on purpose"), "{said:?}");
        let cooked = (LocalFlags::ECHO | LocalFlags::ICANON).bits();
        assert_eq!(flags & cooked, cooked, "lines are edited and echoed again");
    }
}
