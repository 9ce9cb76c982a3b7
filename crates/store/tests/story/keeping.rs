//! What is kept beside the facts: sealed credentials, raw replies, jobs.

use crate::engines;
use crate::organization::*;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Read;
use tacho_domain::{IntegrationId, OrganizationId, Window};
use tacho_store::{ArchivedReply, Engine, MasterKey, NewJob, Store, Vault};

fn vault() -> Vault {
    Vault::new(MasterKey::generate(&mut rand::rng()))
}

async fn opened(store: &Store, organization: OrganizationId, id: IntegrationId, vault: &Vault) -> Option<String> {
    let secret = store.find_credential(organization, id, vault).await.unwrap()?;
    #[expect(clippy::disallowed_methods, reason = "a made-up secret is compared")]
    Some(secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_rotation_reseals_everything_and_the_old_key_opens_nothing() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let (one, two) = (integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await);
        let (old, new) = (vault(), vault());
        assert!(store.opens_with(&old).await.unwrap() && store.opens_with(&new).await.unwrap(), "nothing is sealed yet");
        for (id, secret) in [(one, "secret number one"), (two, "secret number two")] {
            store.put_credential(organization, id, &SecretString::from(secret.to_owned()), &old, NOW).await.unwrap();
        }
        let before = database.dump().await;
        assert!(store.rotate_credentials(&new, &old, NOW).await.unwrap_err().is_wrong_key());
        assert_eq!(database.dump().await, before, "a refused rotation changes nothing");
        assert_eq!(store.rotate_credentials(&old, &new, NOW).await.unwrap(), 2);
        assert_eq!(opened(store, organization, one, &new).await.as_deref(), Some("secret number one"));
        assert_eq!(opened(store, organization, two, &new).await.as_deref(), Some("secret number two"));
        let error = store.find_credential(organization, one, &old).await.unwrap_err();
        assert!(error.is_wrong_key(), "{error}");
        assert_eq!(error.to_string(), "the master key is not the one this database was sealed with");
        assert!(store.put_credential(organization, one, &"x".to_owned().into(), &old, NOW).await.unwrap_err().is_wrong_key());
        assert!(!store.opens_with(&old).await.unwrap());
        database.drop().await;
    }
}

#[tokio::test]
async fn a_credential_moved_to_another_row_does_not_open() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let (one, two) = (integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await);
        let vault = vault();
        store.put_credential(organization, one, &"secret number one".to_owned().into(), &vault, NOW).await.unwrap();
        assert_eq!(database.run(&format!("update credentials set integration_id = {two}")).await, 1);
        let error = store.find_credential(organization, two, &vault).await.unwrap_err();
        assert!(
            error.is_damaged() && error.to_string().starts_with("table `credentials`, column `sealed`, row (1, 2)"),
            "{error}"
        );
        assert!(store.find_credential(organization, one, &vault).await.unwrap().is_none());
        database.drop().await;
    }
}

#[tokio::test]
async fn no_file_of_the_database_holds_a_secret() {
    let database = engines::sqlite().await;
    let store = &database.store;
    let organization = store.ensure_organization("Acme", NOW).await.unwrap();
    let id = integration(store, organization, &COPILOT).await;
    let secret = "sk-ant-admin01-made-up-for-this-test";
    let (old, new) = (vault(), vault());
    store.put_credential(organization, id, &secret.to_owned().into(), &old, NOW).await.unwrap();
    store.rotate_credentials(&old, &new, NOW).await.unwrap();
    let folder = std::path::Path::new(database.url.strip_prefix("sqlite:").unwrap()).parent().unwrap();
    let mut bytes = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read(&path).unwrap();
        bytes += text.len();
        assert!(!text.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
    }
    assert!(bytes > 100_000, "the database was looked at: {bytes} bytes");
    database.drop().await;
}

/// Bytes that do not compress, made while they are read.
struct Noise {
    state: u64,
    left: usize,
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let taken = buffer.len().min(self.left);
        for eight in buffer[..taken].chunks_mut(8) {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            eight.copy_from_slice(&self.state.to_be_bytes()[..eight.len()]);
        }
        self.left -= taken;
        Ok(taken)
    }
}

const BODY_BYTES: usize = 50 << 20;

#[cfg(target_os = "linux")]
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(not(target_os = "linux"))]
fn resident_kib() -> usize {
    0
}

#[tokio::test]
async fn an_archived_reply_of_50_megabytes_comes_back_without_being_in_memory() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let window = Window::day(day("2026-03-02"));
        let peak = resident_kib();
        let reply = ArchivedReply {
            seq: 0,
            step: "shard".into(),
            status: 200,
            window,
            body: Box::new(Noise { state: 1, left: BODY_BYTES }),
        };
        store.put_archive(organization, id, "users_daily", window, vec![reply], NOW).await.unwrap();
        let entries = store.list_archive(organization, id, None, window).await.unwrap();
        assert_eq!(entries[0].raw_bytes, BODY_BYTES as u64);
        let mut body = store.open_archive(organization, &entries[0]).await.unwrap();
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = body.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            digest.update(&buffer[..read]);
        }
        assert_eq!(digest.finalize().as_slice(), entries[0].checksum);
        // SQLite's own page cache may take 64 MiB of it.
        assert!(resident_kib() - peak < 40 * 1024 + 64 * 1024, "{} KiB more", resident_kib() - peak);
        database.run("delete from archive_chunks where place = (select max(place) from archive_chunks)").await;
        let mut body = store.open_archive(organization, &entries[0]).await.unwrap();
        assert!(std::io::copy(&mut body, &mut std::io::sink()).is_err(), "a lost piece is an error, not an early end");
        database.run("delete from archive_chunks").await;
        let error = store.open_archive(organization, &entries[0]).await.unwrap_err();
        assert!(error.is_damaged(), "{error}");
        database.drop().await;
    }
}

#[tokio::test]
async fn workers_that_claim_at_once_get_each_job_once() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        for number in 0..40 {
            let job = NewJob {
                kind: "sync".into(),
                integration: None,
                key: format!("sync:{number}"),
                payload: serde_json::Value::Null,
                run_at: NOW,
            };
            store.add_job(organization, &job, NOW).await.unwrap();
        }
        let replica = Store::open(&database.url.clone().into(), 4).await.unwrap();
        let workers = (0..8).map(|number| {
            let store = if number % 2 == 0 { store.clone() } else { replica.clone() };
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                while let Some(job) = store.claim_job(&format!("w{number}"), NOW, 60).await.unwrap() {
                    claimed.push(job.id);
                }
                claimed
            })
        });
        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        assert_eq!(all.len(), 40);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 40);
        replica.close().await;
        database.drop().await;
    }
}

#[tokio::test]
async fn replicas_may_open_a_new_database_at_once() {
    for database in engines::both().await {
        let url: SecretString = match database.store.engine() {
            Engine::Sqlite => format!("{}.new", database.url).into(),
            Engine::Postgres => {
                database.run("drop schema public cascade").await;
                database.run("create schema public").await;
                database.url.clone().into()
            }
        };
        let (one, two) = tokio::join!(Store::open(&url, 1), Store::open(&url, 1));
        for store in [one.unwrap(), two.unwrap()] {
            store.ping().await.unwrap();
            store.close().await;
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_refused_without_being_shown() {
    for url in ["mysql://root:hunter2@localhost/x", "postgres://u:hunter2@127.0.0.1:1/x", "sqlite:", "postgres://u:hunter2@[bad"]
    {
        let error = Store::open(&url.to_owned().into(), 1).await.unwrap_err();
        assert!(error.is_invalid() || error.is_unavailable(), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
