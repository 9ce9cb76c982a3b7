//! A backup holds every table, goes back into either engine, and a file that is not what was written is refused before
//! anything is touched.

use crate::engines::{self, Database};
use crate::organization::*;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use tacho_domain::{IdentityRef, Measure};
use tacho_store::{
    ArchivedReply, Backup, Credential, MasterKey, NewIntegration, NewJob, StoreError, Vault, back_up, restore, verify_backup,
};

/// Puts something of every kind into a database: numbers, texts with odd characters, bytes, nulls, a row of a megabyte.
async fn fill(database: &Database) -> Vault {
    let store = &database.store;
    let organization = store.ensure_organization("Ünïcode & \"quotes\"", NOW).await.unwrap();
    let vault = Vault::new(MasterKey::generate(&mut rand::rng()));
    let secret = "ghp_a secret of some length".to_owned().into();
    let settings = std::collections::BTreeMap::from([("organization".to_owned(), "acme".to_owned())]);
    let credential = Some(Credential { secret: &secret, vault: &vault });
    let new = NewIntegration {
        connector: "github_copilot",
        tool: &COPILOT,
        name: "Copilot",
        settings: &settings,
        credential,
        owner: None,
    };
    let id = store.add_integration(organization, &new, NOW).await.unwrap();
    let today = day("2026-03-02");
    for back in 0..5 {
        let at = today.minus(back);
        let facts: Vec<_> = (0..40)
            .map(|person| usage(at, &IdentityRef::github(person, "ada"), &[(Measure::Interactions, i64::from(back) - 2)]))
            .collect();
        put(store, organization, &slice(id, at, b"facts", &facts)).await;
    }
    // Noise does not compress: two whole pieces of the archive and a rest.
    let mut state = 7u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    let noise: Vec<u8> = noise.take(2_500_000).collect();
    let window = tacho_domain::Window::ending(today, 3);
    let body = Box::new(std::io::Cursor::new(noise));
    let reply = ArchivedReply { seq: 0, step: "report".into(), status: 200, window, body };
    store.put_archive(organization, id, "users_daily", window, vec![reply], NOW).await.unwrap();
    let job = NewJob {
        kind: "sync".into(),
        integration: Some(id),
        key: "sync:1".into(),
        payload: serde_json::json!({"days": 28}),
        run_at: NOW,
    };
    store.add_job(organization, &job, NOW).await.unwrap();
    vault
}

async fn written(database: &Database, folder: &Path) -> Backup {
    back_up(&database.store, &folder.join("tacho.backup"), NOW, true).await.unwrap()
}

fn url(database: &Database) -> SecretString {
    database.url.clone().into()
}

#[tokio::test]
async fn a_backup_of_either_engine_goes_back_into_either_engine() {
    let folder = tempfile::tempdir().unwrap();
    for (number, from) in engines::both().await.into_iter().enumerate() {
        let vault = fill(&from).await;
        let before = from.dump().await;
        let backup = back_up(&from.store, &folder.path().join(format!("{number}.backup")), NOW, true).await.unwrap();
        assert_eq!(backup.created_at, NOW);
        assert!(backup.rows > 200 && backup.file_bytes > 2_500_000, "{backup:?}");
        for into in engines::both().await {
            let restored = restore(&url(&into), &backup.path, false).await.unwrap();
            assert_eq!((restored.rows, restored.tables), (backup.rows, backup.tables));
            assert_eq!(into.dump().await, before);
            // The counters go on where they were, and the sealed credential opens with the key that is not in the file.
            let organization = into.store.list_organizations().await.unwrap()[0].id;
            let id = into.store.list_integrations(organization).await.unwrap()[0].id;
            assert!(into.store.find_credential(organization, id, &vault).await.unwrap().is_some());
            let next = into.store.ensure_organization("The next one", NOW).await.unwrap();
            assert_eq!(next.0, organization.0 + 1);
            let orphan = "insert into credentials (organization_id, integration_id, data_key_id, nonce, sealed, created_at)
                          values (1, 999, 1, '', '', 0)";
            if into.store.engine() == tacho_store::Engine::Postgres {
                assert!(into.try_run(orphan).await.is_err(), "foreign keys hold again, at once");
            }
            into.drop().await;
        }
        from.drop().await;
    }
}

