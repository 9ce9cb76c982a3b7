//! A database of its own on the PostgreSQL server that the environment names.

use secrecy::SecretString;
use sqlx::{Connection, Executor};
use std::sync::atomic::{AtomicU32, Ordering};

/// The address of a fresh database; `None` where the environment names no server.
pub(crate) async fn own_database() -> Option<SecretString> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = server()?;
    let name = format!("web_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    for statement in [format!("drop database if exists {name}"), format!("create database {name}")] {
        connection.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string().into())
}

#[expect(clippy::disallowed_methods, reason = "scripts/test says here where its PostgreSQL is")]
fn server() -> Option<String> {
    std::env::var("TACHO_TEST_POSTGRES").ok().filter(|url| !url.is_empty() && url != "off")
}
