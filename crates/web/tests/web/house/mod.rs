//! A house for tests: the real router over a real store in a temporary file, seeded with facts that anyone can add up.

#![allow(dead_code, reason = "each test file uses its part of the house")]

mod engine;
mod recorded;
pub(crate) mod vouching;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use recorded::Recorded;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tacho_domain::{
    AcceptanceRule, Day, Fact, IdentityRef, Instant, IntegrationId, Measure, Measures, Money, OrganizationId, Permission,
    PersonFact, Role, SeatFact, SliceState, StreamRole, ToolId, ToolProfile, UsageFact, UserId, Window,
};
use tacho_store::{MasterKey, NewIntegration, NewSession, NewUser, Outcome, SliceWrite, Store, Vault};
use tacho_web::{App, Limits, Operations, TokenWanted};
use tower::ServiceExt;
use url::form_urlencoded;
use vouching::Vouching;

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
        ..ToolProfile::BLANK
    },
    ToolProfile {
        id: "shell",
        name: "Shell",
        interaction_unit: "sessions",
        interaction_formula: "sessions",
        active_formula: "at least one session",
        acceptance: &[],
        colour: 1,
        ..ToolProfile::BLANK
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
        ..ToolProfile::BLANK
    },
];

/// A name that tries to be markup.
pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)> & \"Bo\"";

pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    pub(crate) now: Instant,
    pub(crate) token: String,
    pub(crate) recorded: Arc<Recorded>,
    pub(crate) vouching: Arc<Vouching>,
    pub(crate) vault: Arc<Vault>,
    secure_cookies: bool,
    clock: Arc<Mutex<Instant>>,
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

    /// The first cookie that is set, `name=value`; empty where there is none.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
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
        Self::operated(limits, secure_cookies, Operations::default()).await
    }

    /// With what an operator sets up.
    pub(crate) async fn operated(limits: Limits, secure_cookies: bool, operations: Operations) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = SecretString::from(format!("sqlite:{}", folder.path().join("tacho.db").display()));
        Self::at(&url, folder, limits, secure_cookies, operations).await
    }

    /// Runs a test in a house on the database inside, and in one on a server where `TACHO_TEST_POSTGRES` names one.
    pub(crate) async fn on_each_engine(test: impl AsyncFn(Self)) {
        test(Self::empty().await).await;
        if let Some(url) = engine::own_database().await {
            let folder = tempfile::tempdir().unwrap();
            test(Self::at(&url, folder, Limits::default(), false, Operations::default()).await).await;
        }
    }

    async fn at(
        url: &SecretString,
        folder: tempfile::TempDir,
        limits: Limits,
        secure_cookies: bool,
        operations: Operations,
    ) -> Self {
        let store = Store::open(url, 2).await.unwrap();
        let organization = store.ensure_organization("Example & Sons", now()).await.unwrap();
        let wanted = TokenWanted {
            name: "tests",
            user: None,
            role: Role::Owner,
            scopes: Permission::ALL.into_iter().collect(),
            expires_at: None,
            made_by: None,
        };
        let token = open(&tacho_web::new_api_token(&store, organization, &wanted, now()).await.unwrap());
        let vault = Arc::new(Vault::new(MasterKey::generate(&mut rand::rng())));
        let recorded = Arc::new(Recorded::new(store.clone(), Arc::clone(&vault), now()));
        let clock = Arc::new(Mutex::new(now()));
        let vouching = Arc::new(Vouching::default());
        let router = tacho_web::router(App {
            store: store.clone(),
            connections: recorded.clone(),
            sign_on: vouching.clone(),
            vault: Arc::clone(&vault),
            tools: TOOLS.to_vec(),
            clock: Arc::new({
                let clock = Arc::clone(&clock);
                move || *clock.lock().unwrap()
            }),
            secure_cookies,
            operations,
            limits,
        });
        let now = now();
        Self { router, store, organization, now, token, recorded, vouching, vault, secure_cookies, clock, _folder: folder }
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
            let new = NewIntegration {
                connector: tool.id,
                tool: &tool_id,
                name: tool.name,
                settings: &settings,
                credential: None,
                owner: None,
            };
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

    /// A house whose limits per address nobody reaches.
    pub(crate) async fn patient() -> Self {
        let many = std::num::NonZeroU32::new(100_000).unwrap();
        Self::with(Limits { sign_in_per_minute: many, connect_per_minute: many, requests_per_minute: many }, false).await
    }

    /// Lets time pass on the server's clock; `now` stays when it began.
    pub(crate) fn wait(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.plus_seconds(seconds);
    }

    /// What the server's clock shows.
    pub(crate) fn clock(&self) -> Instant {
        *self.clock.lock().unwrap()
    }

    /// A user of that role, signed in: their cookie, `name=value`. Each call makes another.
    pub(crate) async fn user(&self, role: Role) -> String {
        self.person(role).await.1
    }

    /// A user of that role, signed in: who they are and their cookie.
    pub(crate) async fn person(&self, role: Role) -> (UserId, String) {
        let number = self.store.count_users().await.unwrap() + 1;
        let email = format!("{role}{number}@example.com");
        self.person_at(self.organization, role, &email, &format!("{role} {number}")).await
    }

    /// The same in an organization of choice, under an address and name of choice.
    pub(crate) async fn person_at(&self, organization: OrganizationId, role: Role, email: &str, name: &str) -> (UserId, String) {
        let new = NewUser { email, name, password_hash: None };
        let id = self.store.add_user(&new, self.now).await.unwrap();
        self.store.put_membership(organization, id, role, self.now).await.unwrap();
        let cookie = self.session(organization, id).await;
        (id, cookie)
    }

    /// Signs a user in without a form: their cookie.
    pub(crate) async fn session(&self, organization: OrganizationId, user: UserId) -> String {
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let new = NewSession {
            user,
            hash: &Sha256::digest(secret.as_bytes()),
            method: "password",
            agent: "curl/8",
            address: "192.0.2.7",
            expires_at: self.clock().plus_seconds(tacho_web::SESSION_SECONDS),
            idle_seconds: tacho_web::SESSION_IDLE_SECONDS,
        };
        self.store.add_session(organization, &new, self.clock()).await.unwrap();
        format!("{}={secret}", if self.secure_cookies { "__Host-tacho_session" } else { "tacho_session" })
    }

    /// Signs a new owner in with a one-time link and gives the cookie, `name=value`.
    pub(crate) async fn sign_in(&self) -> String {
        let (owner, _) = self.person(Role::Owner).await;
        let link = open(&tacho_web::new_sign_in_link(&self.store, self.organization, owner, self.now).await.unwrap());
        let answer = self.stranger("POST", &link).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.cookie()
    }

    /// A page as somebody with that cookie sees it; an empty cookie is nobody's.
    pub(crate) async fn page(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path).header("host", "tacho.example").header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form as a browser sends it from our own page.
    pub(crate) async fn submit(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header("host", "tacho.example")
            .header("origin", "http://tacho.example")
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
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
