//! The stream of events: what a page sees of syncs that run, in whichever process, and when it ends.

use crate::house::House;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tacho_domain::{IntegrationId, OrganizationId, Role, ToolId, UserId};
use tacho_store::{NewIntegration, Progress, ProgressState};
use tower::ServiceExt;

type Chunks = BoxStream<'static, String>;

async fn watch(house: &House, cookie: &str, since: Option<&str>) -> Chunks {
    let mut request = Request::get("/api/v1/events").header("host", "tacho.example").header("cookie", cookie);
    if let Some(since) = since {
        request = request.header("last-event-id", since);
    }
    let response = house.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let chunks = response.into_body().into_data_stream();
    chunks.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap()).boxed()
}

async fn integration(house: &House, organization: OrganizationId, owner: Option<UserId>) -> IntegrationId {
    let (tool, settings) = (ToolId::new("pair"), [].into());
    let new = NewIntegration { connector: "pair_api", tool: &tool, name: "Pair", settings: &settings, credential: None, owner };
    house.store.add_integration(organization, &new, house.now).await.unwrap()
}

async fn note(house: &House, organization: OrganizationId, integration: IntegrationId, state: ProgressState, done: u32) {
    let at = house.now.plus_seconds(i64::from(done));
    let progress = Progress { integration, state, done, total: 40, stream: Some("usage_daily".into()), begun_at: house.now, at };
    house.store.put_progress(organization, &progress).await.unwrap();
}

