//! `tacho status explain`: where every number comes from, how it was made, whose it is, how old it is; and what is off.

use super::quotas;
use super::scene::Scene;
use super::settings::Settings;
use crate::failure::{Failure, Outcome};
use crate::output;
use jiff::Timestamp;
use std::fmt::Write as _;
use tacho_domain::Instant;
use tacho_quota::{
    Entry, Format, Freshness, Limit, Meter, Milli, Source, State, StoredToken, TokenOrigin, Unit, UsageData, paint,
};

/// Tells all of it.
pub(super) fn run(scene: &Scene) -> Outcome {
    if let Some(first) = scene.remarks.first() {
        return Err(Failure::configuration(first.clone()).hint("docs/status.md has every setting"));
    }
    let (state, unreadable) = scene.state();
    let origins = origins(scene);
    output::bytes(text(scene, &state, unreadable.as_deref(), &origins).as_bytes())
}

/// Who would be asked with what, found out as a question would find it out.
fn origins(scene: &Scene) -> Vec<(Source, Option<TokenOrigin>)> {
    let Some(runtime) = quotas::runtime() else { return Vec::new() };
    let (tokens, now) = (scene.tokens(), scene.now());
    let asked = |source: &Source| scene.options.sources.contains(source) && has_token(*source);
    let found = async {
        let mut found = Vec::new();
        for source in Source::ALL.into_iter().filter(asked) {
            let token = tokens.find(source, &scene.options, now, &[]).await;
            found.push((source, token.map(|token| token.origin)));
        }
        found
    };
    runtime.block_on(found)
}

const fn has_token(source: Source) -> bool {
    !matches!(source, Source::ClaudeStatusLine | Source::CodexLogs)
}

fn text(scene: &Scene, state: &State, unreadable: Option<&str>, origins: &[(Source, Option<TokenOrigin>)]) -> String {
    let mut text = format!("Shown now: {}", paint(&scene.view(state), Format::Line, &scene.look));
    for source in Source::ALL {
        text.push('\n');
        of_source(&mut text, source, scene, state, origins);
    }
    text.push('\n');
    files(&mut text, scene, unreadable);
    text
}

fn of_source(text: &mut String, source: Source, scene: &Scene, state: &State, origins: &[(Source, Option<TokenOrigin>)]) {
    line(text, &format!("{} ({source}): {}", source.tool().name(), what_it_is(source)));
    if source.is_opt_in() && !scene.settings.opted_in.contains(&source) {
        line(
            text,
            &format!("  off: undocumented, asked only on your word; add \"{source}\" to `sources` in {}", settings_path(scene)),
        );
        return;
    }
    if source == Source::Server && scene.options.server.is_none() {
        line(text, "  off: this machine is signed in to no server; `tacho login --server ADDRESS`");
        return;
    }
    match origins.iter().find(|(of, _)| *of == source) {
        Some((_, Some(origin))) => line(text, &format!("  token: {origin}")),
        Some((_, None)) => line(text, &format!("  token: none found; {}", how_to_sign_in(source))),
        None => {}
    }
    if let Some(address) = scene.options.address(source) {
        // Without its query: an address of a person's own may hold anything there.
        line(text, &format!("  asked at: {}{}", address.origin().ascii_serialization(), address.path()));
    }
    match state.present(source) {
        Some(entry) => known(text, entry, scene.now()),
        None => line(text, "  nothing known yet"),
    }
}

fn known(text: &mut String, entry: &Entry, now: Instant) {
    match &entry.usage {
        None => line(text, "  nothing told yet"),
        Some(usage) => told(text, usage, now),
    }
    if let Some(asked) = entry.asked_at.and_then(moment) {
        line(text, &format!("  last asked: {asked}, account {}", entry.account));
    }
    if let Some(until) = entry.not_before.filter(|until| *until > now).and_then(moment) {
        line(text, &format!("  not asked again before: {until}"));
    }
    if let Some(error) = &entry.error {
        line(text, &format!("  last question failed ({}), {} in a row: {}", error.kind.as_str(), entry.failures, error.message));
    }
}

fn told(text: &mut String, usage: &UsageData, now: Instant) {
    let who: Vec<&str> = [usage.account.as_deref(), usage.plan.as_deref()].into_iter().flatten().collect();
    if !who.is_empty() {
        line(text, &format!("  whose: {}", who.join(", ")));
    }
    for meter in &usage.meters {
        line(text, &format!("  {}: {}", meter.id, of_meter(meter, now)));
    }
    for remark in &usage.remarks {
        line(text, &format!("  note: {remark}"));
    }
    let age = now.0.saturating_sub(usage.as_of.0).max(0) / 60_000_000;
    let class = match Freshness::at(usage.as_of, now) {
        Freshness::Fresh => "fresh",
        Freshness::Valid => "valid",
        Freshness::Stale => "stale",
        Freshness::VeryStale => "very stale",
    };
    line(text, &format!("  as of: {}, {age} min ago ({class})", moment(usage.as_of).unwrap_or_default()));
}

