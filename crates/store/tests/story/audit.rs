//! The audit log: both engines tell the same, page by page, and neither lets anything be changed.

use crate::organization::NOW;
use crate::{Told, engines};
use serde_json::json;
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{Instant, OrganizationId, UserId};
use tacho_store::{AuditFilter, Engine, NewAudit, Store};

fn ada() -> Actor {
    Actor::User { id: UserId(1), email: "ada@acme.example".to_owned() }
}

async fn note(store: &Store, organization: OrganizationId, at: Instant, actor: &Actor, action: Action, target: &str) {
    let detail = json!({"before": "member", "after": "admin"});
    let new = NewAudit { at, actor, action, target, detail: &detail, address: "192.0.2.7", request_id: "r1" };
    store.add_audit(organization, &new).await.unwrap();
}

pub(crate) async fn tell_audit(store: &Store, organization: OrganizationId, told: &mut Told) {
    let actors = [ada(), Actor::Token { name: "CI of Zoë".to_owned() }, Actor::Operator, Actor::Visitor];
    for (place, actor) in actors.iter().enumerate() {
        let action = [Action::RoleChanged, Action::IndividualViewed][place % 2];
        let at = NOW.plus_seconds(i64::try_from(place).unwrap());
        note(store, organization, at, actor, action, &format!("100%_of Person {place}")).await;
    }
    let detail = json!({});
    let (actor, action) = (&actors[0], Action::IndividualViewed);
    let new = NewAudit { at: NOW, actor, action, target: "Ada", detail: &detail, address: "", request_id: "" };
    told.tell("once", store.add_audit_once(organization, &new, NOW.plus_seconds(-60)).await.unwrap());
    told.tell("not again", store.add_audit_once(organization, &new, NOW.plus_seconds(-60)).await.unwrap());
    let all = AuditFilter::default();
    for (name, filter) in [
        ("all", all),
        ("by a part of the actor", AuditFilter { actor: Some("ZOË"), ..all }),
        ("by a part of the target", AuditFilter { target: Some("% of person"), ..all }),
        ("by action", AuditFilter { action: Some(Action::RoleChanged), ..all }),
        ("by time", AuditFilter { from: Some(NOW.plus_seconds(1)), to: Some(NOW.plus_seconds(3)), ..all }),
        ("by nothing", AuditFilter { actor: Some(" "), target: Some("nobody"), ..all }),
    ] {
        told.tell(name, store.list_audit(organization, &filter).await.unwrap());
    }
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_by_its_own_organization_only() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, umbrella) =
            (store.ensure_organization("Acme", NOW).await.unwrap(), store.ensure_organization("Umbrella", NOW).await.unwrap());
        for number in 0..7 {
            note(store, acme, NOW, &ada(), Action::RoleChanged, &format!("user {number}")).await;
            note(store, umbrella, NOW, &Actor::Operator, Action::TokenMade, "theirs").await;
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = store.list_audit(acme, &AuditFilter { before, limit: 3, ..AuditFilter::default() }).await.unwrap();
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            // A row that is added meanwhile moves nothing on the pages after.
            note(store, acme, NOW, &ada(), Action::SignedIn, "later").await;
            seen.extend(page.into_iter().map(|row| row.target));
        }
        assert_eq!(seen, (0..7).rev().map(|number| format!("user {number}")).collect::<Vec<_>>());
        let theirs = store.list_audit(umbrella, &AuditFilter::default()).await.unwrap();
        assert!(theirs.len() == 7 && theirs.iter().all(|row| row.target == "theirs" && row.actor == Actor::Operator));
        database.drop().await;
    }
}

#[tokio::test]
async fn what_is_done_again_and_again_is_noted_once_in_a_while() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let umbrella = store.ensure_organization("Umbrella", NOW).await.unwrap();
        let detail = json!({});
        let (ada, eve) = (ada(), Actor::User { id: UserId(2), email: "ada@acme.example".to_owned() });
        let view = |actor, target, seconds| NewAudit {
            at: NOW.plus_seconds(seconds),
            actor,
            action: Action::IndividualViewed,
            target,
            detail: &detail,
            address: "",
            request_id: "",
        };
        let since = |seconds: i64| NOW.plus_seconds(seconds - 60);
        let (a, b) = (view(&ada, "Bob", 0), view(&ada, "Bob", 0));
        let (a, b) = tokio::join!(store.add_audit_once(acme, &a, since(0)), store.add_audit_once(acme, &b, since(0)));
        assert!(a.unwrap() != b.unwrap(), "two pages opened at once");
        assert!(!store.add_audit_once(acme, &view(&ada, "Bob", 60), since(60)).await.unwrap());
        assert!(store.add_audit_once(acme, &view(&ada, "Bob", 61), since(61)).await.unwrap(), "a while has passed");
        assert!(store.add_audit_once(acme, &view(&ada, "Carol", 0), since(0)).await.unwrap(), "somebody else was looked at");
        assert!(store.add_audit_once(acme, &view(&eve, "Bob", 0), since(0)).await.unwrap(), "somebody else looked");
        assert!(store.add_audit_once(umbrella, &view(&ada, "Bob", 0), since(0)).await.unwrap(), "another organization's Bob");
        database.drop().await;
    }
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_or_shorten_the_log() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        note(store, acme, NOW, &ada(), Action::RoleChanged, "bob@acme.example").await;
        let mut tries = vec!["update audit set target = 'nobody'", "delete from audit"];
        if store.engine() == Engine::Postgres {
            tries.push("truncate audit");
        }
        for sql in tries {
            let error = database.try_run(sql).await.unwrap_err().to_string();
            assert!(error.contains("the audit log is append-only"), "{sql}: {error}");
        }
        assert_eq!(store.list_audit(acme, &AuditFilter::default()).await.unwrap().len(), 1);
        database.drop().await;
    }
}
