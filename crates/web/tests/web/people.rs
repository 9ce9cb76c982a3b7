//! People: identities are matched, taken away, ignored and taken back; members are added, merged, erased and imported. What a
//! person decides moves rows and never totals.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tacho_domain::audit::Action;
use tacho_domain::{Fact, IdentityRef, Measure, Measures, Role, StreamRole, SubjectId, ToolId, UsageFact};
use tacho_store::{AuditFilter, NewIntegration};

async fn ask(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let request = house.asks(method, path);
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
    };
    house.send(request.unwrap()).await
}

/// A form with a file, as a browser sends it.
async fn upload(house: &House, cookie: &str, path: &str, field: &str, text: &str) -> Answer {
    let body = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"people.csv\"\r\ncontent-type: text/csv\r\n\r\n{text}\r\n--edge--\r\n"
    );
    let request = Request::post(path)
        .header("host", "tacho.example")
        .header("origin", "http://tacho.example")
        .header("cookie", cookie)
        .header("content-type", "multipart/form-data; boundary=edge");
    house.send(request.body(Body::from(body)).unwrap()).await
}

async fn member(house: &House, person: u32) -> SubjectId {
    let email = format!("person{person}@example.com");
    let members = house.store.list_members(house.organization).await.unwrap();
    members.into_iter().find(|member| member.email.as_deref() == Some(&email)).unwrap().id
}

/// The number of the identity with that label.
async fn identity(house: &House, label: &str) -> u32 {
    let identities = house.store.list_identities(house.organization).await.unwrap();
    identities.into_iter().find(|row| row.label == label).unwrap_or_else(|| panic!("no {label}")).id.0
}

/// The report without its member table and without what counts people, and the interactions by row.
async fn totals(house: &House) -> (Value, Vec<(String, i64)>) {
    let mut report = house.get("/api/overview?limit=500").await.json();
    let rows = report["members"].take()["rows"].take();
    let rows = rows.as_array().unwrap().iter();
    let rows = rows.map(|row| (row["name"].as_str().unwrap().to_owned(), row["interactions"].as_i64().unwrap()));
    let counts_people =
        |id: &str| ["active_members", "stickiness", "agent_adoption"].contains(&id) || id.starts_with("seat_adoption");
    let sums = report["figures"].as_array().unwrap().iter().filter(|figure| !counts_people(figure["id"].as_str().unwrap()));
    let sums: Vec<Value> = sums.map(|figure| json!([figure["id"], figure["value"], figure["before"], figure["spark"]])).collect();
    (json!([sums, report["heatmap"], report["acceptance"]]), rows.collect())
}

/// Use by a GitHub account that is named like a member and belongs to nobody.
async fn unnamed_use(house: &House, login: &str) -> u32 {
    let (tool, settings) = (ToolId::new("pair"), std::collections::BTreeMap::default());
    let new =
        NewIntegration { connector: "pair_api", tool: &tool, name: login, settings: &settings, credential: None, owner: None };
    let integration = house.store.add_integration(house.organization, &new, house.now).await.unwrap();
    let day = house.now.day().minus(5);
    let measures = Measures::default().with(Measure::Interactions, 40);
    let usage = UsageFact { day, identity: IdentityRef::github(7001, login), active: Some(true), agent: None, measures };
    house.write(integration, &tool, "usage_daily", StreamRole::Activity, day, &[Fact::Usage(usage)]).await;
    identity(house, login).await
}

async fn audited(house: &House, action: Action) -> Vec<(String, Value)> {
    let filter = AuditFilter { action: Some(action), ..AuditFilter::default() };
    let rows = house.store.list_audit(house.organization, &filter).await.unwrap();
    rows.into_iter().map(|row| (row.target, row.detail)).collect()
}

