//! Cursor's records of commits, for teams on the Enterprise plan.
//! <https://cursor.com/docs/account/teams/ai-code-tracking-api>, read 2026-11-22.

use super::{LARGEST_PAGE, invalid};
use crate::delivery::commit_records::{CommitRecord, of_day};
use crate::reply::{Reply, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Bend, Site};
use serde_json::{Value, json};
use tacho_domain::{Instant, Window};

/// The days looked at where none are named.
const USUAL_DAYS: i64 = 7;

pub(super) fn answer(site: &Site, asked: &Asked, bend: Bend) -> Result<Reply, Reply> {
    if !site.world.config.delivery.commit_records {
        return Err(stock(Vendor::Cursor, 403));
    }
    let (start, end) = range(site, asked)?;
    let number = |key: &str, usual: usize| match asked.query.get(key) {
        Some(text) => text.parse().ok().filter(|number| *number > 0).ok_or_else(|| invalid("Invalid page or pageSize")),
        None => Ok(usual),
    };
    let (page, size) = (number("page", 1)?, number("pageSize", 100)?);
    if size > LARGEST_PAGE {
        return Err(invalid("pageSize must be at most 1000"));
    }
    // The same page once more, which says so itself.
    let page = if bend.repeat { page.saturating_sub(1).max(1) } else { page };
    let days = Window { from: start.day(), to: end.day() };
    let all: Vec<CommitRecord> =
        days.days().flat_map(|day| of_day(&site.world, day)).filter(|it| start <= it.at() && it.at() <= end).collect();
    let shown = bend.page((page - 1).saturating_mul(size), size, all.len());
    let items: Vec<Value> = all[shown].iter().map(|it| item(site, it)).collect();
    Ok(Reply::json(200, &json!({"items": items, "totalCount": all.len(), "page": page, "pageSize": size})))
}

fn range(site: &Site, asked: &Asked) -> Result<(Instant, Instant), Reply> {
    let instant = |key: &str, usual: Instant| match asked.query.get(key) {
        Some(text) => Instant::parse(text).ok_or_else(|| invalid("Invalid date")),
        None => Ok(usual),
    };
    let end = instant("endDate", site.world.noon())?;
    let start = instant("startDate", end.plus_seconds(-USUAL_DAYS * 86_400))?;
    if end < start || end.0 - start.0 > 366 * 86_400_000_000 {
        return Err(invalid("Invalid date range"));
    }
    Ok((start, end))
}

fn item(site: &Site, it: &CommitRecord) -> Value {
    let person = &site.world.people[it.person];
    json!({
        "commitHash": it.commit,
        "userId": person.cursor_id,
        "userEmail": person.email,
        "repoName": it.repository,
        "branchName": it.branch,
        "isPrimaryBranch": it.primary,
        "commitSource": it.source,
        "totalLinesAdded": it.tab.0 + it.composer.0 + it.untraced.0,
        "totalLinesDeleted": it.tab.1 + it.composer.1 + it.untraced.1,
        "tabLinesAdded": it.tab.0,
        "tabLinesDeleted": it.tab.1,
        "composerLinesAdded": it.composer.0,
        "composerLinesDeleted": it.composer.1,
        "nonAiLinesAdded": it.untraced.0,
        "nonAiLinesDeleted": it.untraced.1,
        "message": it.message,
        "commitTs": it.made_at.map(|at| at.to_string()),
        "createdAt": it.noted_at.to_string(),
    })
}
