//! Temporary: serves the house for looking at its pages.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "temporary")]
mod house;
use house::{House, open};
use tacho_domain::Role;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "serves until killed"]
async fn look() {
    let house = House::patient().await;
    house.seed(12).await;
    house.person_at(house.organization, Role::Admin, "ines.moreau@northwind-traders.example", "Ines Moreau").await;
    house.person_at(house.organization, Role::Viewer, "jonas@example.com", "Jonas Silva").await;
    let (owner, _) = house.person_at(house.organization, Role::Owner, "person2@example.com", "Chiara Moreau").await;
    let fabrikam = house.store.add_organization("Fabrikam Manufacturing", house.now).await.unwrap();
    house.store.put_membership(fabrikam, owner, Role::Member, house.now).await.unwrap();
    let link = open(&tacho_web::new_sign_in_link(&house.store, house.organization, owner, house.now).await.unwrap());
    let empty = House::patient().await;
    let set_up = open(&tacho_web::new_set_up_link(&empty.store, empty.organization, empty.now).await.unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let second = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, other) = (format!("http://{}", listener.local_addr().unwrap()), format!("http://{}", second.local_addr().unwrap()));
    std::fs::write("/tmp/acc/demo.json", format!(r#"{{"url":"{url}","sign_in_url":"{url}{link}","set_up_url":"{other}{set_up}","pid":{}}}"#, std::process::id())).unwrap();
    let one = axum::serve(listener, house.router.clone().into_make_service_with_connect_info::<std::net::SocketAddr>());
    let two = axum::serve(second, empty.router.clone().into_make_service_with_connect_info::<std::net::SocketAddr>());
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1500), async { tokio::join!(one.into_future(), two.into_future()) }).await;
}
