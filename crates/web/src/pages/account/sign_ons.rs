//! The providers that vouch for an account.

use crate::app::Site;
use crate::problem::Problem;
use tacho_render::words::instant;
use tacho_store::User;

/// A provider that vouches for the account.
pub(super) struct Linked {
    pub(super) provider: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) since: String,
    /// Whether something else lets the user in once it is gone.
    pub(super) may_go: bool,
}

pub(super) async fn list(site: &Site, user: &User) -> Result<Vec<Linked>, Problem> {
    let providers = site.sign_on().providers();
    let found = site.store().list_sign_ons(user.id).await?;
    let may_go = user.has_password || found.len() > 1;
    let shown = |one: tacho_store::SignOn| Linked {
        name: providers
            .iter()
            .find(|card| card.id == one.provider)
            .map_or_else(|| one.provider.clone(), |card| card.label.clone()),
        provider: one.provider,
        label: one.label,
        since: instant(one.created_at),
        may_go,
    };
    Ok(found.into_iter().map(shown).collect())
}

/// Label and address of the providers that do not vouch for the account yet.
pub(super) fn linkable(site: &Site, linked: &[Linked]) -> Vec<(String, String)> {
    let cards = site.sign_on().providers().into_iter();
    let open = cards.filter(|card| linked.iter().all(|known| known.provider != card.id));
    open.map(|card| (card.label, format!("/settings/account/link/{}", card.id))).collect()
}
