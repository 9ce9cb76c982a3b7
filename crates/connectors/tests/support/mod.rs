//! Fixture cases and what reading one of them gives. A case is a folder `fixtures/<connector>/<stream>/<case>/` with
//! `case.json`, the reply's body in a file `body.*` (none: an empty body) and, written by the test, `facts.snap`.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tacho_connectors::{Answer, Auth, Call, Connector, Headers, Misread, Read, Reply, Sink};
use tacho_domain::{Fact, Measures, Window};

/// What reading one reply gave.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) facts: Vec<Fact>,
    pub(crate) unknown: Vec<String>,
    pub(crate) skipped: Vec<(u64, String)>,
}

impl Sink for Seen {
    fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }
    fn unknown_field(&mut self, path: &str) {
        if !self.unknown.iter().any(|known| known == path) {
            self.unknown.push(path.to_owned());
        }
    }
    fn skipped_line(&mut self, line: u64, why: &str) {
        self.skipped.push((line, why.to_owned()));
    }
}

/// One recorded reply.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// Which of the stream's replies it is.
    step: String,
    /// First and last day asked for.
    from: String,
    to: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    /// The address asked with the credential, where next calls depend on it.
    url: Option<String>,
    /// What the case shows; for people.
    #[serde(rename = "shows")]
    _shows: String,
}

fn ok() -> u16 {
    200
}

/// Where the fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Every file below the folder.
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = folders(path).iter().flat_map(|folder| files(folder)).collect();
    let entries = fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    found.extend(entries.filter(|path| path.is_file()));
    found
}

/// Every case of a connector.
pub(crate) fn cases(connector: &dyn Connector) -> Vec<Case> {
    let mut cases = Vec::new();
    for stream in folders(&fixtures().join(connector.profile().id)) {
        let id = stream.file_name().unwrap().to_str().unwrap();
        let spec = connector.profile().streams.iter().find(|spec| spec.id == id);
        let spec = spec.unwrap_or_else(|| panic!("fixtures/{}/{id}: no such stream", connector.profile().id));
        cases.extend(folders(&stream).iter().map(|folder| case(folder, spec.id)));
    }
    cases
}

fn case(folder: &Path, stream: &'static str) -> Case {
    let text = fs::read_to_string(folder.join("case.json")).unwrap_or_else(|e| panic!("{}: case.json: {e}", folder.display()));
    let file: CaseFile = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: case.json: {e}", folder.display()));
    let window = Window::new(file.from.parse().unwrap(), file.to.parse().unwrap()).unwrap();
    // Calls name their step by a constant; a test may leak a handful.
    let mut call = Call::replay(stream, Box::leak(file.step.into_boxed_str()), window);
    if let Some(url) = file.url {
        call.url = url.parse().unwrap();
        call.auth = Auth::Bearer;
    }
    let body = files(folder).into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == "body"));
    let body = body.map(|path| fs::read(path).unwrap()).unwrap_or_default();
    Case { folder: folder.to_owned(), call, status: file.status, headers: Headers::new(file.headers), body }
}

/// Reads bytes as the reply to the call, in small pieces, so that nothing depends on where a buffer ends.
pub(crate) fn read(
    connector: &dyn Connector,
    call: &Call,
    status: u16,
    headers: &Headers,
    body: &[u8],
) -> (Result<Read, Misread>, Seen) {
    let mut seen = Seen::default();
    let mut reader = std::io::BufReader::with_capacity(97, body);
    let mut reply = Reply { status, headers, body: &mut reader };
    let result = connector.read(call, &mut reply, &mut seen);
    (result, seen)
}

impl Case {
    /// As its place below the fixtures.
    pub(crate) fn name(&self) -> String {
        self.folder.strip_prefix(fixtures()).unwrap().display().to_string()
    }

    /// Reads it as it stands.
    pub(crate) fn read(&self, connector: &dyn Connector) -> (Result<Read, Misread>, Seen) {
        read(connector, &self.call, self.status, &self.headers, &self.body)
    }

    /// Reads its first bytes.
    pub(crate) fn read_prefix(&self, connector: &dyn Connector, length: usize) -> (Result<Read, Misread>, Seen) {
        read(connector, &self.call, self.status, &self.headers, &self.body[..length])
    }
}

