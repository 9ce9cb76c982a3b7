//! The daily backup of a running server: a verified file in a folder, of which the newest few are kept.

use std::path::{Path, PathBuf};
use std::time::Duration;
use tacho_domain::{Clock, Instant};
use tacho_store::{Store, StoreError, back_up};
use tokio_util::sync::CancellationToken;

/// How often it looks whether one is due.
const LOOK: Duration = Duration::from_mins(10);
const DAY_SECONDS: i64 = 86_400;

/// Where backups go and how many stay.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) keep: usize,
}

/// Makes a backup whenever the newest is a day old, until `stop`. Replicas that share the folder share its backups.
pub(crate) async fn run(store: Store, clock: Clock, folder: Folder, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let made = stop.run_until_cancelled(make_if_due(&store, clock(), &folder)).await;
        match made {
            Some(Ok(Some(path))) => tracing::info!(path = %path.display(), "backed up"),
            Some(Ok(None)) | None => {}
            Some(Err(error)) => {
                tracing::error!(target: "tacho::report", %error, folder = %folder.path.display(), "the daily backup failed; trying again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Makes one if the newest is a day old, and takes the oldest away beyond what is kept.
async fn make_if_due(store: &Store, now: Instant, folder: &Folder) -> Result<Option<PathBuf>, StoreError> {
    std::fs::create_dir_all(&folder.path)?;
    if newest(&folder.path)?.is_some_and(|(at, _)| at.plus_seconds(DAY_SECONDS) > now) {
        return Ok(None);
    }
    let path = folder.path.join(name(now));
    back_up(store, &path, now, true).await?;
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating number, and seconds fit")]
    ::metrics::gauge!("tacho_backup_last_success_timestamp_seconds").set((now.0 / 1_000_000) as f64);
    for (_, old) in list(&folder.path)?.into_iter().rev().skip(folder.keep) {
        std::fs::remove_file(old)?;
    }
    Ok(Some(path))
}

/// The name of a backup made at that moment.
fn name(at: Instant) -> String {
    // To the second: `tacho-2026-11-21T02-00-00Z.backup`.
    let text = at.to_string();
    let seconds = text.trim_end_matches('Z').split('.').next().unwrap_or_default();
    format!("tacho-{}Z.backup", seconds.replace(':', "-"))
}

fn made_at(name: &str) -> Option<Instant> {
    let text = name.strip_prefix("tacho-")?.strip_suffix(".backup")?;
    let (day, time) = text.split_once('T')?;
    Instant::parse(&format!("{day}T{}", time.replace('-', ":")))
}

/// The backups in a folder, oldest first; other files are none of ours.
fn list(folder: &Path) -> std::io::Result<Vec<(Instant, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(at) = path.file_name().and_then(|name| name.to_str()).and_then(made_at) {
            found.push((at, path));
        }
    }
    found.sort();
    Ok(found)
}

/// The newest backup in a folder.
pub(crate) fn newest(folder: &Path) -> std::io::Result<Option<(Instant, PathBuf)>> {
    if !folder.exists() {
        return Ok(None);
    }
    Ok(list(folder)?.pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_is_made_a_day_and_the_oldest_go_while_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tacho.db").display());
        let store = Store::open(&url.into(), 1).await.unwrap();
        let kept = Folder { path: folder.path().join("backups"), keep: 2 };
        let begin = Instant::parse("2026-11-21T02:00:00Z").unwrap();
        let first = make_if_due(&store, begin, &kept).await.unwrap().unwrap();
        assert!(first.ends_with("tacho-2026-11-21T02-00-00Z.backup"), "{}", first.display());
        std::fs::write(kept.path.join("notes.txt"), "mine").unwrap();
        assert_eq!(make_if_due(&store, begin.plus_seconds(DAY_SECONDS - 1), &kept).await.unwrap(), None);
        for day in 1..4 {
            assert!(make_if_due(&store, begin.plus_seconds(day * DAY_SECONDS), &kept).await.unwrap().is_some());
        }
        let mut left: Vec<_> = std::fs::read_dir(&kept.path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["notes.txt", "tacho-2026-11-23T02-00-00Z.backup", "tacho-2026-11-24T02-00-00Z.backup"]);
        assert_eq!(newest(&kept.path).unwrap().unwrap().0, begin.plus_seconds(3 * DAY_SECONDS));
        store.close().await;
    }
}
