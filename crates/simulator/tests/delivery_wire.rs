//! What GitHub's side tells of delivery: as much as there is, in the shape asked for, within its limits.
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails its test")]

mod client;

use client::{Vendors, status};
use serde_json::{Value, json};
use tacho_domain::{Day, Window};
use tacho_simulator::{Config, Delivery, Endpoint, Fault, PullTruth, Rule, Vendor};

const SEARCH: &str = "query($q: String!, $first: Int!, $after: String) { rateLimit { cost remaining resetAt } \
    search(query: $q, type: ISSUE, first: $first, after: $after) { issueCount pageInfo { hasNextPage endCursor } \
    nodes { __typename ... on PullRequest { number createdAt mergedAt additions deletions changedFiles headRefName \
    repository { databaseId nameWithOwner } author { __typename login ... on User { databaseId } ... on Bot { databaseId } } \
    labels(first: 10) { totalCount nodes { name } } \
    reviews(first: 20) { totalCount nodes { submittedAt state author { __typename login } } } \
    ready: timelineItems(itemTypes: [READY_FOR_REVIEW_EVENT], last: 1) { nodes { ... on ReadyForReviewEvent { createdAt } } } \
    commits(first: 50) { totalCount nodes { commit { oid authoredDate message author { email user { login databaseId } } } } } \
    mergeCommit { oid message } } } } }";
const FILES: &str = "query($q: String!, $first: Int!, $after: String) { rateLimit { cost } \
    search(query: $q, type: ISSUE, first: $first, after: $after) { issueCount pageInfo { hasNextPage endCursor } \
    nodes { ... on PullRequest { number repository { databaseId } \
    files(first: 100) { totalCount nodes { path additions deletions } } } } } }";
const DEPLOYMENTS: &str = "query($owner: String!, $first: Int!, $after: String) { rateLimit { cost } \
    owner: repositoryOwner(login: $owner) { repositories(first: $first, after: $after) { pageInfo { hasNextPage endCursor } \
    nodes { databaseId nameWithOwner deployments(environments: [\"production\"], first: 20, orderBy: {field: CREATED_AT, \
    direction: DESC}) { pageInfo { hasNextPage endCursor } nodes { databaseId createdAt commitOid \
    statuses(first: 10) { nodes { state createdAt } } } } \
    releases(first: 5) { nodes { databaseId publishedAt isDraft tagCommit { oid } } } } } } }";

async fn ask(vendors: &Vendors, query: &str, variables: &Value) -> (u16, Value) {
    let asked = vendors
        .client
        .post(vendors.url(Vendor::Github, "/graphql"))
        .bearer_auth(vendors.running.secrets().github)
        .header("accept", "application/json")
        .header("x-github-api-version", "2026-03-10")
        .json(&json!({"query": query, "variables": variables}));
    status(asked).await
}

fn merged(vendors: &Vendors, from: &str, to: &str) -> String {
    format!("org:{} is:pr is:merged merged:{from}..{to}", vendors.running.organization())
}

/// Every page of a search.
async fn all(vendors: &Vendors, query: &str, text: &str, first: usize) -> (usize, Vec<Value>) {
    let (mut nodes, mut after) = (Vec::new(), Value::Null);
    loop {
        let (code, reply) = ask(vendors, query, &json!({"q": text, "first": first, "after": after})).await;
        assert_eq!((code, &reply["errors"]), (200, &Value::Null), "{reply}");
        let search = &reply["data"]["search"];
        nodes.extend(search["nodes"].as_array().unwrap().iter().cloned());
        if search["pageInfo"]["hasNextPage"] == false {
            return (usize::try_from(search["issueCount"].as_u64().unwrap()).unwrap(), nodes);
        }
        after = search["pageInfo"]["endCursor"].clone();
    }
}

fn in_window(vendors: &Vendors, window: Window) -> Vec<PullTruth> {
    vendors.running.truth().pull_requests(window).collect()
}

