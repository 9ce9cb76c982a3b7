//! Which agents a pull request's own marks name, by which of them, and who started an agent.

use super::agents::{AGENTS, Agent, REVIEWER_IDS, REVIEWER_LOGINS, WEB_FLOW};
use super::message::{self, Named};
use super::own_agents::{self, OwnAgent};
use super::pull_request::{Actor, GitActor, PullRequest};
use crate::Settings;
use std::collections::BTreeSet;
use tacho_domain::IdentityRef;
use tacho_domain::delivery::{AuthorKind, Signal, SignalKind};

const NOREPLY: &str = "@users.noreply.github.com";

/// The known agents and the operator's own.
#[derive(Debug, Default)]
pub(super) struct Agents {
    own: Vec<OwnAgent>,
}

/// Whose address a commit or a trailer has.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    /// An account's private address at GitHub: `123+login@users.noreply.github.com`.
    Account(i64, String),
    /// The older form without a number.
    Login(String),
    /// Any other.
    Plain(String),
}

impl Address {
    fn of(email: &str) -> Self {
        let email = email.trim().to_lowercase();
        let Some(local) = email.strip_suffix(NOREPLY) else { return Self::Plain(email) };
        match local.split_once('+') {
            Some((id, login)) if id.parse::<i64>().is_ok_and(|id| id > 0) => {
                Self::Account(id.parse().unwrap_or_default(), login.to_owned())
            }
            _ => Self::Login(local.to_owned()),
        }
    }
}

impl Agents {
    pub(super) fn of(settings: Option<&Settings>) -> Self {
        Self { own: settings.map(own_agents::of).unwrap_or_default() }
    }

    /// What opened the pull request, with the agent's id where it is one.
    pub(super) fn author(&self, author: Option<&Actor>) -> (AuthorKind, Option<&str>) {
        let Some(author) = author else { return (AuthorKind::Human, None) };
        if let Some(agent) = self.account(author.database_id.0, author.app()) {
            return (AuthorKind::Agent, Some(agent));
        }
        let kind = if author.is_person() { AuthorKind::Human } else { AuthorKind::Bot };
        (kind, None)
    }

    /// Whether a review is a person's.
    pub(super) fn is_person(&self, actor: &Actor) -> bool {
        actor.is_person()
            && !actor.database_id.0.is_some_and(|id| REVIEWER_IDS.contains(&id))
            && self.account(actor.database_id.0, None).is_none()
    }

    /// Every sign of every agent, each once.
    pub(super) fn signals(&self, pull: &PullRequest) -> Vec<Signal> {
        let mut signals = BTreeSet::new();
        let mut say = |kind, agent: &str| {
            signals.insert(Signal { kind, agent: agent.to_owned() });
        };
        if let (_, Some(agent)) = self.author(pull.author.as_ref()) {
            say(SignalKind::Author, agent);
        }
        for author in pull.commits().filter_map(|commit| commit.author.as_ref()) {
            if let Some(agent) = self.git_actor(author) {
                say(SignalKind::CommitAuthor, agent);
            }
        }
        for message in pull.messages() {
            self.of_message(message, &mut say);
        }
        let branch = pull.branch();
        let own = self.own.iter().filter(|own| own.branches.iter().any(|prefix| branch.starts_with(prefix.as_str())));
        let known = AGENTS.iter().filter(|agent| agent.branches.iter().any(|prefix| branch.starts_with(prefix)));
        own.map(|own| own.id.as_str()).chain(known.map(|agent| agent.id)).for_each(|agent| say(SignalKind::Branch, agent));
        for label in pull.labels().map(str::to_lowercase) {
            let own = self.own.iter().filter(|own| own.labels.contains(&label)).map(|own| own.id.as_str());
            let known = AGENTS.iter().filter(|agent| agent.labels.contains(&label.as_str())).map(|agent| agent.id);
            own.chain(known).for_each(|agent| say(SignalKind::Label, agent));
        }
        signals.into_iter().collect()
    }

    fn of_message(&self, message: &str, say: &mut dyn FnMut(SignalKind, &str)) {
        for named in message::named(message) {
            if let Some(agent) = named.email.as_deref().and_then(|email| self.email(email)) {
                say(SignalKind::Trailer, agent);
            } else if let Some(agent) = by_name(&named) {
                say(SignalKind::TrailerName, agent);
            }
        }
        message::own_keys(message).for_each(|agent| say(SignalKind::TrailerName, agent));
        message::forms(message).for_each(|agent| say(SignalKind::Marker, agent));
        for tool in message::generated(message) {
            if let Some(agent) = AGENTS.iter().find(|agent| agent.markers.contains(&tool.as_str())) {
                say(SignalKind::Marker, agent.id);
            }
        }
    }

