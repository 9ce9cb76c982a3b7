//! Webhooks: what is genuine and new has its day read again, and nothing else does anything at all. Forged, replayed,
//! reordered, repeated and oversized deliveries, other organizations' secrets, events that nobody hears.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::Sha256;
use std::num::NonZeroU32;
use tacho_domain::audit::Action;
use tacho_domain::{Day, IntegrationId, OrganizationId, Role, ToolId};
use tacho_store::{AuditFilter, By, Credential, NewIntegration};
use tacho_web::Limits;

const SECRET: &str = "a secret of the tests";

/// An integration that hears, with its secret.
async fn hearing(house: &House, organization: OrganizationId, secret: &str) -> IntegrationId {
    let id = connected(house, organization, "pair_api").await;
    let secret = SecretString::from(secret);
    house.store.put_webhook_secret(organization, id, &secret, &house.vault, By::Operator, house.now).await.unwrap();
    id
}

async fn connected(house: &House, organization: OrganizationId, connector: &str) -> IntegrationId {
    let (tool, secret, settings) =
        (ToolId::new("pair"), SecretString::from("key-of-the-vendor"), std::collections::BTreeMap::default());
    let credential = Some(Credential { secret: &secret, vault: &house.vault });
    let new = NewIntegration { connector, tool: &tool, name: "Code host", settings: &settings, credential, owner: None };
    house.store.add_integration(organization, &new, house.now).await.unwrap()
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn address(organization: OrganizationId, integration: IntegrationId) -> String {
    format!("/hooks/github/{}/{integration}", organization.0)
}

/// A delivery as it is sent.
#[derive(Clone)]
struct Delivery {
    address: String,
    event: &'static str,
    id: String,
    signature: String,
    body: Vec<u8>,
}

impl Delivery {
    fn signed(address: &str, secret: &str, event: &'static str, id: &str, payload: &Value) -> Self {
        let body = payload.to_string().into_bytes();
        Self { address: address.to_owned(), event, id: id.to_owned(), signature: signature(secret, &body), body }
    }

    async fn send(&self, house: &House) -> Answer {
        let request = Request::post(&self.address)
            .header("host", "tacho.example")
            .header("user-agent", "GitHub-Hookshot/abc")
            .header("content-type", "application/json")
            .header("x-github-event", self.event)
            .header("x-github-delivery", &self.id)
            .header("x-hub-signature-256", &self.signature);
        house.send(request.body(Body::from(self.body.clone())).unwrap()).await
    }
}

fn merged(day: Day, number: u32) -> Value {
    json!({
        "action": "closed",
        "number": number,
        "pull_request": { "id": number, "merged": true, "merged_at": format!("{day}T10:00:00Z"), "title": "Unannounced product" },
        "repository": { "id": 7, "full_name": "acme/api" },
    })
}

fn days(house: &House) -> Vec<(i64, Day)> {
    house.recorded.days.lock().unwrap().clone()
}

#[tokio::test]
async fn a_genuine_delivery_has_its_day_read_again_once() {
    House::on_each_engine(async |house| {
        let id = hearing(&house, house.organization, SECRET).await;
        let (place, yesterday) = (address(house.organization, id), house.now.day().minus(1));
        let delivery = Delivery::signed(&place, SECRET, "pull_request", "d-1", &merged(yesterday, 1));
        let first = delivery.send(&house).await;
        assert_eq!((first.status, first.text.as_str()), (StatusCode::ACCEPTED, ""));
        assert_eq!(days(&house), [(id.0, yesterday)]);
        for _ in 0..3 {
            assert_eq!(delivery.send(&house).await.status, StatusCode::ACCEPTED, "the sender need not send it once more");
        }
        // The id is not signed: with another one the same body is still the same delivery.
        let disguised = Delivery { id: "d-2".into(), ..delivery };
        assert_eq!(disguised.send(&house).await.status, StatusCode::ACCEPTED);
        assert_eq!(days(&house), [(id.0, yesterday)], "once");
        let known = house.store.find_webhook(house.organization, id).await.unwrap().unwrap();
        assert_eq!(known.last.unwrap().0, "pull_request");
    })
    .await;
}

#[tokio::test]
async fn what_is_forged_is_refused_and_changes_nothing() {
    House::on_each_engine(async |house| {
        let id = hearing(&house, house.organization, SECRET).await;
        let other = house.store.add_organization("Other", house.now).await.unwrap();
        let theirs = hearing(&house, other, "their secret").await;
        let silent = connected(&house, house.organization, "pair_api").await;
        let place = address(house.organization, id);
        let day = house.now.day();
        let good = Delivery::signed(&place, SECRET, "pull_request", "d-1", &merged(day, 1));
        let with = |signature: String| Delivery { signature, ..good.clone() };
        let theirs_here = Delivery::signed(&place, "their secret", "pull_request", "d-1", &merged(day, 1));
        let ours_there = Delivery::signed(&address(other, theirs), SECRET, "pull_request", "d-1", &merged(day, 1));
        let changed = Delivery { body: merged(day.minus(1), 1).to_string().into_bytes(), ..good.clone() };
        for (delivery, why) in [
            (with(String::new()), "no signature"),
            (with("sha256=00".into()), "half a signature"),
            (with(good.signature.replace("sha256=", "sha1=")), "another digest"),
            (with(signature("", &good.body)), "an empty secret"),
            (theirs_here, "another organization's secret"),
            (ours_there, "our secret at another organization's address"),
            (changed, "another body"),
        ] {
            let answer = delivery.send(&house).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{why}: {}", answer.text);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(!answer.text.contains(SECRET) && !answer.text.contains("Unannounced"), "{}", answer.text);
        }
        // The number of one of ours below the other organization, one without a secret, and what is no number.
        for place in
            [address(other, silent), address(house.organization, silent), "/hooks/github/1/x".into(), "/hooks/github/0/0".into()]
        {
            let delivery = Delivery { address: place.clone(), ..good.clone() };
            assert_eq!(delivery.send(&house).await.status, StatusCode::NOT_FOUND, "{place}");
        }
        assert_eq!(days(&house), []);
        assert_eq!(house.store.find_webhook(house.organization, id).await.unwrap().unwrap().last, None);
        assert_eq!(good.send(&house).await.status, StatusCode::ACCEPTED, "and the genuine one is heard after all of that");
    })
    .await;
}

#[tokio::test]
async fn only_what_is_stored_is_read_again() {
    let house = House::empty().await;
    let id = hearing(&house, house.organization, SECRET).await;
    let (place, today) = (address(house.organization, id), house.now.day());
    let review = |action: &str, at: Value| json!({ "action": action, "pull_request": { "merged_at": at } });
    let at = |back: i32| json!(format!("{}T10:00:00Z", today.minus(back)));
    let deployment =
        json!({ "action": "created", "deployment": { "created_at": at(3) }, "deployment_status": { "state": "failure" } });
    for (number, (event, payload, status, day)) in [
        ("ping", json!({ "zen": "Keep it logically awesome." }), 204, None),
        ("push", json!({ "ref": "refs/heads/main" }), 204, None),
        ("secret_scanning_alert", json!({ "action": "created" }), 204, None),
        ("pull_request", json!({ "action": "opened", "pull_request": { "merged_at": null } }), 204, None),
        ("pull_request", json!({ "action": "closed", "pull_request": { "merged": false, "merged_at": null } }), 204, None),
        ("pull_request_review", review("submitted", Value::Null), 204, None),
        ("pull_request_review", review("submitted", at(2)), 202, Some(today.minus(2))),
        ("pull_request_review", review("dismissed", at(29)), 202, Some(today.minus(29))),
        ("pull_request_review", review("submitted", at(30)), 204, None),
        ("pull_request", merged(today.plus(1), 9), 202, Some(today.plus(1))),
        ("pull_request", merged(today.plus(2), 9), 204, None),
        ("deployment_status", deployment, 202, Some(today.minus(3))),
        ("pull_request", json!({ "action": "closed", "pull_request": { "merged_at": 5 } }), 400, None),
        ("pull_request", json!("text"), 400, None),
    ]
    .into_iter()
    .enumerate()
    {
        house.recorded.days.lock().unwrap().clear();
        let answer = Delivery::signed(&place, SECRET, event, &format!("d-{number}"), &payload).send(&house).await;
        assert_eq!(answer.status.as_u16(), status, "{event} {payload}: {}", answer.text);
        assert_eq!(days(&house), day.map(|day| (id.0, day)).into_iter().collect::<Vec<_>>(), "{event} {payload}");
    }
    let unnamed = Delivery::signed(&place, SECRET, "pull_request", "", &merged(today, 1));
    assert_eq!(unnamed.send(&house).await.status, StatusCode::BAD_REQUEST);
    let long = Delivery::signed(&place, SECRET, "pull_request", &"d".repeat(65), &merged(today, 1));
    assert_eq!(long.send(&house).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_too_large_is_not_even_read() {
    let house = House::empty().await;
    let id = hearing(&house, house.organization, SECRET).await;
    let mut payload = merged(house.now.day(), 1);
    payload["pull_request"]["body"] = json!("x".repeat(1 << 20));
    let place = address(house.organization, id);
    let answer = Delivery::signed(&place, SECRET, "pull_request", "d-1", &payload).send(&house).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    payload["pull_request"]["body"] = json!("x".repeat((1 << 20) - 1_000));
    let answer = Delivery::signed(&place, SECRET, "pull_request", "d-1", &payload).send(&house).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "just below");
    let request = Request::get(&place).header("host", "tacho.example").body(Body::empty()).unwrap();
    assert_eq!(house.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_day_that_cannot_be_asked_for_is_no_failure_and_one_that_failed_is_heard_again() {
    let house = House::empty().await;
    let id = hearing(&house, house.organization, SECRET).await;
    let place = address(house.organization, id);
    *house.recorded.stuck.lock().unwrap() = Some(id.0);
    let delivery = Delivery::signed(&place, SECRET, "pull_request", "d-1", &merged(house.now.day(), 1));
    assert_eq!(delivery.send(&house).await.status, StatusCode::NO_CONTENT, "paused");
    *house.recorded.stuck.lock().unwrap() = None;
    *house.recorded.broken.lock().unwrap() = true;
    let delivery = Delivery::signed(&place, SECRET, "pull_request", "d-2", &merged(house.now.day(), 2));
    let failed = delivery.send(&house).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!failed.text.contains("secret-detail"), "{}", failed.text);
    *house.recorded.broken.lock().unwrap() = false;
    assert_eq!(delivery.send(&house).await.status, StatusCode::ACCEPTED);
    assert_eq!(days(&house).len(), 1, "sent again, it is new");
}

#[tokio::test]
async fn a_flood_is_turned_away_and_keeps_nobody_from_the_pages() {
    let few = NonZeroU32::new(5).unwrap();
    let limits = Limits { requests_per_minute: few, ..Limits::default() };
    let house = House::with(limits, false).await;
    let id = hearing(&house, house.organization, SECRET).await;
    let forged = Delivery::signed(&address(house.organization, id), "guess", "pull_request", "d", &merged(house.now.day(), 1));
    let mut seen = Vec::new();
    for _ in 0..7 {
        seen.push(forged.send(&house).await.status.as_u16());
    }
    assert_eq!(seen, [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(house.get("/api/v1/me").await.status, StatusCode::OK, "a gate of their own");
}

#[tokio::test]
async fn its_page_shows_the_secret_once_and_the_log_who_changed_it() {
    let house = House::empty().await;
    let id = connected(&house, house.organization, "pair_api").await;
    let deaf = connected(&house, house.organization, "shell_console").await;
    let (owner, page) = (house.user(Role::Owner).await, format!("/settings/integrations/{id}"));
    let before = house.page(&owner, &page).await;
    assert!(before.text.contains("id=\"webhook\"") && before.text.contains("Make a secret"), "{}", before.text);
    assert!(!house.page(&owner, &format!("/settings/integrations/{deaf}")).await.text.contains("id=\"webhook\""));
    let made = house.submit(&owner, &format!("{page}/webhook"), &[]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let field = |text: &str, id: &str| {
        let start = text.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id} in {text}"));
        text[start..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let secret = field(&made.text, "webhook-secret");
    assert_eq!(secret.len(), 43);
    assert_eq!(field(&made.text, "webhook-address"), format!("http://tacho.example{}", address(house.organization, id)));
    assert!(made.text.contains("Pull requests") && made.text.contains("when one is merged"));
    let after = house.page(&owner, &page).await;
    assert!(!after.text.contains(&secret) && after.text.contains("nothing yet"), "{}", after.text);
    let place = address(house.organization, id);
    let delivery = |secret: &str, id: &str| Delivery::signed(&place, secret, "pull_request", id, &merged(house.now.day(), 1));
    assert_eq!(delivery(&secret, "d-1").send(&house).await.status, StatusCode::ACCEPTED);
    assert!(house.page(&owner, &page).await.text.contains("Last heard: pull_request"));
    // By REST another one, which ends the first.
    let place = format!("/api/v1/integrations/{id}/webhook");
    let again = house.post(&place, &json!({})).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
    let other = again.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(delivery(&secret, "d-2").send(&house).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(delivery(&other, "d-3").send(&house).await.status, StatusCode::ACCEPTED);
    let told = house.get(&place).await.json();
    assert_eq!((&told["last_event"], &told["path"]), (&json!("pull_request"), &again.json()["path"]));
    assert!(!told.to_string().contains(&other));
    let gone = house.submit(&owner, &format!("{page}/webhook/remove"), &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    assert_eq!(delivery(&other, "d-4").send(&house).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.submit(&owner, &format!("{page}/webhook/remove"), &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(house.post(&format!("/api/v1/integrations/{deaf}/webhook"), &json!({})).await.status, StatusCode::CONFLICT);
    let log = house.store.list_audit(house.organization, &AuditFilter { limit: 50, ..AuditFilter::default() }).await.unwrap();
    let done: Vec<String> =
        log.iter().filter(|row| row.action == Action::WebhookChanged).map(|row| row.detail["done"].to_string()).collect();
    assert_eq!(done, ["\"removed\"", "\"replaced\"", "\"made\""]);
    assert!(!format!("{log:?}").contains(&secret) && !format!("{log:?}").contains(&other));
    let (member, cookie) = (house.user(Role::Member).await, house.user(Role::Manager).await);
    assert_eq!(house.submit(&member, &format!("{page}/webhook"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.submit(&cookie, &format!("{page}/webhook"), &[]).await.status, StatusCode::FORBIDDEN);
}

/// What happens to a delivery on its way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    Twice,
    Disguised,
    Forged,
    Lost,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![Just(Fate::Arrives), Just(Fate::Twice), Just(Fate::Disguised), Just(Fate::Forged), Just(Fate::Lost)]
}

/// A law: in whatever order they arrive, whatever is lost, repeated, replayed or forged, the days that are read again are
/// those of the genuine ones, each once for each of them.
#[test]
fn any_order_any_repetition_and_any_forgery_ask_for_the_same_days() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = proptest::collection::vec((0..20i32, fate()), 1..15).prop_flat_map(|fates| {
        let order = proptest::sample::subsequence((0..fates.len() * 2).collect::<Vec<_>>(), fates.len() * 2).prop_shuffle();
        (Just(fates), order)
    });
    let ran = runner.run(&strategy, |(fates, order)| {
        runtime.block_on(async {
            let house = House::patient().await;
            let id = hearing(&house, house.organization, SECRET).await;
            let place = address(house.organization, id);
            let mut wanted = Vec::new();
            let mut sent = Vec::new();
            for (number, (back, fate)) in fates.iter().enumerate() {
                let day = house.now.day().minus(*back);
                let payload = merged(day, u32::try_from(number).unwrap());
                let good = Delivery::signed(&place, SECRET, "pull_request", &format!("d-{number}"), &payload);
                let forged = Delivery::signed(&place, "guess", "pull_request", &format!("d-{number}"), &payload);
                sent.extend(match fate {
                    Fate::Arrives => [Some(good), None],
                    Fate::Twice => [Some(good.clone()), Some(good)],
                    Fate::Disguised => [Some(good.clone()), Some(Delivery { id: format!("x-{number}"), ..good })],
                    Fate::Forged => [Some(forged), Some(good)],
                    Fate::Lost => [None, Some(forged)],
                });
                if !matches!(fate, Fate::Lost) {
                    wanted.push((id.0, day));
                }
            }
            for place in order {
                if let Some(delivery) = &sent[place] {
                    delivery.send(&house).await;
                }
            }
            let mut asked = days(&house);
            asked.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(asked, wanted, "{fates:?}");
        });
        Ok(())
    });
    ran.unwrap();
}
