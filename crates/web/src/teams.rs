//! What pages and REST do with teams: each act is done once, here, and written down.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::people::{Refused, at, by, line, member};
use crate::problem::Problem;
use serde_json::{Value, json};
use tacho_domain::audit::Action;
use tacho_domain::{Day, SubjectId};
use tacho_store::{Team, TeamSource};

/// The team of that number in the caller's organization.
pub(crate) async fn team(site: &Site, caller: &Caller, id: i64) -> Result<Team, Problem> {
    let teams = site.store().list_teams(caller.organization, site.now().day()).await?;
    teams.into_iter().find(|team| team.id == id).ok_or_else(|| no_team(id))
}

fn no_team(id: i64) -> Problem {
    Problem::not_found(format!("There is no team `{id}`."))
}

/// The team of that number, if it is not a vendor's: those are as the vendor says.
async fn own_team(site: &Site, caller: &Caller, id: i64) -> Result<Team, Refused> {
    let team = team(site, caller, id).await?;
    match team.source {
        TeamSource::Vendor(_) => {
            let why = format!("`{}` is a vendor's team and is changed there; it is read anew with every sync.", team.name);
            Err(Refused::Conflict("team", why))
        }
        _ => Ok(team),
    }
}

async fn note(site: &Site, caller: &Caller, team: &str, detail: Value) -> Result<(), Refused> {
    Ok(audit::note(site, caller, Action::TeamChanged, &format!("team {team}"), detail).await?)
}

/// The longest name of a team.
const NAME_LENGTH: usize = 100;

/// Makes a team.
pub(crate) async fn add(site: &Site, caller: &Caller, name: &str) -> Result<i64, Refused> {
    let name = line("name", name, NAME_LENGTH)?;
    let id = site.store().add_team(caller.organization, &name).await.map_err(at("name"))?;
    note(site, caller, &name, json!({ "done": "added" })).await?;
    Ok(id)
}

/// Gives a team another name.
pub(crate) async fn rename(site: &Site, caller: &Caller, id: i64, name: &str) -> Result<(), Refused> {
    let (team, name) = (own_team(site, caller, id).await?, line("name", name, NAME_LENGTH)?);
    if !site.store().rename_team(caller.organization, id, &name).await.map_err(at("name"))? {
        return Err(no_team(id).into());
    }
    note(site, caller, &name, json!({ "done": "renamed", "before": team.name })).await
}

/// Removes a team, with who was in it when. Nobody's use changes.
pub(crate) async fn remove(site: &Site, caller: &Caller, id: i64) -> Result<(), Refused> {
    let team = own_team(site, caller, id).await?;
    if !site.store().remove_team(caller.organization, id).await.map_err(at("team"))? {
        return Err(no_team(id).into());
    }
    note(site, caller, &team.name, json!({ "done": "removed" })).await
}

/// Puts a member into a team for some days, or for good.
pub(crate) async fn put_member(
    site: &Site,
    caller: &Caller,
    id: i64,
    who: SubjectId,
    from: Day,
    to: Option<Day>,
) -> Result<(), Refused> {
    let team = own_team(site, caller, id).await?;
    member(site, caller, who).await?;
    if to.is_some_and(|to| to < from) {
        return Err(Refused::Field("to", "The last day is before the first one.".into()));
    }
    let (store, now) = (site.store(), site.now());
    if !store.put_team_member(caller.organization, id, who, (from, to), by(caller), now).await.map_err(at("member"))? {
        return Err(no_team(id).into());
    }
    note(site, caller, &team.name, json!({ "done": "member put in", "member": who, "from": from, "to": to })).await
}

/// Ends a membership: that day is its last one.
pub(crate) async fn end_member(site: &Site, caller: &Caller, id: i64, who: SubjectId, on: Day) -> Result<(), Refused> {
    let team = own_team(site, caller, id).await?;
    member(site, caller, who).await?;
    let (store, now) = (site.store(), site.now());
    if !store.end_team_member(caller.organization, id, who, on, by(caller), now).await.map_err(at("on"))? {
        return Err(Refused::Conflict("on", "They are not in this team after that day.".into()));
    }
    note(site, caller, &team.name, json!({ "done": "member taken out", "member": who, "on": on })).await
}
