//! What a state file survives.

use super::*;
use crate::{Limit, Meter, Milli, Unit, UsageData};
use proptest::prelude::*;

const NOW: Instant = Instant(1_795_300_000_000_000);

fn usage(used: i64, as_of: Instant) -> UsageData {
    let meter = Meter::new("m", "requests", Unit::Requests, Milli::whole(used), Limit::Of(Milli::whole(100))).unwrap();
    UsageData { account: Some("octocat".to_owned()), plan: None, meters: vec![meter], remarks: Vec::new(), as_of }
}

fn state(accounts: usize, age_seconds: i64) -> State {
    let mut state = State::default();
    for n in 0..accounts {
        let at = NOW.plus_seconds(-age_seconds - i64::try_from(n).unwrap());
        state.entry(Source::Copilot, &format!("account{n}")).learn(usage(50, at), at);
    }
    state.turn_to(Source::Copilot, Some("account0"));
    state
}

#[test]
fn what_is_written_is_read_and_only_its_owner_may() {
    let folder = tempfile::tempdir().unwrap();
    let file = StateFile::in_folder(&folder.path().join("deep/inside"));
    assert_eq!(file.read().unwrap(), State::default());
    file.write(&state(2, 0), NOW).unwrap();
    assert_eq!(file.read().unwrap(), state(2, 0));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.starts_with("{\"version\":1,"), "{text}");
}

#[cfg(unix)]
#[test]
fn what_has_not_changed_is_not_written() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = StateFile::in_folder(folder.path());
    let number = || std::fs::metadata(file.path()).unwrap().ino();
    file.write(&state(1, 0), NOW).unwrap();
    let first = number();
    file.write(&state(1, 0), NOW).unwrap();
    assert_eq!(number(), first);
    file.write(&state(2, 0), NOW).unwrap();
    assert_ne!(number(), first, "a new file was put in its place");
}

#[test]
fn what_cannot_be_used_is_told_and_counts_as_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = StateFile::in_folder(folder.path());
    file.write(&state(1, 0), NOW).unwrap();
    let whole = std::fs::read(file.path()).unwrap();
    let told = |bytes: &[u8]| {
        std::fs::write(file.path(), bytes).unwrap();
        file.read().unwrap_err()
    };
    for length in 0..whole.len() {
        assert!(matches!(told(&whole[..length]), Unreadable::Foreign { .. }), "cut after {length} bytes");
    }
    assert!(matches!(told(b"{\"version\":2,\"wholly\":\"other\"}"), Unreadable::Version { version: 2, .. }));
    assert!(matches!(told(&vec![b' '; STATE_BYTES + 1]), Unreadable::TooLarge { .. }));
    let negative = String::from_utf8(whole).unwrap().replace("50000", "-1");
    let error = told(negative.as_bytes());
    assert!(matches!(error, Unreadable::Foreign { .. }) && error.to_string().contains("status.json"), "{error}");
    let after = file.update(NOW, |state| state.turn_to(Source::Server, Some("x"))).unwrap();
    assert_eq!((after.entries.len(), file.read().unwrap()), (0, after));
}

#[test]
fn old_accounts_go_and_the_present_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = StateFile::in_folder(folder.path());
    file.write(&state(3, 41 * 86_400), NOW).unwrap();
    let kept = file.read().unwrap();
    assert_eq!(kept.entries.len(), 1);
    assert!(kept.present(Source::Copilot).is_some());
    let after = file.update(NOW, |kept| *kept = state(2_000, 0)).unwrap();
    assert_eq!(after, file.read().unwrap());
    let bytes = std::fs::metadata(file.path()).unwrap().len();
    assert!((60 << 10..=64 << 10).contains(&bytes) && after.present(Source::Copilot).is_some(), "{bytes}");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error_and_no_panic() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let state_file = StateFile::in_folder(file.path());
    assert!(state_file.write(&State::default(), NOW).is_err());
    assert!(state_file.update(NOW, |_| ()).is_err());
}

#[test]
fn two_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let file = StateFile::in_folder(folder.path());
            scope.spawn(move || {
                for n in 0..5 {
                    let learn =
                        |state: &mut State| state.entry(Source::Copilot, &format!("{thread}.{n}")).learn(usage(1, NOW), NOW);
                    file.update(NOW, learn).unwrap();
                }
            });
        }
    });
    assert_eq!(StateFile::in_folder(folder.path()).read().unwrap().entries.len(), 20);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::in_folder(folder.path());
        std::fs::write(file.path(), bytes).unwrap();
        prop_assert!(file.read().is_err());
    }
}
