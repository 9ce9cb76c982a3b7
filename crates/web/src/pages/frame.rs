//! What every page has around it: the organization, the ways to other pages that the caller may take, their account.

use super::said::{self, Said};
use crate::app::Site;
use crate::assets::{self, Theme};
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use http::HeaderMap;
use tacho_domain::Permission as P;

/// A way to another page.
pub(crate) struct Way {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
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
    /// What the form before this page did.
    pub(crate) said: Option<&'static str>,
    /// When the page was begun, in microseconds, a little early: what ended since then is news to it.
    pub(crate) made_at: i64,
    pub(crate) theme: Theme,
    pub(crate) css: String,
    pub(crate) js: String,
    pub(crate) icon: String,
}

/// Address, label and who may go there: one of these permissions.
type Known = (&'static str, &'static str, &'static [P]);

const PAGES: [Known; 2] = [("/", "Overview", &[P::ViewAggregates]), ("/settings", "Settings", &[P::ManageOwnAccount])];

/// The settings, in the order of the side.
pub(crate) const SETTINGS: [Known; 10] = [
    ("/settings/integrations", "Integrations", &[P::ViewIntegrations]),
    ("/settings/tools", "My tools", &[P::ConnectOwnTools]),
    ("/settings/people", "People", &[P::ManagePeople]),
    ("/settings/teams", "Teams", &[P::ManagePeople]),
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
            said: None,
            theme,
            css: assets::css(),
            js: assets::js(),
            icon: assets::icon(),
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
            ways: ways(&PAGES, caller, if in_settings { "/settings" } else { here }),
            settings: if in_settings { ways(&SETTINGS, caller, here) } else { Vec::new() },
            account: Some(account),
            // A frame may be made after the page's rows were read; what is told twice does no harm.
            made_at: site.now().plus_seconds(-5).0,
            ..Self::new(title, &name, Theme::of(headers))
        })
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

fn ways(known: &[Known], caller: &Caller, here: &str) -> Vec<Way> {
    let open = known.iter().filter(|(_, _, any)| any.iter().any(|permission| caller.may(*permission)));
    open.map(|&(href, label, _)| Way {
        href,
        label,
        here: href == here || (href != "/" && here.starts_with(&format!("{href}/"))),
    })
    .collect()
}
