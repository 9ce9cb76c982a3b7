//! A house for tests: the real router over a real store in a temporary file, seeded with facts that anyone can add up.

#![allow(dead_code, reason = "each test file uses its part of the house")]

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tacho_domain::{
    AcceptanceRule, Day, Fact, IdentityRef, Instant, IntegrationId, Measure, Measures, Money, OrganizationId, PersonFact, StreamRole,
    SeatFact, SliceState, ToolId, ToolProfile, UsageFact, Window,
};
use tacho_store::{NewIntegration, Outcome, SliceWrite, Store};
use tacho_web::{
    App, ConnectRefused, ConnectRequest, Connected, Connections, ConnectorCard, Limits, SettingCard, SyncRefused, Tried,
};
use tower::ServiceExt;

/// A tool per kind of acceptance: one rule, none, two.
pub(crate) const TOOLS: [ToolProfile; 3] = [
    ToolProfile {
        id: "pair",
        name: "Pair",
        interaction_unit: "requests",
        interaction_formula: "requests a person sent",
        active_formula: "at least one request",
        acceptance: &[AcceptanceRule {
            id: "completions",
            label: "Completions",
            accepted: &[Measure::Acceptances],
            offered: &[Measure::Suggestions],
            formula: "accepted / `shown`",
        }],
        colour: 0,
    },
    ToolProfile {
        id: "shell",
        name: "Shell",
        interaction_unit: "sessions",
        interaction_formula: "sessions",
        active_formula: "at least one session",
        acceptance: &[],
        colour: 1,
    },
    ToolProfile {
        id: "canvas",
        name: "Canvas",
        interaction_unit: "requests and accepted tabs",
        interaction_formula: "requests + tabs",
        active_formula: "as the vendor says",
        acceptance: &[
            AcceptanceRule {
                id: "tabs",
                label: "tabs",
                accepted: &[Measure::Acceptances],
                offered: &[Measure::Suggestions],
                formula: "accepted / shown",
            },
            AcceptanceRule {
                id: "edits",
                label: "edits",
                accepted: &[Measure::EditsAccepted],
                offered: &[Measure::EditsProposed],
                formula: "accepted / proposed",
            },
        ],
        colour: 2,
    },
];

/// A name that tries to be markup.
pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)> & \"Bo\"";

/// Connector, settings and secret of a connection that was asked for.
pub(crate) type Asked = (String, BTreeMap<String, String>, String);

/// Connections that remember what they were asked.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) connects: Mutex<Vec<Asked>>,
    pub(crate) syncs: Mutex<Vec<i64>>,
    /// An integration that cannot be synced.
    pub(crate) stuck: Mutex<Option<i64>>,
}

#[async_trait]
impl Connections for Recorded {
    fn connectors(&self) -> Vec<ConnectorCard> {
        let card = |id: &str, name: &str, tool: &'static str| ConnectorCard {
            id: id.into(),
            name: name.into(),
            tool: ToolId::new(tool),
            credential: "Admin key".into(),
            looks_like: "key-...".into(),
            how_to: "1. Ask for it.".into(),
            docs: "https://vendor.example/docs".into(),
            settings: vec![SettingCard { key: "base_url".into(), label: "Address".into(), help: "Where it speaks.".into() }],
        };
        vec![
            card("pair_api", "Pair", "pair"),
            card("shell_console", "Shell (Console)", "shell"),
            card("shell_enterprise", "Shell (Enterprise)", "shell"),
        ]
    }

    async fn connect(&self, _: OrganizationId, request: ConnectRequest) -> Result<Connected, ConnectRefused> {
        #[expect(clippy::disallowed_methods, reason = "a test looks at what arrived")]
        let secret = request.secret.expose_secret().to_owned();
        match secret.as_str() {
            "key-refused" => Err(ConnectRefused::Vendor {
                kind: "auth".into(),
                cause: "The key is not valid.".into(),
                fix: "Make a new one.".into(),
                tried: vec![Tried { endpoint: "GET /usage".into(), ok: false, cause: Some("401".into()), fix: None }],
            }),
            "wrong-form" => Err(ConnectRefused::Field { field: "api_key".into(), why: "does not begin with `key-`".into() }),
            "broken" => Err(ConnectRefused::Broken("the disk said secret-detail".into())),
            _ => {
                self.connects.lock().unwrap().push((request.connector, request.settings, secret));
                Ok(Connected { integration: IntegrationId(1) })
            }
        }
    }

    async fn request_sync(&self, _: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused> {
        if *self.stuck.lock().unwrap() == Some(integration.0) {
            return Err(SyncRefused::Impossible("It was imported from files; there is nothing to sync.".into()));
        }
        self.syncs.lock().unwrap().push(integration.0);
        Ok(())
    }
}

pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    pub(crate) now: Instant,
    pub(crate) token: String,
    pub(crate) recorded: Arc<Recorded>,
    _folder: tempfile::TempDir,
}

/// An answer read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-21T09:00:00Z").unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test uses the secret as its reader would")]
pub(crate) fn open(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}

impl House {
    /// A house without any integration.
    pub(crate) async fn empty() -> Self {
        Self::with(Limits::default(), false).await
    }

    pub(crate) async fn with(limits: Limits, secure_cookies: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = SecretString::from(format!("sqlite:{}", folder.path().join("tacho.db").display()));
        let store = Store::open(&url, 2).await.unwrap();
        let organization = store.ensure_organization("Example & Sons", now()).await.unwrap();
        let token = open(&tacho_web::new_api_token(&store, organization, "tests", now()).await.unwrap());
        let recorded = Arc::new(Recorded::default());
        let router = tacho_web::router(App {
            store: store.clone(),
            connections: recorded.clone(),
            tools: TOOLS.to_vec(),
            clock: Arc::new(now),
            secure_cookies,
            trust_proxy: false,
            limits,
        });
        Self { router, store, organization, now: now(), token, recorded, _folder: folder }
    }

    /// A house with three tools and that many people over the last 130 days.
    pub(crate) async fn seeded(people: u32) -> Self {
        let house = Self::empty().await;
        house.seed(people).await;
        house
    }

    pub(crate) async fn seed(&self, people: u32) {
        let window = Window::ending(self.now.day().minus(1), 130);
        for (index, tool) in TOOLS.iter().enumerate() {
            let tool_id = ToolId::new(tool.id);
            let settings = BTreeMap::new();
            let new =
                NewIntegration { connector: tool.id, tool: &tool_id, name: tool.name, settings: &settings, credential: None };
            let integration = self.store.add_integration(self.organization, &new, self.now).await.unwrap();
            let roster: Vec<Fact> =
                (0..people).filter(|person| *person != 1).flat_map(|person| roster(person, window.to)).collect();
            self.write(integration, &tool_id, "members", StreamRole::Roster, window.to, &roster).await;
            for day in window.days() {
                let facts: Vec<Fact> = (0..people).filter_map(|person| usage(index, person, day)).collect();
                if !facts.is_empty() {
                    self.write(integration, &tool_id, "usage_daily", StreamRole::Activity, day, &facts).await;
                }
            }
            let outcome = Outcome { last_synced_at: Some(self.now.plus_seconds(-3_600)), ..Outcome::default() };
            self.store.put_integration_outcome(self.organization, integration, &outcome).await.unwrap();
        }
    }

