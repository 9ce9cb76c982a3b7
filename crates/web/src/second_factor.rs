//! The second factor: codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds, which all apps know), and
//! recovery codes for the day the phone is lost. A code works once; the store sees to that.

use crate::access;
use crate::problem::Problem;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;
use tacho_domain::Instant;
use totp_rs::{Builder, Secret, Totp};

/// How many recovery codes are given.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Letters of recovery codes: none that are taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters of a code: 50 bits, which nobody guesses at ten tries a minute.
const CODE_LENGTH: usize = 10;

/// A second factor that is being set up or asked for.
pub(crate) struct SecondFactor(Totp);

/// What an authenticator app is shown.
pub(crate) struct Enrolment {
    /// The picture, an `svg` element.
    pub(crate) picture: String,
    /// The secret for typing, in groups of four.
    pub(crate) text: String,
}

impl SecondFactor {
    /// A new secret, 160 random bits as base32.
    pub(crate) fn new_secret() -> SecretString {
        SecretString::from(Secret::from(rand::random::<[u8; 20]>()).to_base32())
    }

    /// The factor of that secret and account.
    pub(crate) fn of(secret: &SecretString, account: &str) -> Result<Self, Problem> {
        #[expect(clippy::disallowed_methods, reason = "the secret is decoded to make and compare codes")]
        let secret = Secret::try_from_base32(secret.expose_secret()).map_err(|error| Problem::internal(&error))?;
        // The label of an app ends at a colon.
        let account: String = account.chars().filter(|letter| *letter != ':').collect();
        let built = Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some("Tacho")).build();
        built.map(Self).map_err(|error| Problem::internal(&error))
    }

    /// The time step whose code this is, the one before and after counted in for clocks that differ.
    pub(crate) fn step_of(&self, code: &str, now: Instant) -> Option<i64> {
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now.0 / 1_000_000).ok()?;
        self.0.check(&code, seconds).and_then(|step| i64::try_from(step).ok())
    }

    /// What an authenticator app is shown.
    pub(crate) fn enrolment(&self) -> Result<Enrolment, Problem> {
        let url = self.0.to_url().map_err(|error| Problem::internal(&error))?;
        let code = QrCode::with_error_correction_level(url, EcLevel::M).map_err(|error| Problem::internal(&error))?;
        let picture = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
        let element = picture.find("<svg").map_or("", |start| &picture[start..]);
        let picture =
            element.replacen("<svg", "<svg class=\"qr\" role=\"img\" aria-label=\"QR code for an authenticator app\"", 1);
        let secret = self.0.secret().to_base32();
        let groups: Vec<&str> =
            (0..secret.len()).step_by(4).filter_map(|at| secret.get(at..(at + 4).min(secret.len()))).collect();
        Ok(Enrolment { picture, text: groups.join(" ") })
    }
}

/// Fresh recovery codes, as people write them down.
pub(crate) fn new_recovery_codes() -> Vec<String> {
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    let code = |_| {
        rand::random::<[u8; CODE_LENGTH]>().into_iter().enumerate().fold(String::new(), |mut code, (place, byte)| {
            // Writing to a text cannot fail.
            let _ = write!(code, "{}{}", if place == CODE_LENGTH / 2 { "-" } else { "" }, letter(byte));
            code
        })
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// The stored hash of a recovery code, however it was typed; nothing for what cannot be one.
pub(crate) fn recovery_hash(code: &str) -> Option<Vec<u8>> {
    let plain: String =
        code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect::<String>().to_lowercase();
    let is_one = plain.len() == CODE_LENGTH && plain.bytes().all(|byte| LETTERS.contains(&byte));
    is_one.then(|| access::hash(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn factor() -> SecondFactor {
        // The secret of RFC 6238's examples.
        SecondFactor::of(&SecretString::from("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned()), "ada@example.com").unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard_and_hold_for_their_neighbours() {
        // RFC 6238, appendix B, at 59 s: 94287082, of which six digits are shown.
        let at = |seconds: i64| Instant(0).plus_seconds(seconds);
        assert_eq!(factor().step_of("287082", at(59)), Some(1));
        assert_eq!(factor().step_of(" 287 082 ", at(89)), Some(1), "a clock that is half a minute ahead");
        assert_eq!(factor().step_of("287082", at(120)), None);
        for wrong in ["", "287083", "28708", "2870822", "28708x", "２８７０８２"] {
            assert_eq!(factor().step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_shown_a_picture_without_style_and_the_secret_in_groups() {
        let shown = factor().enrolment().unwrap();
        assert!(shown.picture.starts_with("<svg class=\"qr\"") && shown.picture.ends_with("</svg>"));
        assert!(!shown.picture.contains("style") && !shown.picture.contains("<?xml"));
        assert_eq!(shown.text, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn recovery_codes_are_different_and_forgive_how_they_are_typed() {
        let codes = new_recovery_codes();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), RECOVERY_CODES);
        let code = &codes[0];
        assert_eq!(code.len(), 11);
        assert_eq!(recovery_hash(code), recovery_hash(&format!(" {} ", code.replace('-', " ").to_uppercase())));
        assert_ne!(recovery_hash(code), recovery_hash(&codes[1]));
        assert_eq!(recovery_hash("287082"), None);
        assert_eq!(recovery_hash("abcde-abcd1"), None, "1 is no letter of ours");
    }
}