#[tokio::test]
async fn pages_tell_what_is_true() {
    let vendors = Vendors::start(client::small()).await;
    let window = Window::ending(client::today().minus(1), 30);
    let truth = in_window(&vendors, window);
    let (count, nodes) = all(&vendors, SEARCH, &merged(&vendors, &window.from.to_string(), &window.to.to_string()), 7).await;
    assert_eq!((count, nodes.len()), (truth.len(), truth.len()));
    let people = vendors.running.truth().people();
    for (node, it) in nodes.iter().zip(&truth) {
        assert_eq!(node["__typename"], "PullRequest");
        assert_eq!((&node["number"], &node["repository"]["databaseId"]), (&json!(it.number), &json!(it.repository_id)));
        assert_eq!(node["mergedAt"], it.merged_at.to_string());
        assert_eq!(node["commits"]["totalCount"], it.commits);
        let message = node["commits"]["nodes"][0]["commit"]["message"].as_str().unwrap();
        let named = format!("{message}{}", node["mergeCommit"]["message"]);
        let proven = ["Co-Authored-By: Claude Sonnet 4.6 <noreply@", "cursoragent@cursor.com", "223556219+Copilot"];
        let bot = node["author"]["__typename"] == "Bot";
        assert_eq!(
            it.exact,
            proven.iter().any(|text| named.contains(text)) || bot && node["labels"]["totalCount"] == 0,
            "{node}"
        );
        assert_eq!(node["ready"]["nodes"].as_array().unwrap().len(), usize::from(it.ready_at.is_some()));
        let author = node["author"]["login"].as_str().unwrap();
        let reviews = node["reviews"]["nodes"].as_array().unwrap();
        let human = |review: &&Value| review["author"]["__typename"] == "User" && review["author"]["login"] != author;
        let first = reviews.iter().find(human).map(|review| review["submittedAt"].as_str().unwrap().to_owned());
        assert_eq!(first, it.first_review_at.map(|at| at.to_string()));
        let approvals: Vec<&Value> = reviews.iter().filter(|review| review["state"] == "APPROVED").collect();
        assert_eq!(approvals.len(), usize::try_from(it.approvals).unwrap());
        assert_eq!(
            approvals.last().map(|review| review["submittedAt"].as_str().unwrap().to_owned()),
            it.last_approval_at.map(|at| at.to_string())
        );
        for index in &it.reviewers {
            assert!(reviews.iter().any(|review| review["author"]["login"] == people[*index].login));
        }
        assert_eq!(node.get("title"), None);
    }
}

#[tokio::test]
async fn files_share_out_the_lines_and_bots_have_their_own() {
    let vendors = Vendors::start(client::small()).await;
    let day = client::today().minus(2);
    let truth = in_window(&vendors, Window::day(day));
    let (_, nodes) = all(&vendors, FILES, &merged(&vendors, &day.to_string(), &day.to_string()), 50).await;
    assert!(!nodes.is_empty());
    for (node, it) in nodes.iter().zip(&truth) {
        let files = node["files"]["nodes"].as_array().unwrap();
        let sum = |what: &str| files.iter().map(|file| file[what].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("additions"), sum("deletions")), (it.additions, it.deletions));
        assert_eq!(files.len(), usize::try_from(it.changed_files).unwrap());
    }
}

#[tokio::test]
async fn a_search_shows_a_thousand_and_counts_them_all() {
    let day: Day = client::today().minus(4);
    let delivery = Delivery { busy_day: Some((day, 1_500)), ..Delivery::default() };
    let vendors = Vendors::start(Config { delivery, ..client::small() }).await;
    let (count, nodes) = all(&vendors, FILES, &merged(&vendors, &day.to_string(), &day.to_string()), 100).await;
    assert!(count >= 1_500 && nodes.len() == 1_000, "{count} {}", nodes.len());
    let (morning, _) =
        all(&vendors, FILES, &merged(&vendors, &format!("{day}T00:00:00Z"), &format!("{day}T12:59:59Z")), 100).await;
    let (evening, _) =
        all(&vendors, FILES, &merged(&vendors, &format!("{day}T13:00:00Z"), &format!("{day}T23:59:59Z")), 100).await;
    assert_eq!(morning + evening, count);
}

#[tokio::test]
async fn limits_are_kept_where_they_are_switched_on() {
    let delivery = Delivery { graphql_limits: true, heavy_above: Some(25), ..Delivery::default() };
    let vendors = Vendors::start(Config { delivery, ..client::small() }).await;
    let day = client::today().minus(2).to_string();
    let text = merged(&vendors, &day, &day);
    let (code, _) = ask(&vendors, SEARCH, &json!({"q": text, "first": 50})).await;
    assert_eq!(code, 502, "too heavy");
    let (code, reply) = ask(&vendors, SEARCH, &json!({"q": text, "first": 25})).await;
    assert_eq!((code, &reply["data"]["rateLimit"]["cost"]), (200, &json!(1)));
    assert_eq!(reply["data"]["rateLimit"]["remaining"], 5_000 - 2 - 1, "the refused one was paid for too");
    // Ten lists of a hundred in each of twenty rows: 20 points a question.
    let dear = format!(
        "{{ search(query: \"{text}\", type: ISSUE, first: 20) {{ nodes {{ ... on PullRequest {{ {} }} }} }} }}",
        (0..99).map(|n| format!("l{n}: labels(first: 1) {{ totalCount }}")).collect::<Vec<_>>().join(" ")
    );
    let mut last = (200, Value::Null);
    for _ in 0..101 {
        last = ask(&vendors, &dear, &json!({})).await;
    }
    assert_eq!(last.0, 403, "{}", last.1);
    assert!(last.1["message"].as_str().unwrap().contains("secondary rate limit"));
    for _ in 0..2 {
        vendors.running.faults().pass_seconds(60);
        for _ in 0..90 {
            last = ask(&vendors, &dear, &json!({})).await;
        }
    }
    assert_eq!((last.0, &last.1["errors"][0]["type"]), (200, &json!("RATE_LIMITED")));
    vendors.running.faults().pass_seconds(3_600);
    assert_eq!(ask(&vendors, SEARCH, &json!({"q": text, "first": 25})).await.1["errors"], Value::Null);
}

