//! Repositories with their deployments and releases, newest first.

use super::document::{Field, Item};
use super::object::{Answer, Page, object};
use crate::delivery::deployments::{deployments, releases};
use crate::delivery::{DeploymentTruth, ReleaseTruth};
use crate::site::{Bend, Site};
use serde_json::{Value, json};
use tacho_domain::Instant;
use tacho_domain::delivery::DeploymentOutcome;

/// An organization or a person; `null` where there is none of that name.
pub(super) fn owner(site: &Site, field: &Field, sees_all: bool, bend: Bend) -> Answer {
    let places = &site.world.delivery.places;
    let seen: Vec<usize> = (0..places.len()).filter(|place| sees_all || places[*place].public).collect();
    let organization = &site.world.config.organization;
    if !field.text("login").is_some_and(|login| login.eq_ignore_ascii_case(organization)) {
        return Ok(Value::Null);
    }
    object(&field.selected, "Organization", &mut |part| match part.name.as_str() {
        "login" => Some(Ok(organization.as_str().into())),
        "repositories" => Some(Page::of(part, seen.len()).and_then(|mut page| {
            if bend.repeat {
                (page.goes_on, page.cursor) = (true, page.shown.start);
            }
            page.connection(part, "totalCount", &mut |items, row| repository(site, seen[row], items))
        })),
        _ => None,
    })
}

/// One repository by its name.
pub(super) fn one(site: &Site, field: &Field, sees_all: bool) -> Answer {
    let owned = field.text("owner").is_some_and(|owner| owner.eq_ignore_ascii_case(&site.world.config.organization));
    let name = field.text("name").unwrap_or_default();
    let place = site.world.delivery.places.iter().position(|place| place.short.eq_ignore_ascii_case(name));
    match place.filter(|place| owned && (sees_all || site.world.delivery.places[*place].public)) {
        Some(place) => repository(site, place, &field.selected),
        None => Ok(Value::Null),
    }
}

fn repository(site: &Site, place: usize, items: &[Item]) -> Answer {
    let it = &site.world.delivery.places[place];
    object(items, "Repository", &mut |part| match part.name.as_str() {
        "databaseId" => Some(Ok(it.id.into())),
        "nameWithOwner" => Some(Ok(it.name.as_ref().into())),
        "name" => Some(Ok(it.short.as_str().into())),
        "deployments" => Some(deployed(site, place, part)),
        "releases" => Some(released(site, place, part)),
        _ => None,
    })
}

fn deployed(site: &Site, place: usize, field: &Field) -> Answer {
    let environments = field.arguments.get("environments").and_then(Value::as_array);
    let wanted =
        |it: &DeploymentTruth| environments.is_none_or(|names| names.iter().any(|name| name.as_str() == Some(it.environment)));
    let mut all = deployments(&site.world, place, site.world.history());
    all.retain(wanted);
    all.reverse();
    // What went live earlier is told to be inactive now.
    let newest = all.iter().position(|it| it.outcome == DeploymentOutcome::Succeeded);
    Page::of(field, all.len())?.connection(field, "totalCount", &mut |items, row| {
        let it = &all[row];
        let replaced = newest
            .filter(|newest| *newest < row)
            .and_then(|_| all[..row].iter().rev().find(|later| later.outcome == DeploymentOutcome::Succeeded)?.finished_at);
        object(items, "Deployment", &mut |part| match part.name.as_str() {
            "databaseId" => Some(Ok(it.id.into())),
            "createdAt" => Some(Ok(it.created_at.to_string().into())),
            "commitOid" => Some(Ok(it.commit.as_str().into())),
            "environment" => Some(Ok(it.environment.into())),
            "statuses" => Some(statuses(it, replaced, part)),
            "latestStatus" => Some(states(it, replaced).first().map_or(Ok(Value::Null), |state| status(&part.selected, state))),
            _ => None,
        })
    })
}

/// What was told of a deployment, newest first.
fn states(it: &DeploymentTruth, replaced: Option<Instant>) -> Vec<(&'static str, Instant)> {
    let mut states = vec![("IN_PROGRESS", it.created_at.plus_seconds(5))];
    if let Some(finished_at) = it.finished_at {
        let failed = if it.id % 2 == 0 { "FAILURE" } else { "ERROR" };
        states.push((if it.outcome == DeploymentOutcome::Failed { failed } else { "SUCCESS" }, finished_at));
    }
    if let (DeploymentOutcome::Succeeded, Some(replaced)) = (it.outcome, replaced) {
        states.push(("INACTIVE", replaced));
    }
    states.reverse();
    states
}

fn statuses(it: &DeploymentTruth, replaced: Option<Instant>, field: &Field) -> Answer {
    let states = states(it, replaced);
    Page::of(field, states.len())?.connection(field, "totalCount", &mut |items, row| status(items, &states[row]))
}

fn status(items: &[Item], (state, at): &(&'static str, Instant)) -> Answer {
    object(items, "DeploymentStatus", &mut |part| match part.name.as_str() {
        "state" => Some(Ok((*state).into())),
        "createdAt" | "updatedAt" => Some(Ok(at.to_string().into())),
        _ => None,
    })
}

fn released(site: &Site, place: usize, field: &Field) -> Answer {
    let mut all = releases(&site.world, place, site.world.history());
    all.reverse();
    Page::of(field, all.len())?.connection(field, "totalCount", &mut |items, row| release(items, &all[row]))
}

fn release(items: &[Item], it: &ReleaseTruth) -> Answer {
    object(items, "Release", &mut |part| match part.name.as_str() {
        "databaseId" => Some(Ok(it.id.into())),
        "createdAt" => Some(Ok(it.created_at.to_string().into())),
        "publishedAt" => Some(Ok(json!(it.published_at.map(|at| at.to_string())))),
        "isDraft" => Some(Ok(it.published_at.is_none().into())),
        "isPrerelease" => Some(Ok(it.preview.into())),
        "tagName" => Some(Ok(format!("v{}", it.id).into())),
        "tagCommit" => {
            Some(object(&part.selected, "Commit", &mut |part| (part.name == "oid").then(|| Ok(it.commit.as_str().into()))))
        }
        _ => None,
    })
}
