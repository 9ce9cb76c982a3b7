//! Everything that follows from command line, environment and settings, before a number is read.

use super::Status;
use super::settings::Settings;
use crate::config::Environment;
use crate::door;
use crate::login_file::LoginFile;
use jiff::tz::TimeZone;
use std::io::IsTerminal;
use tacho_domain::{Clock, Instant};
use tacho_quota::{
    About, Choice, Format, Given, Look, Options, Places, ServerLogin, Source, State, StateFile, Thresholds, Tokens, Tool, View,
    check_address,
};
use url::Url;

/// The variable that sends a source's questions elsewhere begins so; the source's name in capitals follows.
const ADDRESS: &str = "TACHO_STATUS_URL_";

/// What every mode of the command works with.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) places: Places,
    pub(super) settings: Settings,
    pub(super) options: Options,
    pub(super) choice: Choice,
    pub(super) look: Look,
    pub(super) clock: Clock,
    /// What is to be told beside the numbers: a setting that was not understood.
    pub(super) remarks: Vec<String>,
    given: Given,
}

impl Scene {
    /// Sets it. What is wrong becomes a remark, and the default stands in.
    pub(super) fn of(status: &Status, environment: &Environment) -> Self {
        let variable = |name: &str| environment.get(name).map(str::to_owned);
        let places = Places::of(&variable);
        let settings = places.config.as_deref().map(|folder| Settings::read(&Settings::path(folder))).unwrap_or_default();
        let mut remarks = settings.complaints.clone();
        let choice = choice(status, &settings);
        let options = options(&settings, &choice, environment, &mut remarks);
        let look = look(status, &settings, &options, &places, environment);
        Self { places, settings, options, choice, look, clock: door::clock(), remarks, given: Given::of(&variable) }
    }

    pub(super) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// The state file; `None` where there is no place for one.
    pub(super) fn file(&self) -> Option<StateFile> {
        self.places.state.as_deref().map(StateFile::in_folder)
    }

    /// What is known, and a remark where the file cannot be used.
    pub(super) fn state(&self) -> (State, Option<String>) {
        match self.file().map(|file| file.read()) {
            None => (State::default(), None),
            Some(Ok(state)) => (state, None),
            Some(Err(unreadable)) => (State::default(), Some(unreadable.to_string())),
        }
    }

    /// What is to be shown of a state now.
    pub(super) fn view(&self, state: &State) -> View {
        let view = View::of(state, &self.choice, self.now());
        View { remarks: self.remarks.clone(), ..view }
    }

    /// Where tokens are found.
    pub(super) fn tokens(&self) -> Tokens {
        Tokens::new(self.places.clone(), self.given.clone())
    }
}

fn choice(status: &Status, settings: &Settings) -> Choice {
    let tools = match (status.tool.is_empty(), status.format) {
        (false, _) => status.tool.clone(),
        // The row stands inside of Claude Code: it is about Claude unless somebody says otherwise.
        (true, Format::ClaudeStatusline) => vec![Tool::Claude],
        (true, _) => settings.tools.clone(),
    };
    let told = settings.thresholds();
    let thresholds = Thresholds::new(status.warn.unwrap_or(told.warn().into()), status.crit.unwrap_or(told.critical().into()));
    let display = status.display.unwrap_or(settings.display);
    Choice { tools, sources: settings.sources(), thresholds, display }
}

/// What is asked: nothing that would not be shown.
fn options(settings: &Settings, choice: &Choice, environment: &Environment, remarks: &mut Vec<String>) -> Options {
    let is_wanted = |source: &Source| choice.tools.is_empty() || choice.tools.contains(&source.tool());
    let mut options = Options {
        sources: choice.sources.iter().copied().filter(is_wanted).collect(),
        interval: std::time::Duration::from_secs(settings.interval_seconds),
        copilot_host: settings.copilot_host.clone(),
        ..Options::default()
    };
    for source in Source::ALL {
        let name = format!("{ADDRESS}{}", source.as_str().to_uppercase());
        let Some(text) = environment.get(&name) else { continue };
        match Url::parse(text)
            .map_err(|error| error.to_string())
            .and_then(|url| check_address(&url).map(|()| url).map_err(|error| error.to_string()))
        {
            Ok(url) => drop(options.addresses.insert(source, url)),
            Err(error) => remarks.push(format!("{name}: {error}")),
        }
    }
    // Without a login there is nobody to ask, and no need to find that out again and again.
    match LoginFile::of(environment).and_then(|file| file.read()) {
        Ok(Some(login)) => options.server = Some(ServerLogin { url: login.server, token: login.token }),
        Ok(None) => drop(options.sources.remove(&Source::Server)),
        Err(failure) => {
            options.sources.remove(&Source::Server);
            // No home at all is no mistake of anybody's.
            if environment.get("HOME").is_some() {
                remarks.push(failure.to_string());
            }
        }
    }
    options
}

fn look(status: &Status, settings: &Settings, options: &Options, places: &Places, environment: &Environment) -> Look {
    let ansi = matches!(status.format, Format::Line);
    // A terminal alone takes ANSI; the bars have a notation of their own and are never a terminal.
    let colour = environment.get("NO_COLOR").is_none() && (!ansi || std::io::stdout().is_terminal());
    let tells_times = status.what.is_some()
        || !matches!(
            status.format,
            Format::Line | Format::Tmux | Format::Starship | Format::Polybar | Format::I3blocks | Format::Json
        );
    Look {
        colour,
        columns: environment.get("COLUMNS").and_then(|text| text.parse().ok()),
        ascii: status.ascii || !speaks_utf8(environment),
        // Reading the machine's zone takes files that a line without times can do without.
        zone: if tells_times { TimeZone::system() } else { TimeZone::UTC },
        about: About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            state_file: places.state.as_deref().map(|folder| StateFile::in_folder(folder).path().display().to_string()),
            interval_seconds: settings.interval_seconds,
            copilot_host: Some(options.copilot_host.to_string()),
            server: options.server.as_ref().map(|login| login.url.to_string()),
            notes: Vec::new(),
        },
    }
}

/// Whether the locale takes more than ASCII: the first of these that is set decides, as everywhere. None set: bars and editors
/// start programs without a locale and read UTF-8 all the same.
fn speaks_utf8(environment: &Environment) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| environment.get(name));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides_about_characters() {
        let utf8 = |pairs: &[(&str, &str)]| speaks_utf8(&Environment::of(pairs));
        assert!(utf8(&[]) && utf8(&[("LANG", "de_DE.UTF-8")]) && utf8(&[("LANG", "C"), ("LC_ALL", "C.utf8")]));
        assert!(!utf8(&[("LANG", "C")]) && !utf8(&[("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")]));
    }
}
