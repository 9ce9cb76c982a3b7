//! `tacho people`: who is who, from a file and as a list, and how much of the usage has a name.

use crate::command::sync::window_of;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::wiring::Installation;
use clap::{Args, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde_json::json;
use std::path::PathBuf;
use tacho_domain::audit::Action;
use tacho_domain::{Day, Window, people_file};
use tacho_store::{By, Member};

/// Manage the people behind the numbers
#[derive(Debug, Subcommand)]
pub(crate) enum People {
    Import(ImportPeople),
    /// List the members, by name
    List,
    MatchRate(MatchRate),
}

/// Take people over from a CSV file with the columns email, name, `github_login`, teams (between `;`) and `left_on`
#[derive(Debug, Args)]
pub(crate) struct ImportPeople {
    /// The file; only its column `email` must be there
    file: PathBuf,
}

/// Tell how many of those who used something are known members
#[derive(Debug, Args)]
pub(crate) struct MatchRate {
    /// First day [default: 27 days before the last]
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last day [default: today, UTC]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
}

/// What a person may be expected to read at once.
const SHOWN_ERRORS: usize = 20;

impl People {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        match self {
            Self::Import(import) => import.run(installation).await,
            Self::List => list(installation).await,
            Self::MatchRate(rate) => rate.run(installation).await,
        }
    }
}

impl ImportPeople {
    async fn run(&self, installation: &Installation) -> Outcome {
        let path = self.file.display();
        let bytes = std::fs::read(&self.file).map_err(|error| Failure::failed(format!("cannot read `{path}`: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::failed(format!("`{path}` is not UTF-8")).hint("save it as \"CSV UTF-8\" in the spreadsheet program")
        })?;
        let lines = people_file::read(&text).map_err(|errors| {
            let told: Vec<String> = errors.iter().take(SHOWN_ERRORS).map(|error| format!("  {error}")).collect();
            let more = errors.len().saturating_sub(SHOWN_ERRORS);
            let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
            Failure::failed(format!("`{path}` cannot be imported:\n{}{more}", told.join("\n")))
                .hint("nothing was imported: mend these lines and import the file again")
        })?;
        let now = installation.now();
        let imported = installation.store.import_people(installation.organization, &lines, By::Operator, now).await?;
        let detail = json!({
            "lines": lines.len(), "added": imported.added, "changed": imported.changed,
            "matched": imported.matched, "teams": imported.teams, "refused": imported.refused.len(),
        });
        installation.note(Action::PeopleImported, "a file of people", detail).await?;
        for (line, why) in imported.refused.iter().take(SHOWN_ERRORS) {
            output::note(&format!("line {line} was left out: {why}"));
        }
        output::line(&format!(
            "{} of {}: {} added, {} changed, {} matched, {} made.",
            lines.len() - imported.refused.len(),
            counted(lines.len(), "line"),
            counted(imported.added as usize, "member"),
            counted(imported.changed as usize, "member"),
            counted(imported.matched as usize, "identity"),
            counted(imported.teams as usize, "team"),
        ))
    }
}

/// "1 member", "2 members", "2 identities".
fn counted(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {what}s"),
    }
}

async fn list(installation: &Installation) -> Outcome {
    let mut members = installation.store.list_members(installation.organization).await?;
    if members.is_empty() {
        output::note(
            "There are no members. A sync brings those of the vendors' rosters; `tacho people import <file>` brings others.",
        );
        return Ok(());
    }
    let name = |member: &Member| member.name.clone().unwrap_or_default();
    members.sort_by_cached_key(|member| (name(member).to_lowercase(), member.id));
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["name", "e-mail", "GitHub login", "from", "state", "identities"]);
    for member in members {
        let state = match (member.erased, member.left_on) {
            (true, _) => "pseudonymised".to_owned(),
            (false, Some(day)) => format!("left on {day}"),
            (false, None) => String::new(),
        };
        table.add_row([
            name(&member),
            member.email.unwrap_or_default(),
            member.github_login.unwrap_or_default(),
            member.source.as_str().to_owned(),
            state,
            member.identities.to_string(),
        ]);
    }
    output::line(&table.to_string())
}

impl MatchRate {
    async fn run(&self, installation: &Installation) -> Outcome {
        let to = self.to.unwrap_or_else(|| installation.today());
        let window = window_of(Some(self.from.unwrap_or_else(|| Window::ending(to, 28).from)), Some(to), to)?;
        let rate = installation.store.match_rate(installation.organization, window).await?;
        let Some(share) = rate.rate() else {
            return output::line(&format!("Nobody used anything from {} to {}.", window.from, window.to));
        };
        output::line(&format!(
            "{:.1} %: {} of {} identities that were used from {} to {} belong to a member.\n\
             Interactions without a member: {} of {}. Set aside: {}.",
            share * 100.0,
            rate.matched,
            rate.people,
            window.from,
            window.to,
            rate.unmatched_interactions,
            rate.all_interactions,
            rate.ignored,
        ))
    }
}