/// The vendor's numbers, and what was calculated from them.
fn of_meter(meter: &Meter, now: Instant) -> String {
    let shown = |amount: Milli| match meter.unit {
        Unit::Requests => format!("{amount} requests"),
        Unit::Credits => format!("{amount} credits"),
        Unit::Percent => format!("{amount} %"),
        Unit::Cents => format!("{amount} cents"),
    };
    let mut text = format!("{} used", shown(meter.used()));
    match meter.limit() {
        // Of a share alone nothing was calculated.
        Limit::Of(_) if meter.unit == Unit::Percent => {}
        Limit::Of(limit) => {
            let share = meter.percent().unwrap_or_default();
            let _ = write!(text, " of {} = {share} %", shown(limit));
        }
        Limit::Unlimited => text.push_str(", without limit"),
        Limit::Unknown => text.push_str("; of how many is not told, and not guessed"),
    }
    if meter.overage().0 > 0 {
        let _ = write!(text, ", {} beyond", shown(meter.overage()));
    }
    if let Some(reset) = meter.resets_at.and_then(moment) {
        let ended = if meter.is_over_by(now) { "; that period has ended, so it is shown as `-`" } else { "" };
        let _ = write!(text, ", begins again {reset}{ended}");
    }
    text
}

fn files(text: &mut String, scene: &Scene, unreadable: Option<&str>) {
    line(text, "Files");
    line(text, &format!("  state: {}", scene.look.about.state_file.as_deref().unwrap_or("none, since there is no home")));
    if let Some(unreadable) = unreadable {
        line(text, &format!("  note: {unreadable}"));
    }
    line(text, &format!("  settings: {}", settings_path(scene)));
    if let Some(folder) = &scene.places.config {
        line(text, &format!("  sign-in: {}", StoredToken::in_folder(folder).path().display()));
    }
    for (name, place) in [("Claude Code", &scene.places.claude), ("Codex", &scene.places.codex)] {
        if let Some(place) = place {
            line(text, &format!("  {name}: {}", place.display()));
        }
    }
}

fn settings_path(scene: &Scene) -> String {
    let path = scene.places.config.as_deref().map(Settings::path);
    path.map_or_else(|| "status.toml".to_owned(), |path| path.display().to_string())
}

const fn what_it_is(source: Source) -> &'static str {
    match source {
        Source::Copilot => "GitHub's API of the Copilot plugins, undocumented; at most every 5 minutes",
        Source::ClaudeStatusLine => "what Claude Code gives its status line, documented; nobody is asked",
        Source::ClaudeUsage => "Anthropic's API of Claude Code, undocumented; at most every 5 minutes",
        Source::CodexLogs => "the rate limits in Codex's newest session logs on this machine; nobody is asked",
        Source::CodexUsage => "OpenAI's API of Codex, undocumented; at most every 5 minutes",
        Source::Cursor => "the API of Cursor's dashboard, undocumented; at most every 5 minutes",
        Source::Opencode => "OpenCode's API; at most every 5 minutes",
        Source::Server => "the month's cost and budget, from the Tacho server this machine is signed in to",
    }
}

const fn how_to_sign_in(source: Source) -> &'static str {
    match source {
        Source::Copilot => "sign in with `gh auth login`, in the editor, or with `tacho status sign-in`",
        Source::ClaudeUsage => "sign in with Claude Code",
        Source::CodexUsage => "sign in with Codex",
        Source::Cursor => "set TACHO_STATUS_CURSOR_TOKEN",
        Source::Opencode => "set TACHO_STATUS_OPENCODE_TOKEN",
        Source::Server => "`tacho login --server ADDRESS`",
        Source::ClaudeStatusLine | Source::CodexLogs => "none is needed",
    }
}

fn moment(at: Instant) -> Option<String> {
    let second = Instant(at.0 / 1_000_000 * 1_000_000);
    Timestamp::from_microsecond(second.0).ok().map(|at| at.to_string())
}

/// A line of foreign and own words: what is a control character would speak to the terminal.
fn line(text: &mut String, line: &str) {
    text.extend(line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }));
    text.push('\n');
}
