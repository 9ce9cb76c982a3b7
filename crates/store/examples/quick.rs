//! Temporary measurement.
use std::time::Instant as T;
use tacho_domain::report::Question;
use tacho_domain::*;
use tacho_store::*;
const N: i64 = 5000;
fn facts(day: Day, tool: i64, splits: bool) -> Vec<Fact> {
    let mut f = Vec::new();
    for n in 0..N {
        let identity = if tool == 0 { IdentityRef::github(n, &format!("login-{n}")) } else { IdentityRef::email(&format!("person.{n}@acme.example")) };
        let v = (n * 7 + i64::from(day.0) * 3 + tool) % 50;
        let m = Measure::ALL.iter().take(11).fold(Measures::default(), |m, &x| m.with(x, v + x as i64));
        f.push(Fact::Usage(UsageFact { day, identity: identity.clone(), active: Some(v > 10), agent: Some(v > 30), measures: m }));
        if splits {
            for s in ["typescript", "rust", "python"] {
                f.push(Fact::Split(SplitFact { day, identity: identity.clone(), dimension: Dimension::Language, value: s.into(), measures: Measures::default().with(Measure::LinesAdded, v).with(Measure::Generations, 3) }));
            }
        }
    }
    f
}
#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let days: i32 = std::env::args().nth(2).unwrap().parse().unwrap();
    let store = Store::open(&url.into(), 4).await.unwrap();
    let now = Instant(1_790_000_000_000_000);
    let org = store.ensure_organization("Acme", now).await.unwrap();
    let tools = [ToolId::new("github_copilot"), ToolId::new("claude_code"), ToolId::new("cursor")];
    let mut ids = Vec::new();
    for t in &tools {
        let s = Default::default();
        ids.push(store.add_integration(org, &NewIntegration { connector: "x", tool: t, name: "x", settings: &s, credential: None }, now).await.unwrap());
    }
    let to = Day(20_700);
    let people: Vec<Fact> = (0..N).map(|n| Fact::Person(PersonFact { identity: IdentityRef::github(n, &format!("login-{n}")), name: Some(format!("Person {n}")), email: Some(format!("person.{n}@acme.example")), removed: false })).collect();
    let t = T::now();
    let w = SliceWrite { integration: ids[0], tool: &tools[0], stream: "seats", role: Role::Roster, day: to, state: SliceState::Final, checksum: b"p", force: true, fetched_at: now, facts: &people };
    store.replace_slice(org, &w).await.unwrap();
    eprintln!("roster of {N}: {:?}", t.elapsed());
    for splits in [false, true] {
        let (mut rows, mut usage, mut time) = (0, 0, 0.0);
        for back in 0..days.min(if splits { 10 } else { 99999 }) {
            for (i, tool) in tools.iter().enumerate() {
                let day = to.minus(back);
                let f = facts(day, i as i64, splits);
                let w = SliceWrite { integration: ids[i], tool, stream: "users_daily", role: Role::Counted, day, state: SliceState::Final, checksum: b"c", force: true, fetched_at: now, facts: &f };
                let t = T::now();
                rows += store.replace_slice(org, &w).await.unwrap().rows;
                time += t.elapsed().as_secs_f64();
                usage += N;
            }
        }
        eprintln!("splits {splits}: {rows} rows, {usage} usage rows in {time:.2} s: {:.0} rows/s, {:.0} usage rows/s", rows as f64 / time, usage as f64 / time);
    }
    const PROFILES: [ToolProfile; 3] = {
        const A: AcceptanceRule = AcceptanceRule { id: "c", label: "c", accepted: &[Measure::Acceptances], offered: &[Measure::Suggestions], formula: "" };
        const P: ToolProfile = ToolProfile { id: "github_copilot", name: "GitHub Copilot", interaction_unit: "", interaction_formula: "", active_formula: "", acceptance: &[A], colour: 0 };
        [P, ToolProfile { id: "claude_code", colour: 1, ..P }, ToolProfile { id: "cursor", colour: 2, ..P }]
    };
    let q = Question::overview(org, Window::ending(to, 28));
    for _ in 0..40 {
        let t = T::now();
        let o = store.overview(&q, &PROFILES).await.unwrap();
        eprintln!("overview {:?} ({} members, {} figures)", t.elapsed(), o.members.total_rows, o.figures.len());
    }
}