#[tokio::test]
async fn what_does_not_exist_is_refused_and_faults_come_on_demand() {
    let vendors = Vendors::start(client::small()).await;
    let day = client::today().minus(2).to_string();
    let text = merged(&vendors, &day, &day);
    let kind = |reply: &Value| reply["errors"][0]["type"].as_str().unwrap_or_default().to_owned();
    for (query, expected) in [
        ("{ search(query: \"is:pr\", type: ISSUE, first: 5) { nodes { ... on PullRequest { titel } } } }", ""),
        ("{ search(query: \"org:octo-demo is:pr\", type: ISSUE) { issueCount } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("{ search(query: \"org:octo-demo is:pr\", type: ISSUE, first: 101) { issueCount } }", "EXCESSIVE_PAGINATION"),
        (
            "{ search(query: \"org:octo-demo is:pr\", type: ISSUE, first: 5, after: \"x\") { issueCount } }",
            "INVALID_CURSOR_ARGUMENTS",
        ),
        (
            "{ search(query: \"org:octo-demo is:pr\", type: ISSUE, first: 5) { nodes { ... on PullRequest { titel } } } }",
            "undefinedField",
        ),
    ] {
        assert_eq!(kind(&ask(&vendors, query, &json!({})).await.1), expected, "{query}");
    }
    let elsewhere = ask(&vendors, SEARCH, &json!({"q": text.replace("octo-demo", "nobody"), "first": 5})).await.1;
    assert_eq!(elsewhere["data"]["search"]["issueCount"], 0);
    let faults = vendors.running.faults();
    faults.add(Rule::once(Endpoint::PullRequestSearch, Fault::PartialNodes));
    let partial = ask(&vendors, SEARCH, &json!({"q": text, "first": 50})).await.1;
    let place = usize::try_from(partial["errors"][0]["path"][2].as_u64().unwrap()).unwrap();
    assert_eq!(partial["data"]["search"]["nodes"][place], Value::Null);
    faults.add(Rule::once(Endpoint::PullRequestSearch, Fault::PointsSpent { reset_epoch_seconds: 1 }));
    assert_eq!(kind(&ask(&vendors, SEARCH, &json!({"q": text, "first": 50})).await.1), "RATE_LIMITED");
    assert_eq!(vendors.running.calls()[&Endpoint::PullRequestSearch].refused, 0);
}

#[tokio::test]
async fn deployments_and_releases_come_newest_first() {
    let vendors = Vendors::start(client::small()).await;
    let truth = vendors.running.truth().deployments(vendors.running.truth().history());
    let reply = ask(&vendors, DEPLOYMENTS, &json!({"owner": "octo-demo", "first": 20})).await.1;
    assert_eq!(reply["data"]["rateLimit"]["cost"], 4);
    let repositories = reply["data"]["owner"]["repositories"]["nodes"].as_array().unwrap();
    assert_eq!(repositories.len(), 8);
    for repository in repositories {
        let mut expected: Vec<_> = truth.iter().filter(|it| repository["databaseId"] == it.repository_id).collect();
        expected.reverse();
        let shown = repository["deployments"]["nodes"].as_array().unwrap();
        assert_eq!(shown.len(), expected.len().min(20));
        for (node, it) in shown.iter().zip(expected) {
            assert_eq!(
                (&node["databaseId"], node["createdAt"].as_str().unwrap()),
                (&json!(it.id), it.created_at.to_string().as_str())
            );
            let states: Vec<&str> =
                node["statuses"]["nodes"].as_array().unwrap().iter().map(|s| s["state"].as_str().unwrap()).collect();
            let ended = states.iter().find(|state| !matches!(**state, "INACTIVE" | "IN_PROGRESS"));
            let outcome = match ended {
                Some(&"SUCCESS") => "succeeded",
                Some(_) => "failed",
                None => "unknown",
            };
            assert_eq!(outcome, it.outcome.as_str());
        }
    }
    let one = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { nameWithOwner \
               deployments(environments: [\"staging\"], first: 100) { nodes { databaseId } } } }";
    let reply = ask(&vendors, one, &json!({"owner": "octo-demo", "name": "checkout"})).await.1;
    assert_eq!(reply["data"]["repository"]["nameWithOwner"], "octo-demo/checkout");
    assert!(!reply["data"]["repository"]["deployments"]["nodes"].as_array().unwrap().is_empty());
    let nobody = ask(&vendors, DEPLOYMENTS, &json!({"owner": "nobody", "first": 20})).await.1;
    assert_eq!(nobody["data"]["owner"], Value::Null);
}

#[tokio::test]
async fn the_report_by_repository_has_the_true_counts() {
    let vendors = Vendors::start(client::small()).await;
    let day = client::today().minus(5);
    let lines = vendors.report(&format!("/orgs/{{org}}/copilot/metrics/reports/repos-1-day?day={day}")).await.unwrap();
    let truth = vendors.running.truth().repository_days(day).unwrap();
    assert!(!lines.is_empty() && lines.len() == truth.len());
    let merged: i64 = lines.iter().map(|line| client::number(line, "/pull_requests/total_merged")).sum();
    assert_eq!(merged, i64::try_from(in_window(&vendors, Window::day(day)).len()).unwrap());
    for (line, it) in lines.iter().zip(truth) {
        assert_eq!(client::number(line, "/repo_id"), it.repository_id);
        assert_eq!(client::number(line, "/pull_requests/total_created"), it.created);
    }
    assert_eq!(vendors.report("/orgs/{org}/copilot/metrics/reports/repos-1-day?day=2026-11-20").await, None);
    assert_eq!(vendors.running.calls()[&Endpoint::ReposDay].calls, 2);
}

/// What an import of a hundred thousand costs is a tenth of it and a factor.
#[tokio::test]
async fn ten_thousand_are_served_in_seconds() {
    let delivery = Delivery { merged_per_week_milli: 5_000, ..Delivery::default() };
    let vendors = Vendors::start(Config { members: 500, days: 40, delivery, ..Config::new(8, client::today()) }).await;
    let began = tokio::time::Instant::now();
    let (mut served, mut days) = (0, 0);
    for day in Window::ending(client::today().minus(1), 40).days() {
        served += all(&vendors, SEARCH, &merged(&vendors, &day.to_string(), &day.to_string()), 50).await.1.len();
        days += 1;
        if served > 10_000 {
            break;
        }
    }
    println!("{served} pull requests of {days} days in {:?}", began.elapsed());
    assert!(served > 10_000);
}

/// The places with a remainder of three are public; an OAuth app without the scope `repo` sees nothing else.
#[tokio::test]
async fn private_repositories_are_seen_with_the_scope_for_them_only() {
    let vendors = Vendors::start(Config { github_approves: true, ..client::small() }).await;
    let day = client::today().minus(2);
    let text = merged(&vendors, &day.to_string(), &day.to_string());
    let (every, nodes) = all(&vendors, SEARCH, &text, 100).await;
    let public = ["octo-demo/billing", "octo-demo/identity"];
    let seen = nodes.iter().filter(|node| public.iter().any(|name| node["repository"]["nameWithOwner"] == *name)).count();
    assert!(seen < every);
    let token = oauth_token(&vendors, "read:org").await;
    let asked = vendors
        .client
        .post(vendors.url(Vendor::Github, "/graphql"))
        .bearer_auth(token)
        .header("accept", "application/json")
        .header("x-github-api-version", "2026-03-10")
        .json(&json!({"query": SEARCH, "variables": {"q": text, "first": 100}}));
    assert_eq!(status(asked).await.1["data"]["search"]["issueCount"], seen);
}

/// A token of the OAuth app, by the web flow that is approved at once.
async fn oauth_token(vendors: &Vendors, scope: &str) -> String {
    let secrets = vendors.running.secrets();
    let page = vendors.url(Vendor::Github, "/login/oauth/authorize");
    let query = [
        ("client_id", secrets.github_client_id.as_str()),
        ("scope", scope),
        ("state", "s"),
        ("redirect_uri", "http://127.0.0.1:1/back"),
    ];
    let page = url::Url::parse_with_params(&page, query).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a client for loopback, in a test")]
    let browser = reqwest::Client::builder().user_agent("browser").redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let reply = browser.get(page).send().await.unwrap();
    let back: url::Url = reply.headers()["location"].to_str().unwrap().parse().unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = json!({"client_id": secrets.github_client_id, "client_secret": secrets.github_client_secret, "code": code,
        "redirect_uri": "http://127.0.0.1:1/back"});
    let asked = vendors
        .client
        .post(vendors.url(Vendor::Github, "/login/oauth/access_token"))
        .header("accept", "application/json")
        .json(&form);
    status(asked).await.1["access_token"].as_str().unwrap().to_owned()
}