/// What was read, as text a person can check: one line per fact.
pub(crate) fn rendered(result: &Result<Read, Misread>, seen: &Seen) -> String {
    let mut text = String::new();
    match result {
        Err(misread) => writeln!(text, "misread: {misread}").unwrap(),
        Ok(read) => {
            let answer = match read.answer {
                Answer::Given => "given",
                Answer::Nothing => "nothing",
                Answer::Partial => "in part",
                Answer::ToFollow => "to follow",
                Answer::Wait(_) => "wait",
            };
            writeln!(text, "answer: {answer}").unwrap();
            if let Answer::Wait(wait) = read.answer {
                writeln!(text, "wait: {wait:?}").unwrap();
            }
            for next in &read.next {
                let (method, url, window) = (next.method, next.shown_url(), next.window);
                writeln!(
                    text,
                    "next: {}/{} {window} {method:?} {url} auth {:?}, archive {:?}",
                    next.stream, next.step, next.auth, next.archive
                )
                .unwrap();
                if let Some(body) = &next.body {
                    writeln!(text, "      body {body}").unwrap();
                }
            }
        }
    }
    for fact in &seen.facts {
        writeln!(text, "{}", fact_line(fact)).unwrap();
    }
    for (line, why) in &seen.skipped {
        writeln!(text, "skipped {line}: {why}").unwrap();
    }
    for path in &seen.unknown {
        writeln!(text, "unknown field: {path}").unwrap();
    }
    text
}

fn said(measures: &Measures) -> String {
    measures.said().map(|(measure, value)| format!("{}={value}", measure.name())).collect::<Vec<_>>().join(" ")
}

fn told(flag: Option<bool>) -> &'static str {
    flag.map_or("unsaid", |flag| if flag { "yes" } else { "no" })
}

fn fact_line(fact: &Fact) -> String {
    let who = |identity: &tacho_domain::IdentityRef| format!("{}:{}({})", identity.kind.as_str(), identity.key, identity.label);
    match fact {
        Fact::Usage(f) => {
            let (active, agent) = (told(f.active), told(f.agent));
            format!("usage {} {} active {active}, agent {agent}: {}", f.day, who(&f.identity), said(&f.measures))
        }
        Fact::Split(f) => {
            format!("split {} {} {}={}: {}", f.day, who(&f.identity), f.dimension.as_str(), f.value, said(&f.measures))
        }
        Fact::Total(f) => format!("total {} {}={}", f.day, f.name, f.value),
        Fact::Seat(f) => format!(
            "seat {} {} created {:?}, last active {:?} in {:?}, plan {:?}, cancels {:?}, price {:?}",
            f.day,
            who(&f.identity),
            f.created_at,
            f.last_activity_at,
            f.last_editor,
            f.plan,
            f.cancels_on,
            f.monthly_price
        ),
        Fact::Person(f) => format!("person {} name {:?}, email {:?}, removed {}", who(&f.identity), f.name, f.email, f.removed),
        Fact::Hours(f) => {
            let told = (0..).zip(f.hours.0).filter(|(_, events)| *events > 0);
            let told: Vec<String> = told.map(|(hour, events): (u8, u32)| format!("{hour:02}h={events}")).collect();
            format!("hours {} {}: {}", f.day, who(&f.identity), told.join(" "))
        }
        Fact::PullRequest(f) => format!("{f:?}"),
        Fact::Deployment(f) => format!("{f:?}"),
        Fact::ChangedFiles(f) => format!("{f:?}"),
        Fact::PullCommits(f) => {
            let commits: Vec<String> = f.commits.iter().map(|commit| format!("{commit:016x}")).collect();
            format!("commits {} of {}#{}: {}", f.day, f.repository, f.number, commits.join(" "))
        }
        Fact::CommitRecord(f) => format!("{f:?}"),
        Fact::Team(f) => format!("team {} {} in {}({})", f.day, who(&f.identity), f.team_key, f.team),
        Fact::Cost(f) => format!(
            "cost {} {} {} sku {:?} model {:?}: quantity {:?}, gross {:?}, net {:?}",
            f.day,
            f.identity.as_ref().map_or_else(|| "nobody".to_owned(), who),
            f.ledger.as_str(),
            f.sku,
            f.model,
            f.quantity_micros,
            f.gross,
            f.net
        ),
    }
}
