//! Where on this machine things lie: our own folders, and those of the tools that are read.

use crate::{Source, fingerprint_of_folder};
use std::path::{Path, PathBuf};

/// The folders and the one program that the status looks at. What cannot be known, because there is no home, is `None`, and
/// the status works without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Where the state file and its lock lie.
    pub state: Option<PathBuf>,
    /// Our settings: `status.toml`, `login.json`, `status-token.json`.
    pub config: Option<PathBuf>,
    /// Claude Code's folder.
    pub claude: Option<PathBuf>,
    /// Codex's folder.
    pub codex: Option<PathBuf>,
    /// Where GitHub's own Copilot plugins keep `apps.json` and `hosts.json`.
    pub copilot: Option<PathBuf>,
    /// GitHub's command line program, where it is installed.
    pub gh: Option<PathBuf>,
}

/// What GitHub's program is called.
const GH: &str = if cfg!(windows) { "gh.exe" } else { "gh" };

impl Places {
    /// The places that an environment names.
    #[must_use]
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        // XDG: "If an implementation encounters a relative path ... it should consider the path invalid and ignore it"
        // (https://specifications.freedesktop.org/basedir-spec/latest/, read 2026-11-21).
        let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = folder("HOME").or_else(|| folder("USERPROFILE"));
        let at_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let config = folder("XDG_CONFIG_HOME").or_else(|| folder("APPDATA")).or_else(|| at_home(".config"));
        let state = folder("XDG_STATE_HOME").or_else(|| folder("LOCALAPPDATA")).or_else(|| at_home(".local/state"));
        let plugins = folder("XDG_CONFIG_HOME").or_else(|| folder("LOCALAPPDATA")).or_else(|| at_home(".config"));
        Self {
            state: state.map(|path| path.join("tacho")),
            config: config.map(|path| path.join("tacho")),
            claude: first(variable("CLAUDE_CONFIG_DIR")).or_else(|| at_home(".claude")),
            codex: first(variable("CODEX_HOME")).or_else(|| at_home(".codex")),
            copilot: plugins.map(|path| path.join("github-copilot")),
            gh: variable("PATH").and_then(|path| program(GH, &path)),
        }
    }

    /// The account of a source that is read on this machine: a fingerprint of the folder it is read from. `None` for all
    /// others, and where there is no such folder.
    #[must_use]
    pub fn account(&self, source: Source) -> Option<String> {
        let folder = match source {
            Source::ClaudeStatusLine => self.claude.as_deref(),
            Source::CodexLogs => self.codex.as_deref().filter(|folder| folder.join("sessions").is_dir()),
            _ => None,
        };
        folder.map(|folder| fingerprint_of_folder(source, folder))
    }
}

/// Both variables may hold several folders with commas between; the first is the one that is written to.
fn first(list: Option<String>) -> Option<PathBuf> {
    let list = list?;
    list.split(',').map(str::trim).find(|path| !path.is_empty()).map(PathBuf::from)
}

fn program(name: &str, path: &str) -> Option<PathBuf> {
    // A relative folder in PATH would make it depend on where the bar was started.
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder: PathBuf| folder.join(name)).find(|file| Path::is_file(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pairs: &[(&str, &str)]) -> Places {
        Places::of(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_home_is_enough_and_each_folder_may_lie_elsewhere() {
        let plain = places(&[("HOME", "/h")]);
        assert_eq!(plain.state, Some("/h/.local/state/tacho".into()));
        assert_eq!(plain.config, Some("/h/.config/tacho".into()));
        assert_eq!((plain.claude, plain.codex), (Some("/h/.claude".into()), Some("/h/.codex".into())));
        assert_eq!(plain.copilot, Some("/h/.config/github-copilot".into()));
        let moved = places(&[
            ("HOME", "/h"),
            ("XDG_STATE_HOME", "/s"),
            ("XDG_CONFIG_HOME", "/c"),
            ("CLAUDE_CONFIG_DIR", " /one , /two"),
            ("CODEX_HOME", "/x"),
        ]);
        assert_eq!((moved.state, moved.config), (Some("/s/tacho".into()), Some("/c/tacho".into())));
        assert_eq!((moved.claude, moved.codex), (Some("/one".into()), Some("/x".into())));
        assert_eq!(moved.copilot, Some("/c/github-copilot".into()));
    }

    #[test]
    fn without_a_home_there_is_no_place_and_a_relative_one_is_none() {
        assert_eq!(places(&[]), Places::default());
        assert_eq!(places(&[("HOME", ""), ("XDG_STATE_HOME", "state"), ("PATH", ".:bin")]), Places::default());
    }

    #[test]
    fn a_program_is_found_on_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let (empty, full) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir_all(&empty).unwrap();
        std::fs::create_dir_all(&full).unwrap();
        std::fs::write(full.join(GH), "").unwrap();
        let path = std::env::join_paths([&empty, &full]).unwrap();
        assert_eq!(places(&[("PATH", path.to_str().unwrap())]).gh, Some(full.join(GH)));
    }

    #[test]
    fn only_sources_of_this_machine_have_a_folder_for_an_account() {
        let home = tempfile::tempdir().unwrap();
        let places = places(&[("HOME", home.path().to_str().unwrap())]);
        assert_eq!((places.account(Source::Copilot), places.account(Source::CodexLogs)), (None, None));
        std::fs::create_dir_all(home.path().join(".codex/sessions")).unwrap();
        assert!(places.account(Source::CodexLogs).is_some());
        assert!(places.account(Source::ClaudeStatusLine).is_some());
    }
}