    pub(crate) async fn write(
        &self,
        integration: IntegrationId,
        tool: &ToolId,
        stream: &str,
        role: StreamRole,
        day: Day,
        facts: &[Fact],
    ) {
        let state = if self.now.day().since(day) <= 3 { SliceState::Provisional } else { SliceState::Final };
        let checksum = day.to_string();
        let write = SliceWrite {
            integration,
            tool,
            stream,
            role,
            day,
            state,
            checksum: checksum.as_bytes(),
            force: false,
            fetched_at: self.now,
            facts,
        };
        self.store.replace_slice(self.organization, &write).await.unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).map(Result::unwrap).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A request with the API token.
    pub(crate) fn asks(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "tacho.example")
            .header("authorization", format!("Bearer {}", self.token))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.asks("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self.asks("POST", path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A request from nobody.
    pub(crate) async fn stranger(&self, method: &str, path: &str) -> Answer {
        self.send(Request::builder().method(method).uri(path).header("host", "tacho.example").body(Body::empty()).unwrap()).await
    }

    /// Signs in with a fresh link and gives the cookie, `name=value`.
    pub(crate) async fn sign_in(&self) -> String {
        let link = open(&tacho_web::new_sign_in_link(&self.store, self.organization, self.now).await.unwrap());
        let answer = self.stranger("POST", &link).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

fn who(person: u32) -> IdentityRef {
    IdentityRef::email(&format!("person{person}@example.com"))
}

/// Everyone but person 1 is in the roster, so person 1 stays unmatched; person 0 has a hostile name.
fn roster(person: u32, day: Day) -> Vec<Fact> {
    const FIRST: [&str; 12] =
        ["Ada", "Ben", "Chiara", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Ines", "Jonas", "Kavya", "Liam"];
    const LAST: [&str; 7] = ["Okafor", "Lindqvist", "Moreau", "Tanaka", "Silva", "Novak", "Haddad"];
    let name = match person {
        0 => HOSTILE.to_owned(),
        _ => format!("{} {}", FIRST[person as usize % 12], LAST[person as usize % 7]),
    };
    let seat = SeatFact {
        day,
        identity: who(person),
        created_at: None,
        last_activity_at: None,
        last_editor: None,
        plan: Some("business".into()),
        cancels_on: None,
        monthly_price: Some(Money(19_000_000)),
    };
    let email = Some(format!("person{person}@example.com"));
    vec![Fact::Person(PersonFact { identity: who(person), name: Some(name), email, removed: false }), Fact::Seat(seat)]
}

/// What a person did with the tool of that index on a day; a fixed pattern with weekends, a trend and a hole.
fn usage(tool: usize, person: u32, day: Day) -> Option<Fact> {
    let ages = u32::try_from(day.0).unwrap();
    let noise = (person * 7919 + ages * 104_729 + u32::try_from(tool).unwrap() * 1_299_709) >> 3;
    let uses = person % 3 == u32::try_from(tool).unwrap() || person % 4 == u32::try_from(tool).unwrap();
    let quiet = if day.is_workday() { 3 } else { 17 };
    let hole = (20_760..20_763).contains(&day.0);
    if !uses || noise % 20 < quiet || hole {
        return None;
    }
    let many = i64::from(noise % 23 + 2) * (i64::from(day.0) - 20_600) / 100;
    let base = Measures::default().with(Measure::LinesAdded, many * 11).with(Measure::LinesRemoved, many * 3);
    let measures = match tool {
        0 => base.with(Measure::Interactions, many).with(Measure::Suggestions, many * 4).with(Measure::Acceptances, many),
        1 => base
            .with(Measure::Interactions, many / 4 + 1)
            .with(Measure::TokensInput, many * 900)
            .with(Measure::TokensOutput, many * 300)
            .with(Measure::Cost, many * 120_000),
        _ => base
            .with(Measure::Interactions, many * 2)
            .with(Measure::Suggestions, many * 6)
            .with(Measure::Acceptances, many * 2)
            .with(Measure::EditsProposed, many + 3)
            .with(Measure::EditsAccepted, many)
            .with(Measure::Cost, many * 50_000)
            .with(Measure::Billed, many * 9_000),
    };
    Some(Fact::Usage(UsageFact { day, identity: who(person), active: Some(true), agent: None, measures }))
}
