//! One of everything that an address can name, in an organization, so that every route can be asked for.

#![allow(dead_code, reason = "each test file uses its part")]

use crate::house::House;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tacho_domain::budget::Basis;
use tacho_domain::delivery::{AuthorKind, PullRequestFact, Repository};
use tacho_domain::seats::ExclusionReason;
use tacho_domain::{
    Day, Fact, IdentityRef, Instant, IntegrationId, Money, OrganizationId, Role, Scopes, SliceState, StreamRole, SubjectId,
    ToolId,
};
use tacho_store::{By, LinkKind, NewIntegration, NewLink, NewMember, NewShare, NewToken, SliceWrite};

/// Stands in everything of the other organization and nowhere else.
pub(crate) const MARK: &str = "Zyzzyva";

/// What there is, as it stands in an address: by the part of the address before it.
pub(crate) struct Seeds {
    pub(crate) organization: OrganizationId,
    values: BTreeMap<&'static str, String>,
}

/// An address with its names filled in.
pub(crate) struct Filled {
    pub(crate) path: String,
    /// Whether one of them is something of the organization.
    pub(crate) named: bool,
}

/// Names that stand for nothing of an organization.
fn of_nobody(before: &str, name: &str) -> Option<&'static str> {
    Some(match (before, name) {
        (_, "secret" | "token") => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        (_, "provider") => "github",
        (_, "connector") => "pair_api",
        (_, "tool") => "pair",
        ("reports", "name") => "overview",
        ("reports", "file") => "report.json",
        ("assets", "name") => "icon.svg",
        _ => return None,
    })
}

impl Seeds {
    /// The address with what is seeded here, by the part before a name, or by the name where that says nothing.
    pub(crate) fn fill(&self, path: &str) -> Filled {
        let mut named = false;
        let mut before = "";
        let parts = path.split('/').map(|part| {
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
                before = part;
                return part.to_owned();
            };
            if let Some(value) = of_nobody(before, name) {
                return value.to_owned();
            }
            named = true;
            let value = self.values.get(before).or_else(|| self.values.get(name));
            value.unwrap_or_else(|| panic!("nothing is seeded for `{{{name}}}` of {path}: add it to tests/seeds")).clone()
        });
        let path = parts.collect::<Vec<_>>().join("/");
        Filled { path, named }
    }

    /// The same, where an address names something of an organization at all.
    pub(crate) fn fill_foreign(&self, path: &str) -> Option<String> {
        let filled = self.fill(path);
        filled.named.then_some(filled.path)
    }
}

/// Adds that many of each to an organization; the last ones are what addresses name.
pub(crate) async fn seed(house: &House, organization: OrganizationId, mark: &str, many: u32) -> Seeds {
    let (store, now) = (&house.store, house.now);
    let mut values = BTreeMap::new();
    for number in 1..=many {
        let name = format!("{mark} {number}");
        let mail = mark.to_lowercase();
        let settings = BTreeMap::from([("base_url".to_owned(), format!("https://{mail}.example"))]);
        let tool = ToolId::new("pair");
        let new = NewIntegration {
            connector: "pair_api",
            tool: &tool,
            name: &name,
            settings: &settings,
            credential: None,
            owner: None,
        };
        let integration = store.add_integration(organization, &new, now).await.unwrap();
        let email = format!("{mail}-member{number}@example.org");
        let new = NewMember { email: &email, name: Some(&name), ..NewMember::default() };
        let member = store.add_member(organization, &new, By::Operator, now).await.unwrap();
        let team = store.add_team(organization, &name).await.unwrap();
        let today = now.day();
        store.put_team_member(organization, team, member, (today.minus(10), None), By::Operator, now).await.unwrap();
        let (user, _) = house.person_at(organization, Role::Member, &format!("{mail}-user{number}@example.org"), &name).await;
        let session = store.list_sessions(user, &[], now).await.unwrap()[0].id;
        let hash = Sha256::digest(name.as_bytes()).to_vec();
        let scopes = Scopes::parse("view_aggregates").unwrap();
        let token =
            NewToken { name: &name, hash: &hash, user: None, role: Role::Viewer, scopes, expires_at: None, made_by: Some(user) };
        let token = store.add_api_token(organization, &token, now).await.unwrap();
        let guest = format!("{mail}-guest{number}@example.org");
        let link = NewLink {
            kind: LinkKind::Invitation,
            hash: &hash,
            user: None,
            email: Some(&guest),
            role: Some(Role::Member),
            made_by: None,
            by_operator: false,
            expires_at: now.plus_seconds(3_600),
        };
        store.add_link(organization, &link, now).await.unwrap();
        let card = serde_json::json!({ "name": name });
        let expires_at = now.plus_seconds(86_400);
        let share = NewShare { member, hash: &hash, card: &card, made_by: None, expires_at };
        let share = store.add_share(organization, &share, now).await.unwrap();
        let monthly = (Basis::Bill, Money(1_000_000));
        let budget = store.put_budget(organization, None, monthly, By::Operator, now).await.unwrap();
        let away = (ExclusionReason::Leave, None);
        let exclusion = store.put_seat_exclusion(organization, (member, None), away, By::Operator, now).await.unwrap().unwrap();
        let change = store.list_people_changes(organization, 1, None).await.unwrap()[0].id;
        let identity = store.list_identities(organization).await.unwrap().last().unwrap().id;
        let pull = merged(house, organization, integration, mark, number).await;
        values = BTreeMap::from([
            ("integrations", integration.0.to_string()),
            ("reconciliation", integration.0.to_string()),
            ("members", member.0.to_string()),
            ("identities", identity.0.to_string()),
            ("teams", team.to_string()),
            ("budgets", budget.to_string()),
            ("seats", exclusion.to_string()),
            ("seat-exclusions", exclusion.to_string()),
            ("share", share.to_string()),
            ("users", user.0.to_string()),
            ("sessions", session.to_string()),
            ("tokens", token.to_string()),
            ("invitations", guest),
            ("changes", change.to_string()),
            ("people-changes", change.to_string()),
            ("organization", organization.0.to_string()),
            ("integration", integration.0.to_string()),
            ("repository", pull.0.to_string()),
            ("number", pull.1.to_string()),
        ]);
    }
    Seeds { organization, values }
}