#[tokio::test]
async fn what_goes_on_is_told_first_and_then_what_changes() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let (running, ended) =
        (integration(&house, house.organization, None).await, integration(&house, house.organization, None).await);
    note(&house, house.organization, running, ProgressState::Running, 10).await;
    note(&house, house.organization, ended, ProgressState::Finished, 40).await;
    let mut events = watch(&house, &owner, None).await;
    let first = events.next().await.unwrap();
    let id = house.now.plus_seconds(10).0;
    let data =
        format!(r#"{{"integration_id":{running},"state":"running","done":10,"total":40,"percent":25,"stream":"usage_daily"}}"#);
    assert_eq!(first, format!("event: sync\nid: {id}\ndata: {data}\n\n"));
    note(&house, house.organization, running, ProgressState::Finished, 40).await;
    house.recorded.wake();
    let second = events.next().await.unwrap();
    assert!(second.contains(r#""state":"finished","done":40,"total":40,"percent":100"#), "{second}");

    // Whoever comes back is told what ended meanwhile, and not what they know.
    let mut again = watch(&house, &owner, Some(&house.now.plus_seconds(40).0.to_string())).await;
    let mut told = vec![again.next().await.unwrap(), again.next().await.unwrap()];
    told.sort();
    assert!(told[0].contains(&format!("\"integration_id\":{running}")) && told[1].contains("finished"), "{told:?}");
    assert_eq!(again.next().await.unwrap(), data_event(id + 30_000_000, true), "and that reports may be made anew");
    house.recorded.stop();
    assert_eq!(again.next().await, None, "it ends with the server");
}

#[tokio::test]
async fn a_sync_that_ended_between_the_page_and_its_stream_is_told() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let ended = integration(&house, house.organization, None).await;
    let page = house.page(&owner, "/settings/integrations").await.text;
    let since = page.split("data-since=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    note(&house, house.organization, ended, ProgressState::Finished, 1).await;
    let request = Request::get(format!("/api/v1/events?since={since}")).header("host", "tacho.example").header("cookie", &owner);
    let response = house.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let first = response.into_body().into_data_stream().next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains(r#""state":"finished""#), "{first:?}");
    let wrong = house.page(&owner, "/api/v1/events?since=yesterday").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_what_the_caller_may_see_is_told() {
    let house = House::empty().await;
    let elsewhere = house.store.ensure_organization("Elsewhere", house.now).await.unwrap();
    let (ada, member) = house.person(Role::Member).await;
    let foreign = integration(&house, elsewhere, None).await;
    let (common, own, other) = (
        integration(&house, house.organization, None).await,
        integration(&house, house.organization, Some(ada)).await,
        integration(&house, house.organization, Some(UserId(4_711))).await,
    );
    note(&house, elsewhere, foreign, ProgressState::Running, 1).await;
    for id in [common, own, other] {
        note(&house, house.organization, id, ProgressState::Running, 2).await;
    }
    let mut events = watch(&house, &member, None).await;
    let first = events.next().await.unwrap();
    assert!(first.contains(&format!("\"integration_id\":{own},")), "{first}");
    house.recorded.stop();
    assert_eq!(events.next().await, None, "nothing else was theirs to see");
}

#[tokio::test]
async fn whoever_sees_no_integration_is_told_of_changed_data_alone() {
    let house = House::empty().await;
    let viewer = house.user(Role::Viewer).await;
    let id = integration(&house, house.organization, None).await;
    note(&house, house.organization, id, ProgressState::Running, 1).await;
    let since = house.now.plus_seconds(9).0.to_string();
    let mut events = watch(&house, &viewer, Some(&since)).await;
    let gap = house.now.plus_seconds(9).0;
    assert_eq!(events.next().await.unwrap(), data_event(gap, false), "who comes back is told to look again");
    note(&house, house.organization, id, ProgressState::Finished, 40).await;
    house.recorded.wake();
    assert_eq!(events.next().await.unwrap(), data_event(house.now.plus_seconds(40).0, true));
    house.recorded.stop();
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn changes_of_people_and_teams_are_told_and_those_of_others_are_not() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let elsewhere = house.store.ensure_organization("Elsewhere", house.now).await.unwrap();
    let own = integration(&house, house.organization, None).await;
    note(&house, house.organization, own, ProgressState::Running, 1).await;
    let mut events = watch(&house, &owner, None).await;
    assert!(events.next().await.unwrap().contains("running"), "the first look was made");
    house.store.add_team(elsewhere, "Theirs").await.unwrap();
    let id = integration(&house, elsewhere, None).await;
    note(&house, elsewhere, id, ProgressState::Finished, 7).await;
    house.store.add_team(house.organization, "Ours").await.unwrap();
    house.recorded.wake();
    let told = events.next().await.unwrap();
    assert!(told.starts_with("event: data\n") && told.contains(r#"{"synced":false}"#), "{told}");
    house.recorded.stop();
    assert_eq!(events.next().await, None, "it was told once, and nothing of the others");
}

fn data_event(id: i64, synced: bool) -> String {
    format!("event: data\nid: {id}\ndata: {{\"synced\":{synced}}}\n\n")
}

#[tokio::test]
async fn it_ends_when_the_session_ends_and_when_the_right_is_taken_away() {
    let house = House::empty().await;
    let id = integration(&house, house.organization, None).await;
    note(&house, house.organization, id, ProgressState::Running, 1).await;
    let owner = house.user(Role::Owner).await;
    let (admin, cookie) = house.person(Role::Admin).await;
    let mut events = watch(&house, &cookie, None).await;
    assert!(events.next().await.is_some());
    house.store.put_membership(house.organization, admin, Role::Viewer, house.now).await.unwrap();
    note(&house, house.organization, id, ProgressState::Finished, 2).await;
    house.recorded.wake();
    let told = events.next().await.unwrap();
    assert!(told.starts_with("event: data\n"), "a viewer sees reports and no integration any more: {told}");
    assert!(house.store.remove_membership(house.organization, admin).await.unwrap());
    house.recorded.wake();
    assert_eq!(events.next().await, None);

    note(&house, house.organization, id, ProgressState::Running, 3).await;
    let mut events = watch(&house, &owner, None).await;
    assert!(events.next().await.is_some());
    house.submit(&owner, "/sign-out", &[]).await;
    house.recorded.wake();
    assert_eq!(events.next().await, None);
}
