//! `status.toml`, beside `login.json`: what a person wants to see and which sources they opted in to. A bar is never blank for
//! a wrong setting: what is wrong is told, the default stands in. `--check` and `explain` refuse instead.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tacho_quota::{CopilotHost, Display, Source, Thresholds, Tool};

/// Every key, with what may stand there.
const KEYS: &[(&str, &str)] = &[
    ("sources", "a list of sources that are asked only on your word: claude_usage, codex_usage, cursor, opencode"),
    ("interval_seconds", "a whole number from 30 on"),
    ("warn", "a whole number of per cent from 1 to 100"),
    ("critical", "a whole number of per cent from 1 to 100"),
    ("display", "used, percent or left"),
    ("copilot_host", "github.com, or your tenant's NAME.ghe.com"),
    ("github_app_id", "the client id of your own GitHub OAuth app, for `tacho status sign-in`"),
    ("tools", "a list of tools in the order you want them: copilot, claude, codex, cursor, opencode, team"),
];

/// Between two looks, unless the settings say otherwise.
const INTERVAL_SECONDS: u64 = 60;
const SHORTEST_SECONDS: u64 = 30;
/// A settings file is a page at most; what is larger is not one.
const LARGEST: u64 = 64 << 10;

/// What the file says, with defaults for what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// The sources opted in to.
    pub(super) opted_in: Vec<Source>,
    pub(super) interval_seconds: u64,
    pub(super) warn: u64,
    pub(super) critical: u64,
    pub(super) display: Display,
    pub(super) copilot_host: CopilotHost,
    pub(super) github_app_id: Option<String>,
    pub(super) tools: Vec<Tool>,
    /// What was not understood, each with its fix.
    pub(super) complaints: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let thresholds = Thresholds::default();
        Self {
            opted_in: Vec::new(),
            interval_seconds: INTERVAL_SECONDS,
            warn: thresholds.warn().into(),
            critical: thresholds.critical().into(),
            display: Display::default(),
            copilot_host: CopilotHost::default(),
            github_app_id: None,
            tools: Vec::new(),
            complaints: Vec::new(),
        }
    }
}

type Values = BTreeMap<String, config::Value>;

impl Settings {
    /// The file's place in a folder of settings.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("status.toml")
    }

    /// Reads the file; where there is none, all is default.
    pub(super) fn read(path: &Path) -> Self {
        match text(path) {
            Ok(None) => Self::default(),
            Ok(Some(text)) => Self::parse(&text, path),
            Err(error) => Self::complaining(format!("`{}` cannot be read: {error}", path.display())),
        }
    }

    fn complaining(complaint: String) -> Self {
        Self { complaints: vec![complaint], ..Self::default() }
    }

    fn parse(text: &str, path: &Path) -> Self {
        let file = config::File::from_str(text, config::FileFormat::Toml);
        match config::Source::collect(&file) {
            Ok(values) => Self::of(&values.into_iter().collect(), path),
            Err(_) => Self::complaining(format!("`{}` is not TOML; expected lines like `warn = 75`", path.display())),
        }
    }

    fn of(values: &Values, path: &Path) -> Self {
        let mut settings = Self::default();
        let mut reading = Reading { values, path, complaints: Vec::new() };
        reading.unknown_keys();
        reading.take("sources", &mut settings.opted_in, |value| list(value, Source::parse));
        reading.take("interval_seconds", &mut settings.interval_seconds, |value| number(value, SHORTEST_SECONDS, u64::MAX));
        reading.take("warn", &mut settings.warn, |value| number(value, 1, 100));
        reading.take("critical", &mut settings.critical, |value| number(value, 1, 100));
        reading.take("display", &mut settings.display, |value| Display::parse(&word(value)?));
        reading.take("copilot_host", &mut settings.copilot_host, |value| CopilotHost::parse(&word(value)?).ok());
        reading.take("github_app_id", &mut settings.github_app_id, |value| word(value).filter(|id| is_app_id(id)).map(Some));
        reading.take("tools", &mut settings.tools, |value| list(value, Tool::parse));
        settings.complaints = reading.complaints;
        settings
    }

    pub(super) fn thresholds(&self) -> Thresholds {
        Thresholds::new(self.warn, self.critical)
    }

    /// The sources that count: those nobody has to opt in to, and those that were.
    pub(super) fn sources(&self) -> Vec<Source> {
        let counts = |source: &Source| !source.is_opt_in() || self.opted_in.contains(source);
        Source::ALL.into_iter().filter(counts).collect()
    }
}

