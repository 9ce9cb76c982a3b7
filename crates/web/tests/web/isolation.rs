//! A law: whatever two organizations do, in whatever order, neither ever sees a row of the other, through any page, endpoint,
//! export, event stream or error message; and its figures are those it would have alone.

use crate::house::{House, TOOLS};
use crate::seeds::{MARK, Seeds};
use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{
    Fact, IdentityRef, IntegrationId, Measure, Measures, OrganizationId, PersonFact, Role, StreamRole, SubjectId, ToolId,
    UsageFact,
};
use tacho_store::{By, NewAudit, NewIntegration, NewMember, Outcome, Progress, ProgressState, StoredFailure};
use tacho_web::route_table;
use tower::ServiceExt;

/// The other organization's mark is [`MARK`].
const OWN_MARK: &str = "Quokka";

/// Something that happens in an organization.
#[derive(Debug, Clone)]
enum Deed {
    Usage { person: u32, tool: usize, days_ago: i32, amount: i64 },
    Roster { person: u32 },
    Member,
    Team,
    Failure { tool: usize },
    Progress { tool: usize },
    Match { identity: usize, member: usize },
    Merge,
    Audit,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..5u32, 0..3usize, 1..28i32, 1..500i64)
            .prop_map(|(person, tool, days_ago, amount)| Deed::Usage { person, tool, days_ago, amount }),
        2 => (0..5u32).prop_map(|person| Deed::Roster { person }),
        1 => Just(Deed::Member),
        1 => Just(Deed::Team),
        1 => (0..3usize).prop_map(|tool| Deed::Failure { tool }),
        1 => (0..3usize).prop_map(|tool| Deed::Progress { tool }),
        2 => (0..8usize, 0..8usize).prop_map(|(identity, member)| Deed::Match { identity, member }),
        1 => Just(Deed::Merge),
        1 => Just(Deed::Audit),
    ]
}

/// An organization with its connections.
struct Party {
    organization: OrganizationId,
    mark: &'static str,
    integrations: Vec<IntegrationId>,
    cookie: String,
}

impl Party {
    async fn new(house: &House, organization: OrganizationId, mark: &'static str) -> Self {
        let mut integrations = Vec::new();
        for tool in &TOOLS {
            let (id, name) = (ToolId::new(tool.id), format!("{mark} {}", tool.name));
            let settings = [("base_url".to_owned(), format!("https://{}.example", mark.to_lowercase()))].into();
            let new =
                NewIntegration { connector: tool.id, tool: &id, name: &name, settings: &settings, credential: None, owner: None };
            integrations.push(house.store.add_integration(organization, &new, house.now).await.unwrap());
        }
        let mail = format!("owner@{}.example", mark.to_lowercase());
        let (_, cookie) = house.person_at(organization, Role::Owner, &mail, &format!("{mark} Owner")).await;
        Self { organization, mark, integrations, cookie }
    }

    fn who(&self, person: u32) -> IdentityRef {
        IdentityRef::email(&format!("{}{person}@{}.example", self.mark, self.mark))
    }

