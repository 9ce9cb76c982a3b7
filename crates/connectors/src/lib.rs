//! How each vendor speaks. A connector builds [`Call`]s and reads [`Reply`]s; it does no I/O, sees no secret and asks no
//! clock, so that all of it is tested with plain bytes. A new connector is one module, one line in [`CONNECTORS`] and
//! one folder of fixtures (docs/adding-a-connector.md).

mod access;
mod call;
mod diagnosis;
mod json;
mod ndjson;
mod profile;
mod reply;

pub mod claude_console;
pub mod cursor;
pub mod github_copilot;
pub mod github_delivery;

pub use access::{Access, AppAccess, AppField, CredentialFacts, HostSetting, Personal, ScopeNeed, WebhookAccess, When};
pub use call::{Archive, Aside, Auth, Call, Method};
pub use diagnosis::{Diagnosis, FailureKind, Refusal, Verdict};
pub use profile::{CredentialField, Pace, Profile, SettingField, Settings, SettingsError, Subject};
pub use reply::{Answer, Headers, Misread, Read, Reply, Sink, Wait};

use tacho_domain::{Slice, StreamSpec};

/// A vendor API family.
pub trait Connector: Sync + std::fmt::Debug {
    /// What pages, settings and planning need to know of it.
    fn profile(&self) -> &'static Profile;

    /// Checks the settings: each by itself, and together where a connector needs that.
    ///
    /// # Errors
    /// The first that does not fit.
    fn check(&self, settings: &Settings) -> Result<(), SettingsError> {
        settings.check(self.profile())
    }

    /// The streams that these settings allow, among the profile's.
    fn streams(&self, settings: &Settings) -> Vec<&'static StreamSpec>;

    /// What the connection doctor tries: one call for every endpoint that sync will use. `today` only dates them.
    fn probe(&self, settings: &Settings, today: tacho_domain::Day) -> Vec<Call>;

    /// The first calls for a slice; replies may ask for more.
    fn calls(&self, stream: &StreamSpec, slice: &Slice, settings: &Settings) -> Vec<Call>;

    /// Reads a reply with a 2xx status into facts, and says which calls come next.
    ///
    /// # Errors
    /// When the reply is not what the vendor documents, even tolerantly read.
    fn read(&self, call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread>;

    /// What a refusal (any other status) means, and what to do about it.
    fn diagnose(&self, call: &Call, refusal: &Refusal<'_>) -> Diagnosis;

    /// A smaller form of a call marked as heavy that a gateway gave up on with this status (504 also stands for no answer in
    /// time). `None`: there is none.
    fn lighter(&self, _call: &Call, _status: u16) -> Option<Call> {
        None
    }

    /// What a reply, be it a refusal, tells of the credential.
    fn credential_facts(&self, _headers: &Headers) -> CredentialFacts {
        CredentialFacts::default()
    }

    /// The call whose reply a file would be, told by its beginning (at least the first non-blank line or 64 KiB):
    /// for `tacho import`. `None`: not this vendor's.
    fn recognise(&self, head: &[u8]) -> Option<Call>;

    /// The streams whose saved replies it recognises.
    fn saved(&self) -> Vec<&'static StreamSpec>;
}

/// Every connector, in the order they are offered.
pub static CONNECTORS: &[&dyn Connector] =
    &[&github_copilot::GithubCopilot, &claude_console::ClaudeConsole, &cursor::Cursor, &github_delivery::GithubDelivery];

/// The connector of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn Connector> {
    CONNECTORS.iter().copied().find(|connector| connector.profile().id == id)
}

/// The profiles of all tools, as pages and reports need them.
#[must_use]
pub fn tool_profiles() -> Vec<tacho_domain::ToolProfile> {
    let mut tools: Vec<tacho_domain::ToolProfile> = Vec::new();
    for connector in CONNECTORS.iter().filter(|connector| connector.profile().subject == Subject::Use) {
        let tool = connector.profile().tool;
        if !tools.iter().any(|known| known.id == tool.id) {
            tools.push(tool);
        }
    }
    tools
}
