//! The person's own keys and colours: found, read, and read again when their files change. A file that is wrong changes
//! nothing: what was read last stays, and a sentence names file and line.

use std::path::{Path, PathBuf};

use crate::config::{Config, DeskConfig, settings_text};
use crate::tui::app::keymap::{Fault, Keymap};
use crate::tui::ui::{Depth, Theme, by_name, of_house};

/// What the files say.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapted {
    /// The keys.
    pub keymap: Keymap,
    /// The colours.
    pub theme: Theme,
    /// Whether the mouse is wanted.
    pub mouse: bool,
    /// What is wrong with a file, in one sentence.
    pub fault: Option<String>,
}

/// Where the files are, and what they said when they were last right.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration file the desk was started with.
    file: Option<PathBuf>,
    desk: DeskConfig,
    /// The person's own folder first, then the configuration's.
    folders: Vec<PathBuf>,
    depth: Depth,
    last: Adapted,
}

impl Settings {
    /// Settings of a configuration, for a terminal of so many colours; nothing is read yet.
    ///
    /// # Errors
    /// The house's own theme does not read.
    pub fn new(config: &Config, depth: Depth) -> anyhow::Result<Self> {
        let own = directories::ProjectDirs::from("", "", "exeat").map(|dirs| dirs.config_dir().to_owned());
        let beside = config.file.as_deref().and_then(Path::parent).map(Path::to_owned);
        let mut folders: Vec<PathBuf> = own.into_iter().chain(beside).collect();
        folders.dedup();
        let theme = if depth == Depth::Mono { by_name("mono")? } else { of_house("dark", depth)? };
        let last = Adapted { keymap: Keymap::default(), theme, mouse: config.desk.mouse, fault: None };
        Ok(Self { file: config.file.clone(), desk: config.desk.clone(), folders, depth, last })
    }

    /// What the files say now; a wrong one leaves what it said last.
    pub fn read(&mut self) -> Adapted {
        let mut faults = Vec::new();
        if let Some(file) = &self.file {
            match Config::read(file) {
                Ok(config) => self.desk = config.desk,
                Err(why) => faults.push(why.to_string()),
            }
        }
        self.last.mouse = self.desk.mouse;
        match self.keymap() {
            Ok(keymap) => self.last.keymap = keymap,
            Err(sentence) => faults.push(format!("{sentence} The keys stay as they were.")),
        }
        match self.theme() {
            Ok(theme) => self.last.theme = theme,
            Err(sentence) => faults.push(format!("{sentence} The colours stay as they were.")),
        }
        self.last.fault = faults.into_iter().next();
        self.last.clone()
    }

    /// Every file that says, or could say, something.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.file.iter().chain(&self.desk.keymap).cloned().collect();
        for folder in &self.folders {
            files.push(folder.join("keymap.toml"));
            files.extend(self.desk.theme.as_deref().and_then(plain_name).map(|name| theme_file(folder, name)));
        }
        files
    }

    fn keymap(&self) -> Result<Keymap, String> {
        let there = || self.folders.iter().map(|folder| folder.join("keymap.toml")).find(|file| file.exists());
        let Some(file) = self.desk.keymap.clone().or_else(there) else { return Ok(Keymap::default()) };
        Keymap::parse(&text(&file)?).map_err(|fault| sentence(&file, &fault))
    }

    fn theme(&self) -> Result<Theme, String> {
        // Without colours there is one theme, whatever is wished.
        if self.depth == Depth::Mono {
            return by_name("mono").map_err(|why| why.to_string());
        }
        let name = self.desk.theme.as_deref().unwrap_or("dark");
        let own = plain_name(name)
            .and_then(|name| self.folders.iter().map(|folder| theme_file(folder, name)).find(|file| file.exists()));
        match own {
            Some(file) => Theme::parse(&text(&file)?, self.depth).map_err(|fault| sentence(&file, &fault)),
            None => of_house(name, self.depth).map_err(|why| why.to_string()),
        }
    }
}

fn theme_file(folder: &Path, name: &str) -> PathBuf {
    folder.join("themes").join(format!("{name}.toml"))
}

/// The name if it names a file of the folder and nothing elsewhere.
fn plain_name(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty() && !name.contains('/') && !name.starts_with('.'))
}

fn text(file: &Path) -> Result<String, String> {
    // A pipe would be waited for.
    let why = match std::fs::metadata(file) {
        Ok(facts) if facts.is_file() => match settings_text(file) {
            Ok(text) => return Ok(text),
            Err(why) => why.to_string(),
        },
        Ok(_) => "it is no file".to_owned(),
        Err(why) => why.to_string(),
    };
    Err(format!("{} cannot be read: {why}.", file.display()))
}

