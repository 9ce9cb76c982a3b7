//! `/settings/people`: the match rate, and below it suggestions, identities, members and the history, one at a time.

use super::SAID;
use super::lines::{ChangeLine, IdentityLine, MemberLine, SuggestionLine};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::said::{back, heard};
use crate::pages::{Frame, show};
use crate::people;
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::{IdentityId, Reach, Window};
use tacho_render::words::{NO_DATA, count, share, window};
use tacho_store::{IdentityRow, MatchKind, MatchRate, Member, Suggestion};
use url::form_urlencoded;

/// Rows of a table.
const ROWS: usize = 50;

/// What is shown below the match rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Suggested,
    Unmatched,
    Matched,
    Ignored,
    Members,
    History,
}

impl Show {
    const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Suggested, "suggested", "Suggested"),
        (Self::Unmatched, "unmatched", "Unmatched"),
        (Self::Matched, "matched", "Matched"),
        (Self::Ignored, "ignored", "Ignored"),
        (Self::Members, "members", "Members"),
        (Self::History, "history", "History"),
    ];

    fn slug(self) -> &'static str {
        Self::ALL.into_iter().find(|(show, ..)| *show == self).map_or("", |(_, slug, _)| slug)
    }

    fn holds(self, how: MatchKind) -> bool {
        match self {
            Self::Unmatched => how == MatchKind::Unmatched,
            Self::Ignored => how == MatchKind::Ignored,
            Self::Matched => !matches!(how, MatchKind::Unmatched | MatchKind::Ignored),
            _ => false,
        }
    }
}

/// What the address asks for.
#[derive(Debug, Default)]
struct Asked {
    show: Option<Show>,
    search: String,
    page: usize,
    before: Option<i64>,
}

impl Asked {
    fn read(query: &str) -> Self {
        let mut asked = Self { page: 1, ..Self::default() };
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "show" => asked.show = Show::ALL.into_iter().find(|(_, slug, _)| *slug == value).map(|(show, ..)| show),
                "q" => asked.search = value.trim().chars().take(100).collect(),
                "page" => asked.page = value.parse().ok().filter(|page| (1..=1_000_000).contains(page)).unwrap_or(1),
                "before" => asked.before = value.parse().ok(),
                _ => {}
            }
        }
        asked
    }

    fn fits(&self, texts: &[&str]) -> bool {
        let wanted = self.search.to_lowercase();
        texts.iter().any(|text| text.to_lowercase().contains(&wanted))
    }

    /// The rows of the page that fit the search, and where in them we are.
    fn cut<T>(&self, show: Show, rows: impl Iterator<Item = T>) -> (Vec<T>, Pager) {
        let mut rows: Vec<T> = rows.collect();
        let total = rows.len();
        let first = (self.page - 1).saturating_mul(ROWS).min(total);
        let page: Vec<T> = rows.drain(first..(first + ROWS).min(total)).collect();
        let last = first + page.len();
        let at = |page: usize| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("show", show.slug());
            if !self.search.is_empty() {
                query.append_pair("q", &self.search);
            }
            format!("/settings/people?{}", query.append_pair("page", &page.to_string()).finish())
        };
        let pager = Pager {
            range: if page.is_empty() { String::new() } else { format!("{} to {last} of {total}", first + 1) },
            previous: (self.page > 1).then(|| at(self.page - 1)),
            next: (last < total && !page.is_empty()).then(|| at(self.page + 1)),
        };
        (page, pager)
    }
}

