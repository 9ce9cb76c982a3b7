//! Placeholder, replaced by its author.
#![allow(missing_docs)]
use crate::{
    Answer, Auth, Call, Connector, CredentialField, Diagnosis, FailureKind, Misread, Pace, Profile, Read, Refusal, Reply,
    Settings, Sink, Verdict,
};
use tacho_domain::{Day, Slice, StreamSpec, ToolProfile};

#[derive(Debug)]
pub struct Cursor;

static PROFILE: Profile = Profile {
    id: "cursor",
    name: "cursor",
    tool: ToolProfile {
        id: "cursor",
        name: "cursor",
        interaction_unit: "",
        interaction_formula: "",
        active_formula: "",
        acceptance: &[],
        colour: 0,
    },
    credential: CredentialField { label: "", environment: "", looks_like: "", check: |_| Ok(()) },
    settings: &[],
    streams: &[],
    base_url: "https://example.com",
    download_hosts: &[],
    pace: Pace { gap_ms: 0, per_minute: None },
    docs: "",
    how_to: "",
};

impl Connector for Cursor {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }
    fn streams(&self, _: &Settings) -> Vec<&'static StreamSpec> {
        Vec::new()
    }
    fn probe(&self, _: &Settings, _: Day) -> Vec<Call> {
        Vec::new()
    }
    fn calls(&self, _: &StreamSpec, _: &Slice, _: &Settings) -> Vec<Call> {
        let _ = (Auth::None, Answer::Given);
        Vec::new()
    }
    fn read(&self, _: &Call, _: &mut Reply<'_>, _: &mut dyn Sink) -> Result<Read, Misread> {
        Ok(Read::done())
    }
    fn diagnose(&self, _: &Call, _: &Refusal<'_>) -> Diagnosis {
        Diagnosis { kind: FailureKind::Unknown, verdict: Verdict::Broken, cause: String::new(), fix: String::new() }
    }
    fn recognise(&self, _: &[u8]) -> Option<Call> {
        None
    }
}