#[tokio::test]
async fn every_table_is_in_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    for (number, database) in engines::both().await.into_iter().enumerate() {
        let backup = back_up(&database.store, &folder.path().join(format!("{number}.backup")), NOW, false).await.unwrap();
        let schema = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let texts = schema.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect::<String>();
        let made = texts.lines().filter(|line| line.starts_with("create table ")).count();
        let dropped = texts.lines().filter(|line| line.starts_with("drop table ")).count();
        // And the two that say which migrations there were.
        assert_eq!(backup.tables, made - dropped + 2);
        database.drop().await;
    }
}

#[tokio::test]
async fn a_database_that_holds_something_is_replaced_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let from = engines::sqlite().await;
    fill(&from).await;
    let backup = written(&from, folder.path()).await;
    for into in engines::both().await {
        into.store.ensure_organization("Somebody else's", NOW).await.unwrap();
        let before = into.dump().await;
        let error = restore(&url(&into), &backup.path, false).await.unwrap_err();
        assert!(error.is_invalid() && error.to_string().contains("not empty"), "{error}");
        assert_eq!(into.dump().await, before, "nothing was touched");
        restore(&url(&into), &backup.path, true).await.unwrap();
        assert_eq!(into.dump().await, from.dump().await);
        into.drop().await;
    }
}

/// A copy of a backup with something done to it.
fn spoilt(backup: &Backup, name: &str, spoil: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = std::fs::read(&backup.path).unwrap();
    spoil(&mut bytes);
    let path = backup.path.with_file_name(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn a_file_that_is_not_what_was_written_is_refused_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let from = engines::sqlite().await;
    fill(&from).await;
    let backup = written(&from, folder.path()).await;
    let middle = usize::try_from(backup.file_bytes / 2).unwrap();
    let cases = [
        (spoilt(&backup, "one-bit", |bytes| bytes[middle] ^= 1), "checksum"),
        (spoilt(&backup, "header-bit", |bytes| bytes[40] ^= 1), "checksum"),
        (spoilt(&backup, "cut", |bytes| bytes.truncate(middle)), "checksum"),
        (spoilt(&backup, "a-little", |bytes| bytes.truncate(20)), "cut off"),
        (spoilt(&backup, "nothing", Vec::clear), "cut off"),
        (spoilt(&backup, "other", |bytes| bytes[0] = b'X'), "no backup"),
        (spoilt(&backup, "newer", |bytes| bytes[8] = 9), "newer Tacho"),
    ];
    for into in engines::both().await {
        into.store.ensure_organization("Mine", NOW).await.unwrap();
        let before = into.dump().await;
        for (path, why) in &cases {
            let error: StoreError = restore(&url(&into), path, true).await.unwrap_err();
            assert!(error.to_string().contains(why), "{}: {error}", path.display());
            assert!(verify_backup(path).await.is_err());
        }
        assert_eq!(into.dump().await, before);
        into.drop().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_and_nothing_else_is_left_beside_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let database = engines::sqlite().await;
    fill(&database).await;
    let backup = written(&database, folder.path()).await;
    assert_eq!(backup.path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let error = back_up(&database.store, &backup.path, NOW, false).await.unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    // A disk that is full, a folder that is gone: nothing half-written stays.
    database.store.close().await;
    assert!(back_up(&database.store, &folder.path().join("second"), NOW, false).await.is_err());
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["tacho.backup"]);
}

#[tokio::test]
async fn a_backup_sees_one_moment_while_rows_are_written() {
    let folder = tempfile::tempdir().unwrap();
    for (number, database) in engines::both().await.into_iter().enumerate() {
        fill(&database).await;
        let organization = database.store.list_organizations().await.unwrap()[0].id;
        let path = folder.path().join(format!("{number}.backup"));
        let write = async {
            for second in 0..40 {
                let job = NewJob {
                    kind: "sync".into(),
                    integration: None,
                    key: format!("busy:{second}"),
                    payload: serde_json::json!({}),
                    run_at: NOW,
                };
                database.store.add_job(organization, &job, NOW).await.unwrap();
            }
        };
        // The counts in the header and the rows were read at different times; verification compares them.
        let (backup, ()) = tokio::join!(back_up(&database.store, &path, NOW, true), write);
        backup.unwrap();
        database.drop().await;
    }
}