fn sentence(file: &Path, fault: &Fault) -> String {
    format!("{}, line {}: {}", file.display(), fault.line, fault.sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::{Action, Key};

    fn settings(folder: &Path, desk: &str) -> Settings {
        let file = folder.join("config.toml");
        std::fs::write(&file, format!("[desk]\n{desk}\n")).unwrap();
        let config = Config::read(&file).unwrap();
        let mut settings = Settings::new(&config, Depth::Full).unwrap();
        // The folder of whoever runs the tests is nobody's business here.
        settings.folders.retain(|known| known == folder);
        settings
    }

    #[test]
    fn a_wrong_keymap_keeps_the_last_good_one_and_names_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path(), "");
        assert_eq!(settings.read().keymap, Keymap::default());
        let file = dir.path().join("keymap.toml");
        std::fs::write(&file, "[keys]\ndown = \"F7\"\n").unwrap();
        let read = settings.read();
        assert_eq!((read.keymap.action(Key::parse("F7").unwrap()), &read.fault), (Some(Action::Down), &None));
        std::fs::write(&file, "[keys]\n\ndown = \"F77\"\n").unwrap();
        let wrong = settings.read();
        assert_eq!(wrong.keymap, read.keymap, "the last good one");
        let fault = wrong.fault.unwrap();
        assert!(fault.starts_with(&format!("{}, line 3: \"F77\" is no key", file.display())), "{fault}");
        assert!(fault.ends_with("The keys stay as they were."), "{fault}");
        std::fs::remove_file(&file).unwrap();
        assert_eq!((settings.read().keymap, settings.read().fault), (Keymap::default(), None));
    }

    #[test]
    fn a_theme_of_ones_own_is_found_by_its_name_and_a_wrong_one_keeps_the_colours() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path(), "theme = \"mine\"");
        let none = settings.read();
        assert!(none.fault.unwrap().starts_with("There is no theme \"mine\""));
        assert_eq!(none.theme, by_name("dark").unwrap());
        let file = dir.path().join("themes/mine.toml");
        std::fs::create_dir(dir.path().join("themes")).unwrap();
        let text = include_str!("../../../themes/light.toml").replace("#a00000", "#ff00ff");
        std::fs::write(&file, &text).unwrap();
        let mine = settings.read();
        assert_eq!(mine.fault, None);
        assert_ne!(mine.theme, by_name("light").unwrap());
        std::fs::write(&file, text.replace("key = \"bold", "key = \"bald")).unwrap();
        let wrong = settings.read();
        assert_eq!(wrong.theme, mine.theme);
        let fault = wrong.fault.unwrap();
        assert!(fault.starts_with(&format!("{}, line 6: \"bald\" is no colour", file.display())), "{fault}");
    }

    #[test]
    fn no_colour_is_mono_whatever_is_wished() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings { depth: Depth::Mono, ..settings(dir.path(), "theme = \"light\"") };
        std::fs::create_dir(dir.path().join("themes")).unwrap();
        let text = include_str!("../../../themes/light.toml");
        for name in ["light", "mono"] {
            std::fs::write(dir.path().join(format!("themes/{name}.toml")), text).unwrap();
        }
        assert_eq!(settings.read().theme, by_name("mono").unwrap());
    }

    #[test]
    fn the_configuration_is_read_again_and_a_wrong_one_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path(), "");
        assert!(!settings.read().mouse);
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "[desk]\nmouse = true\ntheme = \"light\"\n").unwrap();
        let read = settings.read();
        assert_eq!((read.mouse, &read.theme), (true, &by_name("light").unwrap()));
        std::fs::write(&file, "[desk]\n\nmuose = false\n").unwrap();
        let wrong = settings.read();
        assert_eq!((wrong.mouse, &wrong.theme), (true, &read.theme));
        assert!(wrong.fault.unwrap().contains("config.toml, line 3: "));
    }

    #[test]
    fn what_is_no_file_or_never_ends_stops_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path(), "");
        let file = dir.path().join("keymap.toml");
        nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let faults: Vec<String> = ["it is no file", "it is no file", "larger than a megabyte", "not UTF-8"]
            .into_iter()
            .zip([None, Some("/dev/zero"), Some("large"), Some("bytes")])
            .map(|(wanted, target)| {
                std::fs::write(dir.path().join("large"), "# long\n".repeat(200_000)).unwrap();
                std::fs::write(dir.path().join("bytes"), [0xff, 0xfe]).unwrap();
                if let Some(target) = target {
                    std::fs::remove_file(&file).unwrap();
                    std::os::unix::fs::symlink(target, &file).unwrap();
                }
                let read = settings.read();
                assert_eq!(read.keymap, Keymap::default());
                let fault = read.fault.unwrap();
                assert!(fault.contains(wanted), "{fault}");
                fault
            })
            .collect();
        assert_eq!(faults.len(), 4);
        assert!(Config::read(Path::new("/dev/zero")).unwrap_err().to_string().contains("larger than a megabyte"));
    }

    #[test]
    fn a_theme_name_reaches_no_other_folder() {
        for name in ["../x", "/etc/passwd", ".hidden", ""] {
            assert_eq!(plain_name(name), None, "{name:?}");
        }
        assert_eq!(plain_name("solarized-dark"), Some("solarized-dark"));
    }
}