/// Where in a table we are.
#[derive(Debug, Default)]
struct Pager {
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

struct Tab {
    href: String,
    label: &'static str,
    count: Option<String>,
    chosen: bool,
}

/// The match rate with all it needs to be believed.
struct Rate {
    value: String,
    context: String,
    days: String,
    use_matched: String,
    ignored: String,
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct ListPage {
    frame: Frame,
    said: Option<&'static str>,
    rate: Rate,
    tabs: Vec<Tab>,
    shown: &'static str,
    search: String,
    pager: Pager,
    suggestions: Vec<SuggestionLine>,
    identities: Vec<IdentityLine>,
    members: Vec<MemberLine>,
    changes: Vec<ChangeLine>,
    options: Vec<String>,
    /// Whether single people's numbers are shown.
    with_usage: bool,
}

/// All that the page is made from.
struct Known {
    suggestions: Vec<Suggestion>,
    identities: Vec<IdentityRow>,
    members: Vec<Member>,
}

pub(super) async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (store, organization) = (site.store(), caller.organization);
    let asked = Asked::read(query.as_deref().unwrap_or(""));
    let days = Window::ending(site.yesterday(), people::RATE_DAYS);
    let rate = store.match_rate(organization, days).await?;
    let known = Known {
        suggestions: store.list_suggestions(organization).await?,
        identities: store.list_identities(organization).await?,
        members: store.list_members(organization).await?,
    };
    let at_first = if !known.suggestions.is_empty() {
        Show::Suggested
    } else if known.identities.iter().any(|row| row.how == MatchKind::Unmatched) {
        Show::Unmatched
    } else {
        Show::Members
    };
    let shown = asked.show.unwrap_or(at_first);
    let with_usage = shown == Show::Unmatched && caller.rights.reach() == Reach::Everyone;
    let mut page = ListPage {
        frame: Frame::of(&site, &caller, "People", "/settings/people", &headers).await?,
        said: heard(query.as_deref(), SAID),
        rate: figure(&rate, days),
        tabs: tabs(shown, &known),
        shown: shown.slug(),
        search: asked.search.clone(),
        pager: Pager::default(),
        suggestions: Vec::new(),
        identities: Vec::new(),
        members: Vec::new(),
        changes: Vec::new(),
        options: Vec::new(),
        with_usage,
    };
    match shown {
        Show::Suggested => {
            let fitting = known.suggestions.iter().filter(|one| {
                let member = people::called(&one.member);
                asked.fits(&[&one.identity.label, &member, one.member.email.as_deref().unwrap_or("")])
            });
            let (rows, pager) = asked.cut(shown, fitting);
            (page.suggestions, page.pager) = (rows.into_iter().map(|one| SuggestionLine::of(one, &site)).collect(), pager);
        }
        Show::Unmatched | Show::Matched | Show::Ignored => {
            let fitting = known
                .identities
                .iter()
                .filter(|row| shown.holds(row.how) && asked.fits(&[&row.label, row.member_name.as_deref().unwrap_or("")]));
            let (rows, pager) = asked.cut(shown, fitting);
            (page.identities, page.pager) = (rows.into_iter().map(|row| IdentityLine::of(row, &site)).collect(), pager);
            if shown == Show::Unmatched {
                page.options = super::options(&known.members);
            }
        }
        Show::Members => {
            let fitting =
                known.members.iter().filter(|one| asked.fits(&[&people::called(one), one.email.as_deref().unwrap_or("")]));
            let (rows, pager) = asked.cut(shown, fitting);
            (page.members, page.pager) = (rows.into_iter().map(MemberLine::of).collect(), pager);
        }
        Show::History => (page.changes, page.pager) = history(&site, &caller, asked.before).await?,
    }
    if with_usage {
        let usage = store.interactions_by_identity(organization, days).await?;
        for line in &mut page.identities {
            let known = usage.get(&IdentityId(line.id)).copied();
            line.usage = Some(known.map_or_else(|| NO_DATA.to_owned(), count));
        }
    }
    show(&page)
}

async fn history(site: &Site, caller: &Caller, before: Option<i64>) -> Result<(Vec<ChangeLine>, Pager), Problem> {
    let most = u32::try_from(ROWS + 1).unwrap_or(u32::MAX);
    let mut rows = site.store().list_people_changes(caller.organization, most, before).await?;
    let users = people::users(site, caller).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|row| format!("/settings/people?show=history&before={}", row.id));
    let lines = rows.iter().map(|row| ChangeLine::of(row, &users)).collect();
    Ok((lines, Pager { next, previous: before.map(|_| "/settings/people?show=history".to_owned()), ..Pager::default() }))
}

fn tabs(shown: Show, known: &Known) -> Vec<Tab> {
    let tab = |(show, slug, label): (Show, &str, &'static str)| {
        let many = match show {
            Show::Suggested => Some(known.suggestions.len()),
            Show::Members => Some(known.members.len()),
            Show::History => None,
            _ => Some(known.identities.iter().filter(|row| show.holds(row.how)).count()),
        };
        Tab {
            href: format!("/settings/people?show={slug}"),
            label,
            count: many.map(|many| count(i64::try_from(many).unwrap_or(i64::MAX))),
            chosen: show == shown,
        }
    };
    Show::ALL.into_iter().map(tab).collect()
}

fn figure(rate: &MatchRate, days: Window) -> Rate {
    let matched = rate.all_interactions - rate.unmatched_interactions;
    Rate {
        value: rate.rate().map_or_else(|| NO_DATA.to_owned(), share),
        context: match rate.people {
            0 => "No identity has use in these days".to_owned(),
            people => {
                format!("{} of {} identities with use belong to a member", count(rate.matched.into()), count(people.into()))
            }
        },
        days: window(days),
        use_matched: match rate.all_interactions {
            0 => NO_DATA.to_owned(),
            all => format!("{} of {} interactions", count(matched), count(all)),
        },
        ignored: count(rate.ignored.into()),
    }
}

pub(super) async fn undo(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    people::undo(&site, &caller, super::number(&id)?).await?;
    Ok(back("/settings/people?show=history", "undone"))
}
