//! Which agents are named in the pull requests that a report shows: looked up for those rows only, since pages read packed
//! days, which know the kinds of signs and not whose they are.

use crate::pull_requests::{signals, unknown_word};
use crate::sql::{LIST, Tx, Value, bind};
use crate::{Store, StoreError};
use std::collections::BTreeMap;
use tacho_domain::delivery::streams::COMMIT_RECORDS;
use tacho_domain::delivery::{Signal, SignalKind, SignalSet};
use tacho_domain::report::{ListedPull, Report};
use tacho_domain::reports::delivery::{LIST_SECTION, name_agents};
use tacho_domain::{OrganizationId, ToolProfile};

/// By repository and number.
type Told = BTreeMap<(i64, u32), Vec<Signal>>;

impl Store {
    /// Says in the rows of pull requests that a report holds which agents their signs name. To be asked for once the rows are
    /// those to be shown: each takes a look-up.
    pub async fn name_agents(
        &self,
        organization: OrganizationId,
        profiles: &[ToolProfile],
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let Some(section) = report.sections.iter_mut().find(|section| section.id == LIST_SECTION) else { return Ok(()) };
        let signed = section.table.pulls.iter().filter(|pull| pull.signals != SignalSet::default());
        let signed: Vec<ListedPull> = signed.copied().collect();
        if signed.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_reading().await?;
        let mut told = Told::new();
        for chunk in signed.chunks(LIST / 2) {
            read(&mut tx, organization, chunk, &mut told).await?;
        }
        let recorded: Vec<&ListedPull> = signed.iter().filter(|pull| pull.signals.has(SignalKind::VendorRecord)).collect();
        if let Some(tool) = if recorded.is_empty() { None } else { recording_tool(&mut tx, organization).await? } {
            for pull in recorded {
                let signal = Signal { kind: SignalKind::VendorRecord, agent: tool.clone() };
                told.entry((pull.repository, pull.number)).or_default().push(signal);
            }
        }
        tx.commit().await?;
        name_agents(section, &told, |agent| name(profiles, agent));
        Ok(())
    }
}

async fn read(tx: &mut Tx, organization: OrganizationId, pulls: &[ListedPull], told: &mut Told) -> Result<(), StoreError> {
    let mut values = bind![organization].to_vec();
    values.extend(pulls.iter().flat_map(|pull| [Value::from(pull.repository), Value::from(pull.number)]));
    // Few statement texts, each stays prepared: what is filled up is null and equals nothing.
    values.resize(1 + 2 * pulls.len().next_power_of_two(), Value::Int(None));
    let wanted: Vec<String> = (2..=values.len()).step_by(2).map(|place| format!("(${place},${})", place + 1)).collect();
    let sql = format!(
        "with wanted as materialized (select column1 as repository_id, column2 as number from (values {}) v)
         select p.repository_id, p.number, p.signals from wanted w cross join pull_requests p
         where p.organization_id = $1 and p.repository_id = w.repository_id and p.number = w.number
         order by p.repository_id, p.number, p.integration_id, p.day",
        wanted.join(",")
    );
    for row in tx.fetch(sql, &values).await? {
        let (repository, number) = (row.int(0)?, row.number(1)?);
        let found = signals(&row.text(2)?).ok_or_else(|| unknown_word("signals", repository, number))?;
        // Two integrations that both read it tell the same.
        told.entry((repository, number)).or_insert(found);
    }
    Ok(())
}

/// The tool whose vendor told of commits, where it is one alone.
async fn recording_tool(tx: &mut Tx, organization: OrganizationId) -> Result<Option<String>, StoreError> {
    let rows = tx
        .fetch(
            "select distinct s.tool from integrations i cross join slices s
             where i.organization_id = $1 and s.organization_id = i.organization_id and s.integration_id = i.id and s.stream = $2",
            bind![organization, COMMIT_RECORDS],
        )
        .await?;
    let [tool] = &rows[..] else { return Ok(None) };
    tool.text(0).map(Some)
}

/// What an agent is called: a tool that is known by its name, any other by its id in words.
fn name(profiles: &[ToolProfile], agent: &str) -> String {
    let known = profiles.iter().find(|profile| profile.id == agent || profile.id == format!("github_{agent}"));
    known.map_or_else(|| in_words(agent), |profile| profile.name.to_owned())
}

/// `amazon_q` is "Amazon Q".
fn in_words(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    id.split(['_', '-']).filter_map(word).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_words() {
        assert_eq!(["codex", "amazon_q", "our-bot", ""].map(in_words), ["Codex", "Amazon Q", "Our Bot", ""]);
    }
}
