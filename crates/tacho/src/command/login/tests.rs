//! The commands against the real pages and API over HTTP. What a person does in the browser happens while the program rests.

use super::*;
use crate::config::{Configuration, Flags};
use crate::server::Server as HttpServer;
use crate::wiring::Installation;
use sqlx::{Connection, Row, SqliteConnection};
use std::net::SocketAddr;
use std::sync::Arc;
use tacho_domain::{OrganizationId, Role, UserId};
use tacho_store::{NewUser, Store};
use tokio_util::sync::CancellationToken;

/// A server with one member, and a person's configuration folder.
struct Stage {
    folder: tempfile::TempDir,
    environment: Environment,
    installation: Installation,
    user: UserId,
    url: Url,
}

impl Stage {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let environment = Environment::of(&[("XDG_CONFIG_HOME", path), ("HOSTNAME", "laptop"), ("TACHO_DATA", path)]);
        let configuration = Configuration::load(None, Flags::new(), &environment).unwrap();
        let installation = Installation::open(configuration).await.unwrap();
        let new = NewUser { email: "ada@example.com", name: "Ada", password_hash: None };
        let user = installation.store.add_user(&new, installation.now()).await.unwrap();
        installation.store.put_membership(installation.organization, user, Role::Owner, installation.now()).await.unwrap();
        let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = server.url().unwrap();
        let (served, base) = (installation.clone(), url.clone());
        tokio::spawn(async move { server.run(&served, &base, CancellationToken::new()).await });
        Self { folder, environment, installation, user, url }
    }

    /// Surroundings in which somebody decides about the waiting device at the first rest.
    fn while_somebody_decides(&self, approve: bool) -> Surroundings {
        let database = self.folder.path().join("tacho.db").display().to_string();
        let (store, organization, user) = (self.installation.store.clone(), self.installation.organization, self.user);
        let rest: tacho_transport::Rest = Arc::new(move |_| {
            let (store, database) = (store.clone(), database.clone());
            Box::pin(async move { decide(&store, &database, organization, user, approve).await })
        });
        Surroundings { rest, ..Surroundings::real(door::clock()) }
    }

    fn login(&self) -> Option<Login> {
        LoginFile::of(&self.environment).unwrap().read().unwrap()
    }

    async fn tokens(&self) -> Vec<String> {
        let found = self.installation.store.list_api_tokens(self.installation.organization, Some(self.user)).await.unwrap();
        found.into_iter().map(|token| token.name).collect()
    }
}

async fn decide(store: &Store, database: &str, organization: OrganizationId, user: UserId, approve: bool) {
    let mut connection = SqliteConnection::connect(&format!("sqlite:{database}")).await.unwrap();
    let row =
        sqlx::query("select user_code from device_grants where state = 'pending'").fetch_one(&mut connection).await.unwrap();
    let code: String = row.get(0);
    connection.close().await.unwrap();
    assert!(store.decide_device_grant(organization, &code, user, approve, door::clock()()).await.unwrap());
}

#[tokio::test]
async fn a_machine_signs_in_says_who_it_is_and_signs_out() {
    let stage = Stage::start().await;
    let around = stage.while_somebody_decides(true);
    let log_in = LogIn { server: stage.url.clone(), scope: Vec::new() };
    log_in.run_in(&stage.environment, &around).await.unwrap();
    assert_eq!(stage.tokens().await, ["tacho on laptop (from 127.0.0.1)"]);
    let first = stage.login().unwrap();
    let account = server(&first.server, &around).unwrap().account(&first.token).await.unwrap();
    assert_eq!((account.who.as_str(), account.role.as_str()), ("ada@example.com", "owner"));
    assert!(!account.permissions.contains(&"manage_users".to_owned()), "the command line is given no more than it asked for");
    WhoAmI.run_in(&stage.environment, &around).await.unwrap();

    log_in.run_in(&stage.environment, &around).await.unwrap();
    assert_eq!(stage.tokens().await.len(), 1, "the token of before was given back");
    let refused = server(&first.server, &around).unwrap().account(&first.token).await.unwrap_err();
    assert_eq!(refused.kind, tacho_signon::Kind::Spent);

    LogOut.run_in(&stage.environment, &around).await.unwrap();
    assert!(stage.login().is_none() && stage.tokens().await.is_empty());
    let failure = WhoAmI.run_in(&stage.environment, &around).await.unwrap_err();
    assert!(format!("{failure:?}").contains("tacho login --server"), "{failure:?}");
    LogOut.run_in(&stage.environment, &around).await.unwrap();
}

#[tokio::test]
async fn a_device_that_is_refused_is_not_signed_in() {
    let stage = Stage::start().await;
    let around = stage.while_somebody_decides(false);
    let log_in = LogIn { server: stage.url.clone(), scope: vec!["view_aggregates".into()] };
    let failure = log_in.run_in(&stage.environment, &around).await.unwrap_err();
    assert!(failure.to_string().contains("refused this device"), "{failure}");
    assert!(stage.login().is_none() && stage.tokens().await.is_empty());
}

#[tokio::test]
async fn a_token_goes_without_tls_to_this_machine_only() {
    let stage = Stage::start().await;
    let around = Surroundings::real(door::clock());
    for plain in ["http://tacho.example.com", "http://10.0.0.7:8787", "ftp://127.0.0.1"] {
        let log_in = LogIn { server: plain.parse().unwrap(), scope: Vec::new() };
        let failure = log_in.run_in(&stage.environment, &around).await.unwrap_err();
        assert!(failure.to_string().contains("has no TLS"), "{failure}");
    }
    let wrong = LogIn { server: stage.url.clone(), scope: vec!["everything".into()] };
    let failure = wrong.run_in(&stage.environment, &around).await.unwrap_err();
    assert!(failure.to_string().contains("`everything` is no permission"), "{failure}");
    let nobody = LogIn { server: Url::parse("http://127.0.0.1:9").unwrap(), scope: Vec::new() };
    assert!(nobody.run_in(&stage.environment, &around).await.is_err());
}
