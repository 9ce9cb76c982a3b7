//! Every reader of the `quota` room, fed with whatever the fuzzer finds: the first byte chooses the source, the rest is the
//! answer. The laws are those of `crates/quota/tests/garbage.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tacho_domain::Instant;
use tacho_quota::{Limit, Source, UsageData, read, status_line};

/// When everything is read: 2026-11-21, noon UTC.
const NOON: Instant = Instant(1_795_262_400_000_000);

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let source = Source::ALL[usize::from(*first) % Source::ALL.len()];
    let _ = status_line(body);
    match read(source, body, NOON) {
        Ok(usage) => is_possible(&usage),
        Err(error) => assert!(error.message.split_whitespace().count() >= 5 && error.message.ends_with('.')),
    }
});

fn is_possible(usage: &UsageData) {
    for (index, meter) in usage.meters.iter().enumerate() {
        assert!(meter.used().0 >= 0 && !matches!(meter.limit(), Limit::Of(limit) if limit.0 <= 0));
        assert!(usage.meters[..index].iter().all(|other| other.id != meter.id), "two meters of one name");
    }
    assert!(!usage.meters.is_empty() || !usage.remarks.is_empty(), "nothing to show and no word why");
    assert!(usage.as_of <= NOON);
    let text = serde_json::to_string(usage).expect("plain data");
    assert_eq!(serde_json::from_str::<UsageData>(&text).expect("what was written reads"), *usage);
    assert!(text.len() < 8 << 10, "it does not fit the state file");
}
