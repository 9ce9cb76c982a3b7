//! Passwords: which ones are taken (NIST SP 800-63B: length, and nothing that is guessed first; no rules of composition), and
//! their hashes (Argon2id with OWASP's parameters). Hashing takes 19 MiB and tens of milliseconds, so it runs beside the
//! asynchronous threads and only a few at a time: a flood of sign-ins waits and is turned away, it does not eat the memory.

use crate::problem::Problem;
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordVerifier, Version};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The shortest password, in characters.
pub(crate) const SHORTEST: usize = 12;
/// The longest password, in characters.
pub(crate) const LONGEST: usize = 128;

/// OWASP's first recommendation where memory is shared with other work: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at a time: 76 MiB at most.
const AT_A_TIME: usize = 4;
/// The longest wait for one's turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Words a person's circumstances give away have to leave this many characters of the password over.
const LEFT_OVER: usize = 8;
/// Fewer different characters than this are a pattern.
const DIFFERENT: usize = 5;

/// Long passwords that lists of leaked ones begin with; what is shorter is refused for its length.
const COMMON: &[&str] = &[
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789101112",
    "1234567891011",
    "0123456789012",
    "123123123123",
    "121212121212",
    "112233445566",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "qwertyuiopas",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdfghjkl",
    "qwerty123456",
    "qwerty1234567",
    "qwertyuiop[]",
    "asdfghjkl123",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmnop",
    "abcdefghijklmnopqrstuvwxyz",
    "abcd12345678",
    "abc123456789",
    "a1b2c3d4e5f6",
    "iloveyou1234",
    "iloveyouforever",
    "iloveyou12345",
    "letmein12345",
    "letmeinplease",
    "welcome12345",
    "welcome123456",
    "changeme1234",
    "changemeplease",
    "administrator",
    "administrator1",
    "adminadmin12",
    "adminadminadmin",
    "admin1234567",
    "admin12345678",
    "trustno1trustno1",
    "football1234",
    "baseball1234",
    "princess1234",
    "superman1234",
    "sunshine1234",
    "dragon123456",
    "monkey123456",
    "shadow123456",
    "master123456",
    "michael12345",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "thisismypassword",
    "mypassword123",
    "mypassword1234",
    "unknownpassword",
    "computer1234",
];
/// Words that say what this is.
const OF_THE_PLACE: [&str; 5] = ["tacho", "password", "passwort", "passw0rd", "p@ssw0rd"];

/// Whether a password may be taken by somebody with this address, name and organization.
///
/// # Errors
/// What is wrong with it, in words that do not repeat it.
pub fn check_password(password: &SecretString, about: &[&str]) -> Result<(), String> {
    #[expect(clippy::disallowed_methods, reason = "the password is measured here and kept nowhere")]
    let password = password.expose_secret();
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(format!("Use at least {SHORTEST} characters; a few words are easy to remember."));
    }
    if length > LONGEST {
        return Err(format!("Use at most {LONGEST} characters."));
    }
    let lower = password.to_lowercase();
    if COMMON.contains(&lower.as_str()) || lower.chars().collect::<BTreeSet<_>>().len() < DIFFERENT {
        return Err("This password is among the first that are guessed. Choose another.".to_owned());
    }
    let words = about.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric())).map(str::to_lowercase);
    let mut words: Vec<String> = words.filter(|word| word.chars().count() >= 3).collect();
    words.extend(OF_THE_PLACE.map(str::to_owned));
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(lower.clone(), |rest, word| rest.replace(word.as_str(), ""));
    if rest != lower && rest.chars().filter(|letter| letter.is_alphanumeric()).count() < LEFT_OVER {
        let names = "your name, your e-mail address, the organization or the word “password”";
        return Err(format!("This is little more than {names}. Choose another."));
    }
    Ok(())
}

