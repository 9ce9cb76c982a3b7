//! The host of the signed links. It knows no tokens: whoever sends one is turned away.

use super::{Scope, reports, rows, totals};
use crate::faults::Endpoint;
use crate::reply::Reply;
use crate::site::{Asked, Site, expired_link};
use crate::world::World;
use axum::http::Method;
use std::ops::Range;
use tacho_domain::{Day, Instant, Window};

pub(crate) async fn answer(site: &Site, asked: &Asked) -> Reply {
    let is_get = asked.method == Method::GET;
    let refuse = || refuse(site, asked).or_else(|| (!is_get).then(|| Reply::empty(405)));
    let answer = |_| file(site, asked).ok_or_else(|| error(404, "BlobNotFound", "The specified blob does not exist."));
    site.serve(Endpoint::CopilotDownload, asked, refuse, answer).await
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    let body =
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Reply::bytes(status, "application/xml", body.into_bytes())
}

fn refuse(site: &Site, asked: &Asked) -> Option<Reply> {
    if asked.header("authorization").is_some() {
        let message = "Authentication information is not given in the correct format. Check the value of Authorization header.";
        return Some(error(400, "InvalidAuthenticationInfo", message));
    }
    let until = asked.query.get("se").map(String::as_str).unwrap_or_default();
    let expected = reports::signature(site, asked.uri.path(), until);
    if asked.query.get("sig") != Some(&expected) {
        return Some(error(403, "AuthenticationFailed", "Server failed to authenticate the request."));
    }
    let is_over = Instant::parse(until).is_none_or(|until| until < reports::now(site));
    is_over.then(expired_link)
}

fn file(site: &Site, asked: &Asked) -> Option<Reply> {
    let segments = asked.segments();
    let ["reports", scope, kind, day, part] = segments.as_slice() else { return None };
    let scope = if *scope == Scope::Enterprise.path() { Scope::Enterprise } else { Scope::Organization };
    let day: Day = day.parse().ok()?;
    let part: usize = part.strip_prefix("part-")?.strip_suffix(".json")?.parse().ok()?;
    let people = share(&site.world, part, reports::shards(site, kind));
    let mut out = Vec::new();
    match *kind {
        "users-1-day" => rows::users(&site.world, scope, day, &site.world.people[people], None, &mut out),
        "users-28-day" => {
            let window = Window::ending(day, 28);
            // Rows come in no particular order of days.
            for day in window.days().rev().filter(|day| site.world.has_report(*day)) {
                rows::users(&site.world, scope, day, &site.world.people[people.clone()], Some(window), &mut out);
            }
        }
        "repos-1-day" => super::repos_day::rows(&site.world, day, &mut out),
        "user-teams-1-day" => rows::teams(&site.world, scope, day, &mut out),
        "totals-1-day" => totals::day(&site.world, scope, day, &mut out),
        "totals-28-day" => totals::latest(&site.world, scope, Window::ending(day, 28), &mut out),
        _ => return None,
    }
    Some(Reply::bytes(200, "application/octet-stream", out))
}

/// The people of one file.
fn share(world: &World, part: usize, parts: usize) -> Range<usize> {
    let size = world.people.len().div_ceil(parts.max(1));
    let start = (part * size).min(world.people.len());
    start..(start + size).min(world.people.len())
}