/// A merged pull request of an organization that asks about it: its repository and number.
async fn merged(house: &House, organization: OrganizationId, integration: IntegrationId, mark: &str, number: u32) -> (i64, u32) {
    let (now, day) = (house.now, house.now.day().minus(1));
    house.store.put_surveys(organization, true, By::Operator, now.plus_seconds(-10 * 86_400)).await.unwrap();
    let repository = organization.0 * 1_000 + i64::from(number);
    let mail = format!("{mark}-member{number}@example.org");
    let fact = pull_request(day, (repository, &format!("{mark}/code{number}")), 70 + number, &mail);
    write_pull_requests(house, organization, integration, day, &[Fact::PullRequest(Box::new(fact))]).await;
    (repository, 70 + number)
}

/// An integration that tells of pull requests.
pub(crate) async fn code_host(house: &House, organization: OrganizationId) -> IntegrationId {
    let (tool, settings) = (ToolId::new("pair"), BTreeMap::default());
    let new =
        NewIntegration { connector: "pair_api", tool: &tool, name: "Code", settings: &settings, credential: None, owner: None };
    house.store.add_integration(organization, &new, house.now).await.unwrap()
}

/// Pull requests that were merged on a day, as a sync writes them.
pub(crate) async fn write_pull_requests(
    house: &House,
    organization: OrganizationId,
    integration: IntegrationId,
    day: Day,
    facts: &[Fact],
) {
    let write = SliceWrite {
        integration,
        tool: &ToolId::new("pair"),
        stream: "pull_requests",
        role: StreamRole::Delivery,
        day,
        state: SliceState::Final,
        checksum: b"one",
        force: false,
        fetched_at: house.now,
        facts,
    };
    house.store.replace_slice(organization, &write).await.unwrap();
}

/// A pull request that somebody wrote in a day and a colleague approved the next morning.
pub(crate) fn pull_request(day: Day, (id, name): (i64, &str), number: u32, author: &str) -> PullRequestFact {
    let merged_at = Instant(i64::from(day.0) * 86_400_000_000 + 43_200_000_000);
    let before = |hours: i64| Some(merged_at.plus_seconds(-hours * 3_600));
    PullRequestFact {
        day,
        repository: Repository { id, name: name.to_owned() },
        number,
        author_kind: AuthorKind::Human,
        author: Some(IdentityRef::email(author)),
        created_at: merged_at.plus_seconds(-20 * 3_600),
        ready_at: None,
        merged_at,
        first_commit_at: before(26),
        last_commit_at: before(21),
        first_review_at: before(4),
        last_approval_at: before(2),
        approvals: 1,
        additions: 120,
        deletions: 30,
        changed_files: 5,
        commits: 3,
        labels: Vec::new(),
        signals: Vec::new(),
        merge_commit: Some(format!("{number:040}")),
        reverts_number: None,
        reverts_commit: None,
        truncated: false,
    }
}

/// Everything of an organization that a route could have changed.
pub(crate) async fn picture(house: &House, organization: OrganizationId) -> String {
    let store = &house.store;
    let today = house.now.day();
    let (mut hooks, mut said) = (Vec::new(), Vec::new());
    for integration in store.list_integrations(organization).await.unwrap() {
        hooks.push(store.find_webhook(organization, integration.id).await.unwrap());
    }
    for member in store.list_members(organization).await.unwrap() {
        said.push(store.list_survey_answers(organization, member.id).await.unwrap());
    }
    format!(
        "{hooks:?} {said:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.list_memberships(organization).await.unwrap(),
        store.list_integrations(organization).await.unwrap(),
        store.list_members(organization).await.unwrap(),
        store.list_identities(organization).await.unwrap(),
        store.list_teams(organization, today).await.unwrap(),
        store.list_api_tokens(organization, None).await.unwrap(),
        store.list_links(organization, house.now).await.unwrap(),
        store.list_people_changes(organization, 1_000, None).await.unwrap(),
        store.list_budgets(organization).await.unwrap(),
        store.list_seat_exclusions(organization).await.unwrap(),
        store.find_survey_start(organization).await.unwrap(),
    )
}

/// Fails where an id of one organization is one of the other too: it would prove nothing.
pub(crate) async fn apart(house: &House, own: &Seeds, other: &Seeds) {
    let store = &house.store;
    let number = |kind: &str| other.values[kind].parse::<i64>().unwrap();
    let small = |kind: &str| other.values[kind].parse::<u32>().unwrap();
    let organization = own.organization;
    assert!(store.find_integration(organization, tacho_domain::IntegrationId(number("integrations"))).await.unwrap().is_none());
    assert!(store.find_member(organization, SubjectId(small("members"))).await.unwrap().is_none());
    assert!(store.find_identity(organization, tacho_domain::IdentityId(small("identities"))).await.unwrap().is_none());
    assert!(store.list_teams(organization, house.now.day()).await.unwrap().iter().all(|team| team.id != number("teams")));
    assert!(store.list_api_tokens(organization, None).await.unwrap().iter().all(|token| token.id != number("tokens")));
    assert!(store.list_people_changes(organization, 1_000, None).await.unwrap().iter().all(|one| one.id != number("changes")));
}