/// What a password's hash is to be stored as; takes tens of milliseconds and 19 MiB.
///
/// # Errors
/// When the system gives no randomness.
pub fn hash_password(password: &SecretString) -> Result<String, PasswordError> {
    #[expect(clippy::disallowed_methods, reason = "the password is hashed here")]
    let hash: PasswordHash = hasher().hash_password(password.expose_secret().as_bytes()).map_err(|_| PasswordError)?;
    Ok(hash.to_string())
}

/// A password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct PasswordError;

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What a look at a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    /// Right, but hashed with parameters of another time: hash it again.
    RightButOld,
    Wrong,
}

/// A hash that nothing was hashed to by anybody: verified where there is no other, so that it takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_password(&SecretString::from(crate::access::fresh())).ok());

fn verify(password: &SecretString, stored: Option<&str>) -> Verdict {
    let Some(hash) = stored.or(NOBODY.as_deref()).and_then(|text| PasswordHash::new(text).ok()) else { return Verdict::Wrong };
    #[expect(clippy::disallowed_methods, reason = "the password is compared here")]
    let same = hasher().verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
    if !same || stored.is_none() {
        return Verdict::Wrong;
    }
    let of_today = hash.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && Params::try_from(&hash)
            .is_ok_and(|params| (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES));
    if of_today { Verdict::Right } else { Verdict::RightButOld }
}

/// Hashes and verifies, a few at a time.
pub(crate) struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Passwords {
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        self.beside(move || hash_password(&password)).await?.map_err(|error| Problem::internal(&error))
    }

    /// Compares with what is stored; takes as long where nothing is.
    pub(crate) async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<Verdict, Problem> {
        // Nobody's hash of a text of any length costs the same; a body of a megabyte need not be hashed.
        #[expect(clippy::disallowed_methods, reason = "the password is measured")]
        let password = if password.expose_secret().chars().count() > LONGEST { SecretString::default() } else { password };
        self.beside(move || verify(&password, stored.as_deref())).await
    }

    async fn beside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let detail = "Too many people are signing in at this moment. Try again in a few seconds.";
            return Err(Problem {
                retry_after_seconds: Some(5),
                ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
            });
        };
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|error| Problem::internal(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn long_ones_are_taken_and_guessable_ones_are_not() {
        let about = ["ada.okafor@northwind.example", "Ada Okafor", "Northwind Traders"];
        for good in ["violet tram under rain", "Zq4-unten!ab12", "ada likes 7 green lamps", "ααββγγδδεεζζ", &"xy3 k".repeat(25)]
        {
            assert_eq!(check_password(&secret(good), &about), Ok(()), "{good}");
        }
        for (wrong, words) in [
            ("short-one-1", "at least 12"),
            (&"long one ".repeat(15), "at most 128"),
            ("QwertyUiop123", "first that are guessed"),
            ("aaaaaaaabbbb", "first that are guessed"),
            ("ada.okafor@northwind.example", "little more than"),
            ("Northwind-Traders-24", "little more than"),
            ("Password12345", "little more than"),
        ] {
            let why = check_password(&secret(wrong), &about).unwrap_err();
            assert!(why.contains(words) && !why.contains(wrong), "{wrong}: {why}");
        }
    }

    #[test]
    fn a_hash_is_right_for_its_password_only_and_tells_when_it_is_old() {
        let hash = hash_password(&secret("violet tram under rain")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hash_password(&secret("violet tram under rain")).unwrap(), "each has its own salt");
        assert_eq!(verify(&secret("violet tram under rain"), Some(&hash)), Verdict::Right);
        assert_eq!(verify(&secret("violet tram under rain "), Some(&hash)), Verdict::Wrong);
        assert_eq!(verify(&secret("violet tram under rain"), None), Verdict::Wrong);
        assert_eq!(verify(&secret("violet tram under rain"), Some("not a hash")), Verdict::Wrong);
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let old: PasswordHash = weak.hash_password(b"violet tram under rain").unwrap();
        assert_eq!(verify(&secret("violet tram under rain"), Some(&old.to_string())), Verdict::RightButOld);
    }
}
