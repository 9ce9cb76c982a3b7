//! What every page has around it: the organization, the ways to other pages that the caller may take, their account.

use super::said::{self, Said};
use crate::app::Site;
use crate::assets::{self, Theme};
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use crate::view::{View, is_report};
use http::HeaderMap;
use tacho_domain::Permission as P;

/// A way to another page.
pub(crate) struct Way {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) here: bool,
}

/// An organization that somebody is in.
pub(crate) struct Place {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) here: bool,
}

/// What every page has around it.
pub(crate) struct Frame {
    pub(crate) title: String,
    /// Empty where nobody is signed in.
    pub(crate) organization: String,
    /// The ways of the header.
    pub(crate) ways: Vec<Way>,
    /// The ways of the settings' side, on settings pages only.
    pub(crate) settings: Vec<Way>,
    /// What the account is called, where somebody is signed in.
    pub(crate) account: Option<String>,
    /// The organizations to change to, where there are several.
    pub(crate) organizations: Vec<Place>,
    /// What is searched for.
    pub(crate) searched: String,
    /// What the form before this page did.
    pub(crate) said: Option<&'static str>,
    /// When the page was begun, in microseconds, a little early: what ended since then is news to it.
    pub(crate) made_at: i64,
    pub(crate) theme: Theme,
    pub(crate) css: String,
    pub(crate) js: String,
    pub(crate) icon: String,
    /// The icon as part of the page: as a picture it would be a request and a document of its own.
    pub(crate) mark: &'static str,
}

