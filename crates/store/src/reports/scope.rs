//! What narrows a report, in words.

use super::Asked;
use super::persons::names;
use crate::StoreError;
use crate::people::team_names;
use crate::sql::Tx;
use tacho_domain::report::ReportName;

/// One line for each filter of the question: `Team: Platform`. Empty: everything. Whom a person's own report is about, its
/// title says.
pub(super) async fn scope(tx: &mut Tx, asked: &Asked<'_>, name: &ReportName) -> Result<Vec<String>, StoreError> {
    let question = asked.question;
    let mut scope = Vec::new();
    if !question.tools.is_empty() {
        let profiles = asked.known.profiles.iter();
        let tools: Vec<&str> = profiles
            .filter(|profile| question.tools.iter().any(|tool| tool.as_str() == profile.id))
            .map(|profile| profile.name)
            .collect();
        scope.push(format!("{}: {}", if tools.len() == 1 { "Tool" } else { "Tools" }, tools.join(", ")));
    }
    if let Some(team) = question.team {
        let name = team_names(tx, question.organization).await?.remove(&team);
        scope.push(format!("Team: {}", name.unwrap_or_else(|| "none of that number".into())));
    }
    let of_one = matches!(name, ReportName::Member(_) | ReportName::Mine);
    if let Some(member) = question.member.filter(|_| !of_one) {
        let is_seen = question.audience.sees(member, asked.directory.unmatched().contains(member));
        let name = if is_seen { names(tx, asked, [member]).await?.remove(&member) } else { None };
        scope.push(format!("Member: {}", name.unwrap_or_else(|| member.0.to_string())));
    }
    Ok(scope)
}