    /// The agent of an account, by its number; where there is none, by the login of an app.
    fn account(&self, id: Option<i64>, app: Option<&str>) -> Option<&str> {
        let own = |id| self.own.iter().find(|own| own.ids.contains(&id)).map(|own| own.id.as_str());
        let known = |id| AGENTS.iter().find(|agent| agent.ids.contains(&id)).map(|agent| agent.id);
        let app = || AGENTS.iter().find(|agent| app.is_some_and(|app| agent.apps.contains(&app))).map(|agent| agent.id);
        id.and_then(|id| own(id).or_else(|| known(id))).or_else(app)
    }

    fn email(&self, email: &str) -> Option<&str> {
        let address = Address::of(email);
        let own = self.own.iter().find(|own| own.emails.iter().any(|known| known == email)).map(|own| own.id.as_str());
        own.or_else(|| match &address {
            // A login ends in `[bot]` only where it is an app's: no person can have brackets in it.
            Address::Account(id, login) => self.account(Some(*id), login.strip_suffix("[bot]")),
            Address::Login(login) => self.account(None, login.strip_suffix("[bot]")),
            Address::Plain(email) => AGENTS.iter().find(|agent| agent.emails.contains(&email.as_str())).map(|agent| agent.id),
        })
    }

    fn git_actor(&self, actor: &GitActor) -> Option<&str> {
        let by_account = actor.user.as_ref().and_then(|user| self.account(user.database_id.0, None));
        by_account.or_else(|| self.email(actor.email.as_deref()?))
    }

    /// Who started an agent: the person whom a commit's trailer names, else the one who committed, else the one who wrote a
    /// commit beside it. `None`: nobody is named.
    pub(super) fn starter(&self, pull: &PullRequest) -> Option<IdentityRef> {
        let messages = pull.commits().filter_map(|commit| commit.message.as_deref());
        let trailers = messages.flat_map(message::named).filter(|named| !named.of_tools).filter_map(|named| named.email);
        let committers = pull.commits().filter_map(|commit| commit.committer.as_ref());
        let authors = pull.commits().filter_map(|commit| commit.author.as_ref());
        let of_trailer = trailers.into_iter().find_map(|email| self.person_of(&email));
        of_trailer.or_else(|| committers.chain(authors).find_map(|actor| self.person(actor)))
    }

    fn person(&self, actor: &GitActor) -> Option<IdentityRef> {
        if self.git_actor(actor).is_some() {
            return None;
        }
        match actor.user.as_ref().and_then(|user| Some((user.database_id.0?, user.login.as_deref()?))) {
            Some((WEB_FLOW, _)) => None,
            Some((id, _)) if REVIEWER_IDS.contains(&id) => None,
            Some((id, login)) => Some(IdentityRef::github(id, login)),
            None => self.person_of(actor.email.as_deref()?),
        }
    }

    fn person_of(&self, email: &str) -> Option<IdentityRef> {
        if self.email(email).is_some() {
            return None;
        }
        match Address::of(email) {
            Address::Account(id, login) if id != WEB_FLOW && !login.ends_with("[bot]") && !REVIEWER_IDS.contains(&id) => {
                Some(IdentityRef::github(id, &login))
            }
            Address::Login(login) if !login.ends_with("[bot]") && !REVIEWER_LOGINS.contains(&login.as_str()) => {
                Some(IdentityRef::github_login(&login))
            }
            // GitHub's own pages, and machines.
            Address::Plain(email) if email.contains('@') && !email.starts_with("noreply@") && !email.contains("[bot]") => {
                Some(IdentityRef::email(&email))
            }
            _ => None,
        }
    }
}

/// The agent of a name in a trailer, where the address beside it is unknown. "Claude <claude@example.com>" may be a person;
/// "Claude Opus 5" is none, and neither is a name that a trailer about tools has without an address.
fn by_name(named: &Named<'_>) -> Option<&'static str> {
    let name = named.name.to_lowercase();
    let begins =
        |known: &str| name.strip_prefix(known).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    let bare = named.of_tools && named.email.is_none();
    let names = |agent: &&Agent| {
        agent.names.iter().any(|known| begins(known)) || bare && agent.first_names.iter().any(|known| begins(known))
    };
    AGENTS.iter().find(names).map(|agent| agent.id)
}
