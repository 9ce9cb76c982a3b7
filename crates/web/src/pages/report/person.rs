//! A member typed by name into the filter: one that fits leads to their number in the address, several are offered.

use super::notes::Note;
use crate::app::Site;
use crate::audience;
use crate::caller::Caller;
use crate::people::called;
use crate::problem::Problem;
use crate::view::View;
use tacho_domain::SubjectId;
use tacho_domain::report::{Audience, ReportName};
use tacho_store::{Member, MemberFilter, MemberState};
use url::form_urlencoded;

/// Members that are offered at most.
const OFFERED: usize = 10;

/// What a typed name comes to.
pub(super) enum Picked {
    /// One member: the address of the view about them.
    Address(String),
    /// The query without the name, and what is said of it.
    Query(String, Option<Note>),
}

/// Looks a typed name up among the members whom the caller may see.
pub(super) async fn picked(site: &Site, caller: &Caller, name: &ReportName, query: &str) -> Result<Picked, Problem> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let typed = |(field, value): &&(String, String)| field == "member" && !value.is_empty() && value.parse::<u32>().is_err();
    let Some((_, typed)) = pairs.iter().find(typed) else { return Ok(Picked::Query(query.to_owned(), None)) };
    let others = pairs.iter().filter(|(field, _)| field != "member");
    let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    let view = View::parse_of(name, &rest, site.tools(), site.yesterday())?;
    let about = |member: SubjectId| View { member: Some(member), page: 1, ..view.clone() }.href(&name.page());
    let audience = audience::of(site, caller).await?;
    let found = found(site, caller, &audience, typed, OFFERED + 1).await?;
    if let [one] = found.as_slice() {
        return Ok(Picked::Address(about(one.id)));
    }
    let (title, text) = match found.len() {
        0 => ("No such member", format!("Nobody whom you may see is called {}.", quoted(typed))),
        many if many > OFFERED => {
            ("Many members fit", format!("{} fits more than {OFFERED} members. Type more of it, or choose:", quoted(typed)))
        }
        _ => ("Several members fit", format!("{} fits several members. Choose:", quoted(typed))),
    };
    let ways = found.iter().take(OFFERED).map(|member| (about(member.id), called(member))).collect();
    Ok(Picked::Query(rest, Some(Note { ways, ..Note::new("info", title.to_owned(), &text) })))
}

/// A word of the asker in a sentence of ours, in which backticks mean code.
fn quoted(typed: &str) -> String {
    format!("\u{201c}{}\u{201d}", crate::view::shown(typed).replace('`', "'"))
}

/// The members that fit a search and that the audience may see.
pub(super) async fn found(
    site: &Site,
    caller: &Caller,
    audience: &Audience,
    search: &str,
    limit: usize,
) -> Result<Vec<Member>, Problem> {
    // PostgreSQL takes no such character in a text.
    let search = search.replace('\0', "");
    let filter = MemberFilter { search, state: Some(MemberState::Present), limit, ..MemberFilter::default() };
    match audience {
        Audience::Nobody => Ok(Vec::new()),
        Audience::Everyone => Ok(site.store().page_members(caller.organization, &filter).await?),
        Audience::Only(seen) => {
            // Whom one may see are few; those who fit may be many.
            let word = filter.search.to_lowercase();
            let fits = |member: &Member| {
                let texts = [member.name.as_deref(), member.email.as_deref(), member.github_login.as_deref()];
                texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&word))
            };
            let mut members = Vec::new();
            for member in seen {
                let member = site.store().find_member(caller.organization, *member).await?;
                members.extend(member.filter(|member| !member.erased && fits(member)));
                if members.len() == limit {
                    break;
                }
            }
            Ok(members)
        }
    }
}
