//! A transport with one lane to a peer, whose rests are written down instead of waited.

use crate::peer::Peer;
use futures_util::FutureExt as _;
use secrecy::SecretString;
use std::collections::HashMap;
use std::io::Read as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tacho_connectors::{Access, AppAccess, Auth, Call, CredentialField, Pace, Profile, Settings};
use tacho_domain::{Clock, Day, Instant, ToolProfile, Window};
use tacho_transport::{Lane, Policy, Received, Rest, SendError, Surroundings, Transport};
use tokio_util::sync::CancellationToken;
use url::Url;

/// The secret of every lane.
pub(crate) const SECRET: &str = "key_hush-hush-4711";
/// What time it is at first: 2026-11-18T11:06:40Z.
pub(crate) const NOW: Instant = Instant(1_795_000_000_000_000);

const TOOL: ToolProfile = ToolProfile {
    id: "tool",
    name: "Tool",
    interaction_unit: "",
    interaction_formula: "",
    active_formula: "",
    acceptance: &[],
    colour: 0,
    ..ToolProfile::BLANK
};
const PROFILE: Profile = Profile {
    id: "vendor",
    name: "Vendor",
    subject: tacho_connectors::Subject::Use,
    tool: TOOL,
    credential: CredentialField { label: "", environment: "", looks_like: "", check: |_| Ok(()) },
    settings: &[],
    streams: &[],
    base_url: "https://api.vendor.test",
    download_hosts: &["*.files.vendor.test"],
    pace: Pace { gap_ms: 0, per_minute: None },
    docs: "",
    how_to: "",
    access: Access { app: Some(APP), ..Access::KEY },
};
const APP: AppAccess = AppAccess {
    name: "Vendor App",
    fields: &[],
    issuer: "app_id",
    private_key: "private_key",
    token_path: &["app", "installations", "{installation_id}", "access_tokens"],
    headers: &[("Accept", "application/json")],
    permissions: &[],
    how_to: "",
};
static FREE: Profile = PROFILE;
static SLOW: Profile = Profile { pace: Pace { gap_ms: 3_600_000, per_minute: None }, ..PROFILE };

/// What the tests play in.
pub(crate) struct Scene {
    pub(crate) transport: Transport,
    pub(crate) lane: Lane,
    pub(crate) cancel: CancellationToken,
    rests: Arc<Mutex<Vec<Duration>>>,
    now: Arc<AtomicI64>,
}

/// How a scene differs from the plain one.
pub(crate) struct Props {
    pub(crate) policy: Policy,
    /// Instead of the peer's address.
    pub(crate) base_url: Option<String>,
    pub(crate) names: HashMap<&'static str, Vec<IpAddr>>,
    /// Whether every rest lasts for ever.
    pub(crate) sleepless: bool,
    /// Whether the vendor wants an hour between calls.
    pub(crate) slow: bool,
    /// The lane's secret.
    pub(crate) secret: SecretString,
}

impl Scene {
    /// A lane to the peer, which is allowed although it is on loopback.
    pub(crate) fn to(peer: &Peer) -> Self {
        Self::with(peer, |_| {})
    }

    /// The same, changed.
    pub(crate) fn with(peer: &Peer, change: impl FnOnce(&mut Props)) -> Self {
        let policy = Policy { allowed_private: vec![peer.host()], ..Policy::default() };
        let mut props =
            Props { policy, base_url: None, names: HashMap::new(), sleepless: false, slow: false, secret: SECRET.into() };
        change(&mut props);
        let (rests, now) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicI64::new(NOW.0)));
        let (written, ticking, names, sleepless) = (Arc::clone(&rests), Arc::clone(&now), props.names, props.sleepless);
        let clock: Clock = Arc::new(move || Instant(ticking.load(Ordering::SeqCst)));
        let rest: Rest = Arc::new(move |duration| {
            written.lock().unwrap().push(duration);
            if sleepless { std::future::pending().boxed() } else { tokio::task::yield_now().boxed() }
        });
        let surroundings = Surroundings {
            clock,
            rest,
            lookup: Arc::new(move |name| {
                let found = names.get(name.as_str()).cloned().ok_or_else(|| std::io::Error::other("no such name"));
                std::future::ready(found).boxed()
            }),
        };
        let transport = Transport::within(props.policy, surroundings).unwrap();
        let settings = Settings::new([("base_url", props.base_url.unwrap_or_else(|| peer.url("")))]);
        let profile = if props.slow { &SLOW } else { &FREE };
        let lane = transport.lane(profile, &settings, props.secret);
        Self { transport, lane, cancel: CancellationToken::new(), rests, now }
    }

    /// Sends a call.
    pub(crate) async fn send(&self, call: &Call) -> Result<Received, SendError> {
        self.transport.send(&self.lane, call, &self.cancel).await
    }

    /// Sends a plain GET of the peer's `/x`.
    pub(crate) async fn get(&self, peer: &Peer) -> Result<Received, SendError> {
        self.send(&get(&peer.url("/x"))).await
    }

    /// The rests so far.
    pub(crate) fn rests(&self) -> Vec<Duration> {
        self.rests.lock().unwrap().clone()
    }

    /// The rests so far in whole seconds.
    pub(crate) fn rested_seconds(&self) -> Vec<u64> {
        self.rests().iter().map(Duration::as_secs).collect()
    }

    /// Lets time pass.
    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

/// A GET with the secret as a bearer.
pub(crate) fn get(url: &str) -> Call {
    Call::get("users_daily", "page", Window::day(Day(20_000)), Url::parse(url).unwrap(), Auth::Bearer)
}

/// A POST of a question, with the secret as Basic.
pub(crate) fn post(url: &str) -> Call {
    Call::post(
        "users_daily",
        "page",
        Window::day(Day(20_000)),
        Url::parse(url).unwrap(),
        Auth::BasicUser,
        r#"{"page":1}"#.to_owned(),
    )
}

/// A signed download, which carries no credential of ours.
pub(crate) fn download(url: &str) -> Call {
    Call { auth: Auth::None, secret_url: true, ..get(url) }
}

/// A body as text.
pub(crate) fn text(received: &Received) -> String {
    let mut text = String::new();
    received.body.reader().unwrap().read_to_string(&mut text).unwrap();
    text
}