#[tokio::test]
async fn matching_an_identity_moves_its_row_to_the_member_and_no_total() {
    let house = House::seeded(7).await;
    let cookie = house.user(Role::Admin).await;
    let (before, rows) = totals(&house).await;
    let of = |rows: &[(String, i64)], name: &str| rows.iter().find(|row| row.0 == name).map(|row| row.1);
    let (alone, own) = (of(&rows, "person1@example.com").unwrap(), of(&rows, "Elif Silva").unwrap());
    let id = identity(&house, "person1@example.com").await;

    let page = house.page(&cookie, "/settings/people").await;
    assert!(page.text.contains("data-figure=\"match_rate\">85.7 %</p>"), "{}", page.text);
    assert!(page.text.contains("6 of 7 identities with use belong to a member"));
    assert!(page.text.contains("person1@example.com</a> <span class=\"kind\">e-mail address</span>"));

    let path = format!("/settings/people/identities/{id}/match");
    let matched = house.submit(&cookie, &path, &[("member", "elif"), ("back", "show=unmatched")]).await;
    assert_eq!(matched.status, StatusCode::SEE_OTHER, "{}", matched.text);
    assert_eq!(matched.header("location"), "/settings/people?show=unmatched&said=matched");
    let (after, rows) = totals(&house).await;
    assert_eq!(after, before);
    assert_eq!((of(&rows, "person1@example.com"), of(&rows, "Elif Silva")), (None, Some(alone + own)));
    let page = house.page(&cookie, "/settings/people?show=unmatched&said=matched").await.text;
    assert!(page.contains("data-figure=\"match_rate\">100.0 %</p>") && page.contains("role=\"status\">Matched."));
    let elif = member(&house, 4).await.0;
    assert_eq!(
        audited(&house, Action::IdentityMatched).await,
        [(format!("identity {id}"), json!({ "done": "matched", "member": elif }))]
    );

    let history = house.page(&cookie, "/settings/people?show=history").await.text;
    assert!(history.contains("person1@example.com is Elif Silva") && history.contains("admin1@example.com"), "{history}");
    let undo = history.split("/settings/people/changes/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let undone = house.submit(&cookie, &format!("/settings/people/changes/{undo}"), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let (again, rows) = totals(&house).await;
    assert_eq!((again, of(&rows, "person1@example.com"), of(&rows, "Elif Silva")), (before, Some(alone), Some(own)));
    let twice = house.submit(&cookie, &format!("/settings/people/changes/{undo}"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(house.page(&cookie, "/settings/people?show=history").await.text.contains("taken back 2026-11-21 09:00 UTC"));
}

#[tokio::test]
async fn a_choice_that_fits_nobody_or_several_is_said_at_the_field() {
    let house = House::seeded(7).await;
    let cookie = house.user(Role::Admin).await;
    let id = identity(&house, "person1@example.com").await;
    for (typed, words) in
        [("nobody at all", "No member&#39;s name or address holds"), ("person", "fits 6 members"), ("", "Type a member")]
    {
        let answer = house.submit(&cookie, &format!("/settings/people/identities/{id}/match"), &[("member", typed)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        let at = answer.text.split("id=\"member-error\">").nth(1).unwrap().split("</p>").next().unwrap();
        assert!(at.contains(words), "{typed}: {at}");
        assert!(answer.text.contains(&format!("value=\"{typed}\"")) && answer.text.contains("aria-invalid=\"true\""));
    }
}

#[tokio::test]
async fn a_suggestion_waits_for_a_yes_and_a_no_is_remembered() {
    let house = House::seeded(7).await;
    let cookie = house.user(Role::Admin).await;
    let id = unnamed_use(&house, "chiara-moreau").await;
    let page = house.page(&cookie, "/settings/people").await.text;
    assert!(page.contains("chiara-moreau") && page.contains("Chiara Moreau") && page.contains("Nothing here is applied without"));
    let chiara = member(&house, 2).await.0;
    let suggested = async || {
        let page = house.get("/api/v1/suggestions").await.json();
        let of_it = page["items"].as_array().unwrap().iter().filter(|one| one["identity"]["id"] == id);
        of_it.map(|one| one["member"]["id"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(suggested().await, [chiara]);
    assert_eq!(house.get(&format!("/api/v1/identities/{id}")).await.json()["how"], "unmatched", "nothing by itself");

    let fields = [("identity", id.to_string()), ("member", chiara.to_string()), ("decision", "refuse".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = house.submit(&cookie, "/settings/people/suggestions", &fields).await;
    assert_eq!(refused.header("location"), "/settings/people?show=suggested&said=refused");
    assert_eq!(suggested().await, Vec::<Value>::new());

    let accepted = [fields[0], fields[1], ("decision", "accept")];
    assert_eq!(house.submit(&cookie, "/settings/people/suggestions", &accepted).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get(&format!("/api/v1/identities/{id}")).await.json()["member_id"], chiara);
    let wrong = [fields[0], fields[1], ("decision", "perhaps")];
    assert_eq!(house.submit(&cookie, "/settings/people/suggestions", &wrong).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_ignored_leaves_the_match_rate_and_comes_back() {
    let house = House::seeded(7).await;
    let cookie = house.user(Role::Admin).await;
    let id = identity(&house, "person1@example.com").await;
    let before = totals(&house).await;
    let path = format!("/settings/people/identities/{id}");
    house.submit(&cookie, &format!("{path}/ignore"), &[]).await;
    let rate = house.get("/api/v1/match-rate").await.json();
    assert_eq!((rate["rate"].clone(), rate["people"].clone(), rate["ignored"].clone()), (json!(1.0), json!(6), json!(1)));
    assert_eq!(totals(&house).await, before, "it still counts");
    assert!(house.page(&cookie, "/settings/people?show=ignored").await.text.contains("Ignore no longer"));
    let back = house.submit(&cookie, &format!("{path}/split"), &[("back", "show=ignored")]).await;
    assert_eq!(back.header("location"), "/settings/people?show=ignored&said=split");
    assert_eq!(house.get("/api/v1/match-rate").await.json()["people"], 7);
    let nothing = ask(&house, "POST", &format!("/api/v1/identities/{id}/split"), Value::Null).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
    let astray = house.submit(&cookie, &format!("{path}/ignore"), &[("back", "//evil.example")]).await;
    assert!(astray.header("location").starts_with("/settings/people?"));
}

#[tokio::test]
async fn single_peoples_use_is_shown_to_whoever_may_see_it_only() {
    let house = House::seeded(7).await;
    for (role, shown) in [(Role::Owner, true), (Role::Admin, false)] {
        let cookie = house.user(role).await;
        let page = house.page(&cookie, "/settings/people?show=unmatched").await;
        assert_eq!(page.text.contains("Interactions, 28 days"), shown, "{role}");
        assert!(page.text.contains("Last active"), "{role}: it takes that to know whose it is");
    }
    for role in [Role::Manager, Role::Lead, Role::Member, Role::Viewer] {
        let cookie = house.user(role).await;
        for path in ["/settings/people", "/settings/people/import", "/settings/teams", "/api/v1/members"] {
            assert_eq!(house.page(&cookie, path).await.status, StatusCode::FORBIDDEN, "{role}: {path}");
        }
    }
}

#[tokio::test]
async fn a_member_is_added_edited_and_marked_as_left() {
    let house = House::seeded(4).await;
    let cookie = house.user(Role::Admin).await;
    let wrong =
        house.submit(&cookie, "/settings/people/members/new", &[("name", "Zoe"), ("email", "zoe"), ("left_on", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("<code>zoe</code> is not an e-mail address") && wrong.text.contains("value=\"Zoe\""),
        "{}",
        wrong.text
    );
    let taken = [("name", "Zoe"), ("email", "PERSON2@example.com")];
    let taken = house.submit(&cookie, "/settings/people/members/new", &taken).await;
    assert!(taken.text.contains("id=\"email-error\"") && taken.text.contains("another member"), "{}", taken.text);
    let added = house.submit(&cookie, "/settings/people/members/new", &[("name", "Zoe"), ("email", "person1@example.com")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let path = added.header("location").split('?').next().unwrap().to_owned();
    let page = house.page(&cookie, &path).await.text;
    assert!(page.contains("<h1>Zoe</h1>") && page.contains("the same address"), "her identity came by itself: {page}");

    let fields = [("name", "Zoe B"), ("email", "zoe@example.com"), ("github_login", "@Zoe-B"), ("left_on", "2026-10-31")];
    let saved = house.submit(&cookie, &path, &fields).await;
    assert_eq!(saved.header("location"), format!("{path}?said=saved"));
    let list = house.page(&cookie, "/settings/people?show=members&q=zoe").await.text;
    assert!(list.contains("Zoe B") && list.contains("left 31 Oct 2026") && !list.contains("Chiara"), "{list}");
    let odd = [("name", "Zoe B"), ("email", "zoe@example.com"), ("left_on", "2026-13-01")];
    let odd = house.submit(&cookie, &path, &odd).await;
    assert!(odd.text.contains("id=\"left_on-error\""), "{}", odd.text);
    let changes = audited(&house, Action::MemberChanged).await;
    assert_eq!(changes[0].1, json!({ "done": "edited", "fields": ["name", "email", "github_login", "left_on"] }));
    assert!(!changes.iter().any(|change| format!("{change:?}").contains("Zoe")), "the log names nobody");
}

#[tokio::test]
async fn merging_says_what_it_does_then_does_it_and_can_be_taken_back() {
    let house = House::seeded(7).await;
    let cookie = house.user(Role::Admin).await;
    let (from, into) = (member(&house, 2).await.0, member(&house, 3).await.0);
    let before = totals(&house).await;
    let path = format!("/settings/people/members/{from}/merge");
    let unsure = house.page(&cookie, &format!("{path}?into=person")).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let confirm = house.page(&cookie, &format!("{path}?into=tanaka")).await;
    assert!(confirm.text.contains("<h2>Chiara Moreau becomes Dmitri Tanaka</h2>"), "{}", confirm.text);
    assert_eq!(totals(&house).await, before, "nothing is done yet");
    let merged = house.submit(&cookie, &path, &[("into", &into.to_string())]).await;
    assert_eq!(merged.header("location"), format!("/settings/people/members/{into}?said=merged"));
    let (sums, rows) = totals(&house).await;
    assert_eq!((sums, rows.len()), (before.0.clone(), before.1.len() - 1));
    assert!(!rows.iter().any(|row| row.0 == "Chiara Moreau"));
    let itself = house.submit(&cookie, &format!("/settings/people/members/{into}/merge"), &[("into", &into.to_string())]).await;
    assert_eq!(itself.status, StatusCode::UNPROCESSABLE_ENTITY);
    let change = house.get("/api/v1/people-changes").await.json()["items"][0]["id"].as_i64().unwrap();
    let undone = ask(&house, "POST", &format!("/api/v1/people-changes/{change}/undo"), Value::Null).await;
    assert_eq!(undone.status, StatusCode::NO_CONTENT, "{}", undone.text);
    assert_eq!(totals(&house).await, before);
}

#[tokio::test]
async fn erasing_takes_the_name_from_everywhere_and_leaves_every_total() {
    let house = House::seeded(7).await;
    let cookie = house.user(Role::Owner).await;
    let id = member(&house, 2).await.0;
    let (before, rows) = totals(&house).await;
    let path = format!("/settings/people/members/{id}/erase");
    let page = house.page(&cookie, &path).await.text;
    assert!(page.contains("It cannot be taken back.") && page.contains("Chiara Moreau"));
    let slip = house.submit(&cookie, &path, &[("name", "Chiara")]).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.text.contains("id=\"name-error\">Type <code>Chiara Moreau</code>"), "{}", slip.text);
    let erased = house.submit(&cookie, &path, &[("name", "Chiara Moreau")]).await;
    assert_eq!(erased.header("location"), "/settings/people?show=members&said=erased", "{}", erased.text);

    let (after, left) = totals(&house).await;
    assert_eq!((after, left.len()), (before, rows.len()));
    for path in [
        "/".to_owned(),
        "/reports/overview/members.csv".to_owned(),
        "/settings/people?show=members".to_owned(),
        "/settings/people?show=matched".to_owned(),
        "/settings/people?show=history".to_owned(),
        format!("/settings/people/members/{id}"),
        "/api/overview?limit=500".to_owned(),
        "/api/v1/members".to_owned(),
        "/api/v1/identities".to_owned(),
        "/api/v1/people-changes".to_owned(),
    ] {
        let text = house.page(&cookie, &path).await.text;
        assert!(!text.contains("Chiara") && !text.contains("person2@"), "{path}: {text}");
    }
    assert_eq!(audited(&house, Action::MemberErased).await, [(format!("member {id}"), json!({}))]);
    let again = ask(&house, "PATCH", &format!("/api/v1/members/{id}"), json!({ "name": "Chiara Moreau" })).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
}

const FILE: &str =
    "email,name,teams,left_on\nperson2@example.com,Chiara M.,Platform,\nnew@example.com,=New,Platform;Search,2026-10-31\n";

#[tokio::test]
async fn a_file_is_looked_at_before_it_is_imported() {
    let house = House::seeded(5).await;
    let cookie = house.user(Role::Admin).await;
    let count = async || house.store.list_members(house.organization).await.unwrap().len();
    let members = count().await;
    let preview = upload(&house, &cookie, "/settings/people/import", "file", FILE).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    for words in ["<dt>New members</dt><dd>1</dd>", "<dt>Known members with something new</dt><dd>1</dd>", "Platform, Search"] {
        assert!(preview.text.contains(words), "{words}: {}", preview.text);
    }
    assert_eq!(count().await, members, "nothing is done yet");
    let applied = upload(&house, &cookie, "/settings/people/import/apply", "csv", FILE).await;
    assert_eq!(applied.header("location"), "/settings/people?show=members&said=imported", "{}", applied.text);
    assert_eq!(count().await, members + 1);
    let chiara = member(&house, 2).await.0;
    assert_eq!(house.get(&format!("/api/v1/members/{chiara}")).await.json()["name"], "Chiara M.");
    let teams = house.page(&cookie, "/settings/teams").await.text;
    assert!(teams.contains("from a file") && teams.contains("Search"));
    assert_eq!(audited(&house, Action::PeopleImported).await[0].1, json!({ "lines": 2, "added": 1, "changed": 1, "refused": 0 }));
}

#[tokio::test]
async fn a_file_with_wrong_lines_imports_nothing_and_names_each() {
    let house = House::seeded(3).await;
    let cookie = house.user(Role::Admin).await;
    let members = house.store.list_members(house.organization).await.unwrap();
    let wrong = "email,left_on\n<b>ada,2026-13-01\nbo@example.com,\n";
    for path in ["/settings/people/import", "/settings/people/import/apply"] {
        let answer = upload(&house, &cookie, path, "csv", wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        for words in
            ["Nothing was imported", "<code>email</code>", "<code>left_on</code>", "bo@example.com,", "aria-invalid=\"true\""]
        {
            assert!(answer.text.contains(words), "{path}: {words}: {}", answer.text);
        }
        assert!(!answer.text.contains("<b>ada"));
    }
    let empty = upload(&house, &cookie, "/settings/people/import", "csv", " ").await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.text.contains("Choose a file or paste its lines."));
    let no_form = house.submit(&cookie, "/settings/people/import", &[("csv", FILE)]).await;
    assert_eq!(no_form.status, StatusCode::BAD_REQUEST);
    let rest = ask(&house, "POST", "/api/v1/people-imports", json!({ "csv": wrong })).await;
    assert_eq!(
        (rest.status, rest.json()["lines"][1]["column"].clone()),
        (StatusCode::BAD_REQUEST, json!("left_on")),
        "{}",
        rest.text
    );
    assert_eq!(house.store.list_members(house.organization).await.unwrap(), members);
}

#[tokio::test]
async fn rest_does_all_that_the_pages_do() {
    let house = House::seeded(6).await;
    let added =
        ask(&house, "POST", "/api/v1/members", json!({ "email": "Zoe@example.com", "name": "Zoe", "left_on": "2026-10-01" }))
            .await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let path = added.header("location").to_owned();
    let zoe = added.json();
    assert_eq!(
        (&zoe["email"], &zoe["source"], &zoe["left_on"], &zoe["erased"]),
        (&json!("zoe@example.com"), &json!("hand"), &json!("2026-10-01"), &json!(false))
    );
    let changed = ask(&house, "PATCH", &path, json!({ "left_on": null, "github_login": "Zoe-B" })).await.json();
    assert_eq!((&changed["left_on"], &changed["github_login"], &changed["name"]), (&json!(null), &json!("zoe-b"), &json!("Zoe")));
    assert_eq!(ask(&house, "PATCH", &path, json!({ "nmae": "x" })).await.json()["field"], "nmae");
    let taken = ask(&house, "POST", "/api/v1/members", json!({ "email": "zoe@example.com" })).await;
    assert_eq!((taken.status, taken.json()["field"].clone()), (StatusCode::CONFLICT, json!("email")));

    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = house.get(&format!("/api/v1/members?limit=2{after}")).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen.len(), 6, "five of the roster, and Zoe");
    assert!(seen.is_sorted());
    assert_eq!(house.get("/api/v1/members?search=zoe-b").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(house.get("/api/v1/members?state=left").await.json()["items"], json!([]));
    let unmatched = house.get("/api/v1/identities?state=unmatched").await.json();
    assert_eq!(unmatched["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&unmatched["items"][0]["label"], &unmatched["items"][0]["kind"]),
        (&json!("person1@example.com"), &json!("email"))
    );
    let id = unmatched["items"][0]["id"].as_u64().unwrap();
    let matched = ask(&house, "POST", &format!("/api/v1/identities/{id}/match"), json!({ "member_id": zoe["id"] })).await.json();
    assert_eq!((&matched["member_name"], &matched["how"]), (&json!("Zoe"), &json!("by_hand")));
    let slip = ask(&house, "POST", &format!("{path}/erase"), json!({ "name": "Zoo" })).await;
    assert_eq!((slip.status, slip.json()["field"].clone()), (StatusCode::BAD_REQUEST, json!("name")));
    let erased = ask(&house, "POST", &format!("{path}/erase"), json!({ "name": "Zoe" })).await.json();
    assert_eq!((&erased["email"], &erased["erased"]), (&json!(null), &json!(true)));
    let dry = ask(&house, "POST", "/api/v1/people-imports", json!({ "csv": FILE, "dry_run": true })).await.json();
    assert_eq!(dry, json!({ "dry_run": true, "added": 1, "changed": 1, "refused": [] }));
}

#[tokio::test]
async fn another_organizations_people_are_not_there() {
    let mut house = House::seeded(4).await;
    let cookie = house.user(Role::Owner).await;
    let (own_member, own_identity) = (member(&house, 2).await.0, identity(&house, "person1@example.com").await);
    let organization = house.organization;
    house.organization = house.store.add_organization("Other", house.now).await.unwrap();
    house.seed(60).await;
    let (theirs, name) = (member(&house, 59).await.0, identity(&house, "person59@example.com").await);
    house.organization = organization;
    for path in [
        format!("/settings/people/members/{theirs}"),
        format!("/settings/people/members/{theirs}/merge"),
        format!("/settings/people/members/{theirs}/erase"),
        format!("/settings/people/identities/{name}"),
        format!("/api/v1/members/{theirs}"),
        format!("/api/v1/identities/{name}"),
        "/settings/people/members/one".to_owned(),
    ] {
        assert_eq!(house.page(&cookie, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let typed =
        house.submit(&cookie, &format!("/settings/people/identities/{own_identity}/match"), &[("member", "person59@")]).await;
    assert_eq!(typed.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (path, body) in [
        (format!("/api/v1/identities/{name}/match"), json!({ "member_id": own_member })),
        (format!("/api/v1/identities/{own_identity}/match"), json!({ "member_id": theirs })),
        (format!("/api/v1/identities/{name}/ignore"), Value::Null),
        (format!("/api/v1/identities/{name}/split"), Value::Null),
        ("/api/v1/suggestions/refuse".to_owned(), json!({ "identity_id": own_identity, "member_id": theirs })),
        (format!("/api/v1/members/{own_member}/merge"), json!({ "into": theirs })),
        (format!("/api/v1/members/{theirs}/merge"), json!({ "into": own_member })),
        (format!("/api/v1/members/{theirs}/erase"), json!({ "name": "Liam Silva" })),
        ("/api/v1/people-changes/999999/undo".to_owned(), Value::Null),
    ] {
        let answer = ask(&house, "POST", &path, body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text);
        assert!(!answer.text.contains("person59"), "{path}");
    }
    assert_eq!(
        ask(&house, "PATCH", &format!("/api/v1/members/{theirs}"), json!({ "name": "x" })).await.status,
        StatusCode::NOT_FOUND
    );
}
