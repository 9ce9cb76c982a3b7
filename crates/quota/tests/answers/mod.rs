//! The fixtures, and how an answer is written down for a person to check.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tacho_domain::Instant;
use tacho_quota::{ApiError, Limit, Source, UsageData};

/// When everything here is read: 2026-11-21, noon UTC.
pub(crate) const NOON: Instant = Instant(1_795_262_400_000_000);

/// One answer on the disk.
pub(crate) struct Fixture {
    pub(crate) source: Source,
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
}

/// All of `fixtures/<source>/`, in order.
pub(crate) fn fixtures_of(source: Source) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(source.as_str());
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let fixture = |path: PathBuf| Fixture {
        source,
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        body: fs::read(&path).unwrap(),
    };
    paths.into_iter().map(fixture).collect()
}

/// Every fixture of every source.
pub(crate) fn fixtures() -> Vec<Fixture> {
    Source::ALL.into_iter().flat_map(fixtures_of).collect()
}

/// An answer as a few lines.
pub(crate) fn written(result: &Result<UsageData, ApiError>) -> String {
    let usage = match result {
        Ok(usage) => usage,
        Err(error) => return format!("  refused: {error}\n"),
    };
    let mut text = String::new();
    let who = [("account", &usage.account), ("plan", &usage.plan)];
    for (name, value) in who.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        writeln!(text, "  {name}: {value}").unwrap();
    }
    for meter in &usage.meters {
        let limit = match meter.limit() {
            Limit::Of(limit) => format!("of {limit}"),
            Limit::Unlimited => "of unlimited".to_owned(),
            Limit::Unknown => "of unknown".to_owned(),
        };
        let percent = meter.percent().map(|percent| format!(" = {percent} %")).unwrap_or_default();
        write!(text, "  {} ({}): {} {limit} {:?}{percent}", meter.id, meter.label, meter.used(), meter.unit).unwrap();
        if let Some(goes_on) = meter.overage_permitted {
            write!(text, ", {}", if goes_on { "goes on beyond" } else { "stops there" }).unwrap();
        }
        if let Some(minutes) = meter.window_minutes {
            write!(text, ", {minutes} minutes").unwrap();
        }
        if let Some(at) = meter.resets_at {
            write!(text, ", until {}", moment(at)).unwrap();
        }
        text.push('\n');
    }
    for remark in &usage.remarks {
        writeln!(text, "  note: {remark}").unwrap();
    }
    if usage.as_of != NOON {
        writeln!(text, "  as of {}", moment(usage.as_of)).unwrap();
    }
    text
}

fn moment(at: Instant) -> String {
    jiff::Timestamp::from_microsecond(at.0).unwrap().to_string()
}