fn text(path: &Path) -> std::io::Result<Option<String>> {
    use std::io::Read;
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(Some(text))
}

struct Reading<'a> {
    values: &'a Values,
    path: &'a Path,
    complaints: Vec<String>,
}

impl Reading<'_> {
    fn unknown_keys(&mut self) {
        let known = |name: &str| KEYS.iter().any(|(key, _)| *key == name);
        let all = || KEYS.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", ");
        let unknown = self.values.keys().filter(|name| !known(name));
        let told = unknown.map(|name| format!("`{name}` in `{}` is no setting; known: {}", self.path.display(), all()));
        self.complaints.extend(told);
    }

    /// Puts a value in its place where it is one. The value itself is not repeated: it may be a secret in the wrong place.
    fn take<T>(&mut self, key: &str, place: &mut T, read: impl Fn(&config::Value) -> Option<T>) {
        let Some(value) = self.values.get(key) else { return };
        if let Some(value) = read(value) {
            *place = value;
        } else {
            let expected = KEYS.iter().find(|(name, _)| *name == key).map_or("", |(_, expected)| expected);
            self.complaints.push(format!("`{key}` in `{}` is not understood; expected {expected}", self.path.display()));
        }
    }
}

fn word(value: &config::Value) -> Option<String> {
    match &value.kind {
        config::ValueKind::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(value: &config::Value, least: u64, most: u64) -> Option<u64> {
    let config::ValueKind::I64(number) = value.kind else { return None };
    u64::try_from(number).ok().filter(|number| (least..=most).contains(number))
}

fn list<T>(value: &config::Value, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let config::ValueKind::Array(values) = &value.kind else { return None };
    values.iter().map(|value| parse(&word(value)?)).collect()
}

/// `Iv1.…`, `Iv23…`, `Ov23…`, or twenty hexadecimal digits: letters, digits and dots, and nothing that could be a secret.
fn is_app_id(id: &str) -> bool {
    (10..=40).contains(&id.len()) && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Settings {
        Settings::parse(text, Path::new("status.toml"))
    }

    #[test]
    fn every_key_is_read() {
        let settings = parse(
            "sources = [\"cursor\", \"claude_usage\"]\ninterval_seconds = 90\nwarn = 50\ncritical = 80\ndisplay = \"left\"\n\
             copilot_host = \"octo.ghe.com\"\ngithub_app_id = \"Ov23liAbCdEfGhIjKlMn\"\ntools = [\"claude\", \"copilot\"]\n",
        );
        assert_eq!(settings.complaints, Vec::<String>::new());
        assert_eq!((settings.warn, settings.critical, settings.interval_seconds), (50, 80, 90));
        assert_eq!((settings.display, settings.copilot_host.as_str()), (Display::Left, "octo.ghe.com"));
        assert_eq!(settings.tools, [Tool::Claude, Tool::Copilot]);
        assert_eq!(settings.github_app_id.as_deref(), Some("Ov23liAbCdEfGhIjKlMn"));
        assert!(settings.sources().contains(&Source::Cursor) && !settings.sources().contains(&Source::Opencode));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_fix_and_the_rest_counts() {
        let settings = parse("warm = 5\nwarn = \"fifty\"\ninterval_seconds = 5\ncritical = 80\ncopilot_host = \"evil.example\"");
        assert_eq!((settings.warn, settings.critical, settings.interval_seconds), (75, 80, 60));
        let told = settings.complaints.join("\n");
        assert!(told.contains("`warm` in `status.toml` is no setting; known: sources, interval_seconds"), "{told}");
        assert!(told.contains("`warn` in `status.toml` is not understood; expected a whole number of per cent"), "{told}");
        assert!(told.contains("`interval_seconds`") && told.contains("from 30 on") && told.contains("`copilot_host`"), "{told}");
        assert!(!told.contains("fifty") && !told.contains("evil"), "{told}");
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_and_none_is_default() {
        assert!(parse("warn 75").complaints[0].contains("is not TOML"));
        assert_eq!(Settings::read(Path::new("/nowhere/status.toml")), Settings::default());
    }
}
