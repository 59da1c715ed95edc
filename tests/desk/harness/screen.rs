//! What the screen says, read from its fixed places.

use exeat::tui::ui::draw;
use ratatui::Terminal;
use ratatui::backend::{Backend as _, TestBackend};
use ratatui::buffer::{Buffer, Cell};

use super::Desk;

impl Desk {
    /// The screen and where its cursor stands, if it is seen.
    fn drawn(&self) -> (Buffer, Option<(u16, u16)>) {
        let (w, h) = self.size();
        let mut terminal = Terminal::new(TestBackend::new(w, h)).unwrap();
        terminal.draw(|frame| draw(frame, &self.model, &self.look, self.editor.as_ref())).unwrap();
        let at = terminal.backend_mut().get_cursor_position().unwrap();
        // Where the cursor is hidden it was never moved from the corner, in which no field stands.
        let cursor = ((at.x, at.y) != (0, 0)).then_some((at.x, at.y));
        (terminal.backend().buffer().clone(), cursor)
    }

    /// The screen.
    pub fn buffer(&self) -> Buffer {
        self.drawn().0
    }

    /// The screen as lines of text, blanks at line ends left out.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let line = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        let lines: Vec<String> = (0..buffer.area.height).map(|y| line(y).trim_end().to_owned()).collect();
        lines.join("\n") + "\n"
    }

    /// One line of it, from 0.
    pub fn line(&self, y: usize) -> String {
        self.screen().lines().nth(y).unwrap_or_default().to_owned()
    }

    /// The same desk on a terminal on which no line of the table's page needs to be cut or wrapped.
    fn at_ease(&self) -> Self {
        let mut desk = self.again();
        desk.resize(400, 27);
        desk
    }

    /// That a text is on the screen.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
    }

    /// That it is not.
    #[track_caller]
    pub fn shows_not(&self, text: &str) {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on the screen:\n{screen}");
    }

    /// The key bar.
    pub fn bar(&self) -> String {
        self.screen().lines().last().unwrap_or_default().to_owned()
    }

    /// What the foot said last, above what is counted down or under way there; empty if nothing was said.
    pub fn toast(&self) -> String {
        let screen = self.at_ease().screen();
        let goes_on = |line: &&str| line.contains(" is released in ") || line.starts_with(" Downloading ");
        let said = screen.lines().rev().skip(1).find(|line| !goes_on(line));
        said.unwrap_or_default().trim().to_owned()
    }

    /// The filter line: what is being typed, or what the list was asked for; empty where that is everything.
    pub fn filter(&self) -> String {
        let line = self.at_ease().line(2);
        let (_, typed) = line.split_once("/ ").unwrap_or_else(|| panic!("no filter line:\n{}", self.screen()));
        let typed = typed.split("  ").next().unwrap_or_default().trim();
        if typed == "everything" { String::new() } else { typed.to_owned() }
    }

    /// What the filter line offers, in the order of the box under it.
    pub fn offers(&self) -> Vec<String> {
        if self.title().as_deref() != Some("Tab takes, Up and Down choose") {
            return Vec::new();
        }
        let name =
            |line: &String| line.trim_start_matches('>').trim().split("  ").next().unwrap_or_default().to_owned();
        self.box_lines().iter().map(name).collect()
    }

    /// State of the connection, as the head says it.
    pub fn link(&self) -> String {
        let head = self.at_ease().line(0);
        let words: Vec<&str> = head.split("  ").map(str::trim).filter(|words| !words.is_empty()).collect();
        words[words.len().saturating_sub(2)].to_owned()
    }

    /// The line of the table that has the cursor.
    #[track_caller]
    pub fn row_under_cursor(&self) -> String {
        let screen = self.screen();
        let here: Vec<&str> = screen.lines().skip(4).filter(|line| line.starts_with('>')).collect();
        assert_eq!(here.len(), 1, "one row has the cursor:\n{screen}");
        here[0].to_owned()
    }

    /// Whether nothing lies over the page: its own keys are on the key bar.
    pub fn is_clear(&self) -> bool {
        let bar = self.bar();
        assert!(bar.contains("actions") || bar.contains("F1 help") || bar.contains("F2 help"), "{}", self.screen());
        bar.contains("actions")
    }

    /// The lines of the topmost box: where its frame begins, left and up.
    fn corner(&self) -> Option<(usize, usize)> {
        let screen = self.screen();
        let corners =
            screen.lines().enumerate().filter_map(|(y, line)| Some((line.chars().position(|c| c == '┌')?, y)));
        corners.last()
    }

    /// The title of the topmost box, if there is one: of a dialog, an editor, the offers.
    pub fn title(&self) -> Option<String> {
        let (x, y) = self.corner()?;
        let line: String = self.line(y).chars().skip(x).collect();
        let title = line.trim_start_matches(['┌', '─']).split(" ─").next().unwrap_or_default();
        Some(title.trim_end_matches('┐').trim().to_owned())
    }

    /// The lines inside the topmost box, without its frame.
    pub fn box_lines(&self) -> Vec<String> {
        let Some((x, y)) = self.corner() else { return Vec::new() };
        let screen = self.screen();
        let inner = |line: &str| -> Option<String> {
            let mut cells = line.chars().skip(x);
            (cells.next() == Some('│')).then(|| cells.take_while(|c| *c != '│').collect())
        };
        screen.lines().skip(y + 1).map_while(inner).map(|line| line.trim_end().to_owned()).collect()
    }

    /// The same as one text: the lines joined by blanks.
    pub fn inside(&self) -> String {
        self.box_lines().iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// What a label of a dialog, or of the detail, says: what stands beside it, and below where that goes on.
    pub fn said_of(&self, label: &str) -> Option<String> {
        let lines = if self.corner().is_some() {
            self.box_lines()
        } else {
            self.screen().lines().map(|line| line.split(" │").next().unwrap_or_default().to_owned()).collect()
        };
        let mut lines = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
        let begins = |line: &&str| line.trim_start().starts_with(&format!("{label} "));
        let first = lines.find(begins)?;
        let indent = first.len() - first.trim_start().len() + 10;
        let goes_on = |line: &&str| line.len() > indent && line[..indent].trim().is_empty();
        let texts = std::iter::once(&first[indent.min(first.len())..]).chain(lines.take_while(goes_on).map(str::trim));
        Some(texts.map(str::trim).collect::<Vec<_>>().join(" "))
    }

    /// What a field of one line holds, in the topmost dialog.
    pub fn field(&self, label: &str) -> String {
        let lines = self.box_lines();
        let holds = |line: &String| Some(line.strip_prefix(&format!(" {label} "))?.trim().to_owned());
        lines.iter().find_map(holds).unwrap_or_else(|| panic!("no {label}:\n{}", self.screen()))
    }

    /// Where the keys of the topmost dialog go: `No`, `Yes`, `Back`, or the label of a field.
    pub fn focus(&self) -> String {
        let (buffer, cursor) = self.drawn();
        let (x, _) = self.corner().unwrap_or_else(|| panic!("no dialog:\n{}", self.screen()));
        let buttons = self.box_lines().pop().unwrap_or_default();
        if let Some((_, button)) = buttons.split_once("[ ") {
            let button = button.trim_end_matches(']').split(" ]").next().unwrap_or_default();
            return if button.starts_with("No") || button.starts_with("Back") { button } else { "Yes" }.to_owned();
        }
        let label = |y: u16| {
            let line: String = self.line(usize::from(y)).chars().skip(x + 2).take(10).collect();
            line.trim().to_owned()
        };
        if let Some((_, y)) = cursor {
            return label(y);
        }
        // A choice has no cursor: it has the look of what is under one.
        let chosen = |cell: &Cell| {
            let look = self.look.theme.cursor;
            cell.symbol() == "<" && cell.modifier.contains(look.add_modifier) && look.bg.is_none_or(|bg| cell.bg == bg)
        };
        let all = |y| (0..buffer.area.width).map(move |x| (x, y));
        let at = (0..buffer.area.height).flat_map(all).find(|at| chosen(&buffer[*at]));
        label(at.unwrap_or_else(|| panic!("the keys go nowhere:\n{}", self.screen())).1)
    }
}