    /// `number` is unique among all deeds, so that no name is taken twice.
    async fn does(&self, house: &mut House, deed: &Deed, number: usize) {
        let (now, organization, mark) = (house.now, self.organization, self.mark);
        match *deed {
            Deed::Usage { person, tool, days_ago, amount } => {
                let day = now.day().minus(days_ago);
                let measures = Measures::default().with(Measure::Interactions, amount).with(Measure::LinesAdded, amount * 7);
                let fact = Fact::Usage(UsageFact { day, identity: self.who(person), active: Some(true), agent: None, measures });
                self.write(house, tool, &format!("usage_{number}"), StreamRole::Activity, days_ago, &[fact]).await;
            }
            Deed::Roster { person } => {
                let identity = self.who(person);
                let (name, email) = (Some(format!("{mark} Person {person}")), Some(identity.key.clone()));
                let fact = Fact::Person(PersonFact { identity, name, email, removed: false });
                self.write(house, 0, &format!("members_{number}"), StreamRole::Roster, 1, &[fact]).await;
            }
            Deed::Member => {
                let email = format!("{mark}-colleague{number}@example.org");
                let new = NewMember { email: &email, name: Some(&email), ..NewMember::default() };
                house.store.add_member(organization, &new, By::Operator, now).await.unwrap();
            }
            Deed::Team => {
                let team = house.store.add_team(organization, &format!("{mark} Team {number}")).await.unwrap();
                if let Some(member) = self.members(house).await.first() {
                    let from = now.day().minus(9);
                    house.store.put_team_member(organization, team, *member, (from, None), By::Operator, now).await.unwrap();
                }
            }
            Deed::Failure { tool } => {
                let failure = StoredFailure {
                    kind: "auth".into(),
                    cause: format!("{mark} key refused."),
                    fix: format!("Ask {mark}."),
                    at: now,
                };
                let outcome = Outcome { failure: Some(failure.clone()), ..Outcome::default() };
                let id = self.integrations[tool];
                house.store.put_integration_outcome(organization, id, &outcome).await.unwrap();
                house.store.put_stream_failure(organization, id, "seats", Some(&failure)).await.unwrap();
            }
            Deed::Progress { tool } => self.progresses(house, tool).await,
            Deed::Match { identity, member } => {
                let identities = house.store.list_identities(organization).await.unwrap();
                let members = self.members(house).await;
                if let (Some(identity), Some(member)) = (identities.get(identity), members.get(member)) {
                    house.store.match_identity(organization, identity.id, *member, By::Operator, now).await.unwrap();
                }
            }
            Deed::Merge => {
                if let [first, .., last] = self.members(house).await[..] {
                    house.store.merge_members(organization, last, first, By::Operator, now).await.unwrap();
                }
            }
            Deed::Audit => {
                let actor = Actor::Token { name: format!("{mark} robot") };
                let (target, detail) = (format!("{mark} target"), json!({ "mark": mark }));
                let action = Action::OrganizationChanged;
                let new =
                    NewAudit { at: now, actor: &actor, action, target: &target, detail: &detail, address: "", request_id: "" };
                house.store.add_audit(organization, &new).await.unwrap();
            }
        }
    }

    async fn progresses(&self, house: &House, tool: usize) {
        let (integration, stream, at) = (self.integrations[tool], Some(format!("{}_stream", self.mark)), house.now);
        let state = ProgressState::Finished;
        let progress = Progress { integration, state, done: 1, total: 2, stream, begun_at: at, at };
        house.store.put_progress(self.organization, &progress).await.unwrap();
    }

    async fn write(&self, house: &mut House, tool: usize, stream: &str, role: StreamRole, days_ago: i32, facts: &[Fact]) {
        let before = std::mem::replace(&mut house.organization, self.organization);
        let day = house.now.day().minus(days_ago);
        house.write(self.integrations[tool], &ToolId::new(TOOLS[tool].id), stream, role, day, facts).await;
        house.organization = before;
    }

    async fn members(&self, house: &House) -> Vec<SubjectId> {
        house.store.list_members(self.organization).await.unwrap().into_iter().map(|member| member.id).collect()
    }

