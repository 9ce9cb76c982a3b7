//! The first reply of every report: not the report but signed links to its files.

use super::REPORT;
use crate::json::misread;
use crate::{Answer, Auth, Call, Misread, Read, Reply};
use serde::Deserialize;
use url::Url;

/// `report_day` and its like are declared so that they are not taken for news; the files tell their days themselves.
#[derive(Deserialize)]
#[serde(untagged)]
enum Envelope {
    Links {
        download_links: Vec<String>,
    },
    /// `"No report available"`: a JSON string with status 200 where no report was made yet (seen by operators,
    /// undocumented: <https://docs.github.com/en/rest/copilot/copilot-usage-metrics>, read 2026-11-21).
    Words(#[expect(dead_code, reason = "only that it is a string matters")] String),
}

/// Reads the links. Large tenants get several files ("shards"), and all of them are the report.
pub(crate) fn read(connector: &'static str, call: &Call, reply: &mut Reply<'_>) -> Result<Read, Misread> {
    // 204: not made yet, before the history's floor, or the policy was just switched on; documented for the 1-day reports.
    if reply.status == 204 {
        return Ok(Read::nothing());
    }
    let envelope: Envelope = serde_json::from_reader(&mut *reply.body).map_err(|error| misread(connector, call, &error))?;
    let Envelope::Links { mut download_links } = envelope else { return Ok(Read::nothing()) };
    if download_links.is_empty() {
        return Ok(Read::nothing());
    }
    download_links.sort_unstable();
    download_links.dedup();
    let downloads = download_links.iter().enumerate().map(|(index, link)| download(connector, call, index, link));
    Ok(Read::more(Answer::ToFollow, downloads.collect::<Result<_, _>>()?))
}

/// The link is signed: it is the only credential its host takes, it is a secret, and it lives for about an hour.
fn download(connector: &'static str, call: &Call, index: usize, link: &str) -> Result<Call, Misread> {
    let url = Url::parse(link)
        .ok()
        .filter(Url::has_host)
        .ok_or_else(|| Misread::new(connector, call, format!("download_links.{index}"), "an address", "a string that is none"))?;
    Ok(Call { secret_url: true, ..Call::get(call.stream, REPORT, call.window, url, Auth::None) })
}