/// Address, label and who may go there: one of these permissions.
type Known = (&'static str, &'static str, &'static [P]);

/// The page before those of tools.
const FIRST: [Known; 1] = [("/", "Overview", &[P::ViewAggregates])];

/// The pages after those of tools.
const PAGES: [Known; 7] = [
    ("/members", "Members", &[P::ViewAggregates]),
    ("/teams", "Teams", &[P::ViewAggregates]),
    ("/seats", "Seats", &[P::ViewAggregates]),
    ("/cost", "Cost", &[P::ViewAggregates]),
    ("/delivery", "Delivery", &[P::ViewAggregates]),
    ("/me", "My usage", &[P::ViewOwnData]),
    ("/settings", "Settings", &[P::ManageOwnAccount]),
];

/// The settings, in the order of the side.
pub(crate) const SETTINGS: [Known; 12] = [
    ("/settings/integrations", "Integrations", &[P::ViewIntegrations]),
    ("/settings/tools", "My tools", &[P::ConnectOwnTools]),
    ("/settings/people", "People", &[P::ManagePeople]),
    ("/settings/teams", "Teams", &[P::ManagePeople]),
    ("/settings/seats", "Seats that stay", &[P::ManagePeople]),
    ("/settings/budgets", "Budgets", &[P::ManageIntegrations]),
    ("/settings/users", "Users", &[P::ManageUsers]),
    ("/settings/tokens", "API tokens", &[P::ManageOwnTokens, P::ManageTokens]),
    ("/settings/audit", "Audit log", &[P::ViewAudit]),
    ("/settings/organization", "Organization", &[P::ManageOrganization]),
    ("/settings/account", "My account", &[P::ManageOwnAccount]),
    ("/settings/about", "About", &[P::ViewAggregates]),
];

impl Frame {
    /// For whoever is not signed in.
    pub(crate) fn new(title: &str, organization: &str, theme: Theme) -> Self {
        Self {
            title: title.to_owned(),
            organization: organization.to_owned(),
            ways: Vec::new(),
            settings: Vec::new(),
            made_at: 0,
            account: None,
            organizations: Vec::new(),
            searched: String::new(),
            said: None,
            theme,
            css: assets::css(),
            js: assets::js(),
            icon: assets::icon(),
            mark: assets::MARK,
        }
    }

    /// For a caller: with the ways that they may take; `here` is the address of the page.
    pub(crate) async fn of(site: &Site, caller: &Caller, title: &str, here: &str, headers: &HeaderMap) -> Result<Self, Problem> {
        let organization = site.store().find_organization(caller.organization).await?;
        let name = organization.map(|organization| organization.name).unwrap_or_default();
        let in_settings = here.starts_with("/settings");
        let account = match &caller.who {
            Who::User { email, .. } => email.clone(),
            Who::Token { name } => format!("token {name}"),
        };
        Ok(Self {
            organizations: places(site, caller).await?,
            ways: all_ways(site, caller, if in_settings { "/settings" } else { here }).await?,
            settings: if in_settings { ways(&SETTINGS, caller, here) } else { Vec::new() },
            account: Some(account),
            // A frame may be made after the page's rows were read; what is told twice does no harm.
            made_at: site.now().plus_seconds(-5).0,
            ..Self::new(title, &name, Theme::of(headers))
        })
    }

    /// With ways to other reports that keep the days and tools of a view.
    pub(crate) fn carrying(mut self, view: &View) -> Self {
        for way in self.ways.iter_mut().filter(|way| is_report(&way.href)) {
            way.href = view.carried(&way.href);
        }
        self
    }

    /// With what is searched for.
    pub(crate) fn searched(self, words: &str) -> Self {
        Self { searched: words.to_owned(), ..self }
    }

    /// With what the query says the form before did, if the page knows it.
    pub(crate) fn saying(self, query: Option<&str>, known: Said) -> Self {
        Self { said: said::heard(query, known), ..self }
    }
}

/// The organizations of somebody signed in; nothing where there is no choice.
async fn places(site: &Site, caller: &Caller) -> Result<Vec<Place>, Problem> {
    let (Who::User { id, .. }, Some(_)) = (&caller.who, &caller.session) else { return Ok(Vec::new()) };
    let memberships = site.store().list_memberships_of(*id).await?;
    let open = memberships.into_iter().filter(|membership| !membership.locked);
    let places: Vec<Place> = open
        .map(|membership| Place {
            id: membership.organization.0,
            here: membership.organization == caller.organization,
            name: membership.organization_name,
        })
        .collect();
    Ok(if places.len() > 1 { places } else { Vec::new() })
}

/// The ways of the header: the connected tools stand between the Overview and the other pages.
async fn all_ways(site: &Site, caller: &Caller, here: &str) -> Result<Vec<Way>, Problem> {
    let connected = site.store().list_integrations(caller.organization).await?;
    let is_connected = |tool: &str| connected.iter().any(|known| known.owner.is_none() && known.tool.as_str() == tool);
    let tools = site.tools().iter().filter(|profile| caller.may(P::ViewAggregates) && is_connected(profile.id));
    let tools = tools.map(|profile| way(format!("/tools/{}", profile.id), profile.name, here));
    Ok(ways(&FIRST, caller, here).into_iter().chain(tools).chain(ways(&PAGES, caller, here)).collect())
}

fn open<'a>(known: &'a [Known], caller: &'a Caller) -> impl Iterator<Item = &'a Known> {
    known.iter().filter(|(_, _, any)| any.iter().any(|permission| caller.may(*permission)))
}

fn ways(known: &[Known], caller: &Caller, here: &str) -> Vec<Way> {
    open(known, caller).map(|&(href, label, _)| way(href.to_owned(), label, here)).collect()
}

fn way(href: String, label: &str, here: &str) -> Way {
    let here = href == here || (href != "/" && here.starts_with(&format!("{href}/")));
    Way { href, label: label.to_owned(), here }
}

/// Every page that the caller may open, with what it is called.
pub(crate) fn open_ways(caller: &Caller) -> Vec<(&'static str, &'static str)> {
    let rooms: [&'static [Known]; 3] = [&FIRST, &PAGES, &SETTINGS];
    let all = rooms.into_iter().flatten();
    all.filter(|(_, _, any)| any.iter().any(|permission| caller.may(*permission)))
        .map(|&(href, label, _)| (href, label))
        .collect()
}

/// Whether the caller may follow a way to that address; what is no page of the header or settings is not known to be closed.
pub(crate) fn may_go(caller: &Caller, to: &str) -> bool {
    let path = to.split(['?', '#']).next().unwrap_or_default();
    let known = PAGES.iter().chain(&SETTINGS).filter(|(href, ..)| path == *href || path.starts_with(&format!("{href}/")));
    let nearest = known.max_by_key(|(href, ..)| href.len());
    nearest.is_none_or(|(_, _, any)| any.iter().any(|permission| caller.may(*permission)))
}