    /// Everything that is answered to this organization's owner, asked with ids of its own and with those of the other one.
    async fn sees(&self, house: &House, own: &Seeds, foreign: &Seeds) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        for row in route_table() {
            let mut paths = vec![own.fill(&row.path).path];
            paths.extend(foreign.fill_foreign(&row.path));
            for path in paths {
                // What changes something is asked for wrongly: its error message is what is looked at.
                let wrong = row.method != Method::GET;
                if wrong && (row.path.contains("sign-out") || path.contains("/sessions")) {
                    continue;
                }
                // All that ever ended, at once: else the stream would be quiet until its heartbeat.
                let address = if path == "/api/v1/events" { format!("{path}?since=0") } else { path.clone() };
                let body = if wrong { Body::from("{\"Wrong\": true}") } else { Body::empty() };
                let request = Request::builder().method(row.method.clone()).uri(&address).header("host", "tacho.example");
                let request =
                    request.header("cookie", &self.cookie).header("content-type", "application/json").body(body).unwrap();
                let response = house.router.clone().oneshot(request).await.unwrap();
                let headers = format!("{:?}", response.headers());
                let mut body = response.into_body().into_data_stream();
                let mut text = Vec::new();
                // A stream of events never ends; its first piece tells all that there is.
                let endless = headers.contains("text/event-stream");
                while let Some(piece) = body.next().await {
                    text.extend(piece.unwrap());
                    if endless {
                        break;
                    }
                }
                let text = String::from_utf8_lossy(&text).into_owned();
                // What was asked for is said back; that is the asker's own word.
                seen.push((format!("{} {path}", row.method), format!("{headers}{text}").replace(&path, "")));
            }
        }
        seen
    }

    /// The figures, as far as they name no number that the whole installation shares.
    async fn figures(&self, house: &House) -> Vec<String> {
        let paths = [
            "/api/overview",
            "/reports/overview/members.csv",
            "/api/ai-usage/dashboard",
            "/api/v1/members",
            "/api/v1/identities",
            "/api/v1/status",
        ];
        let mut figures = Vec::new();
        for path in paths {
            let answer = house.page(&self.cookie, path).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.text);
            figures.push(answer.text);
        }
        figures
    }
}

/// One of everything in the party's own name, so that every address can be filled in.
async fn seeded(house: &House, party: &Party, many: u32) -> Seeds {
    crate::seeds::seed(house, party.organization, party.mark, many).await
}

async fn holds(deeds: &[(bool, Deed)]) {
    let mut house = House::patient().await;
    let first = house.organization;
    let second = house.store.add_organization(&format!("{MARK} Works"), house.now).await.unwrap();
    let (own, other) = (Party::new(&house, first, OWN_MARK).await, Party::new(&house, second, MARK).await);
    let mut alone = House::patient().await;
    let lonely = Party::new(&alone, alone.organization, OWN_MARK).await;
    for (number, (ours, deed)) in deeds.iter().enumerate() {
        if *ours {
            own.does(&mut house, deed, number).await;
            lonely.does(&mut alone, deed, number).await;
        } else {
            other.does(&mut house, deed, number).await;
        }
    }
    assert_eq!(own.figures(&house).await, lonely.figures(&alone).await, "the other organization changed our figures");
    own.progresses(&house, 0).await;
    other.progresses(&house, 0).await;
    let (own_seeds, other_seeds) = (seeded(&house, &own, 1).await, seeded(&house, &other, 3).await);
    for (party, mine, theirs, mark) in [(&own, &own_seeds, &other_seeds, MARK), (&other, &other_seeds, &own_seeds, OWN_MARK)] {
        let mut itself = 0;
        for (place, text) in party.sees(&house, mine, theirs).await {
            let lower = text.to_lowercase();
            assert!(!lower.contains(&mark.to_lowercase()), "{place} as {} shows {mark}: {text}", party.mark);
            itself += usize::from(lower.contains(&party.mark.to_lowercase()));
        }
        assert!(itself > 10, "{} sees itself in {itself} answers only: nothing was shown", party.mark);
    }
}

#[test]
fn two_organizations_never_see_each_other() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The same cases on every machine.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let config = Config { cases: 12, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
    let deeds = prop::collection::vec((any::<bool>(), deed()), 10..60);
    TestRunner::new_with_rng(config, rng)
        .run(&deeds, |deeds| {
            runtime.block_on(holds(&deeds));
            Ok(())
        })
        .unwrap();
}
