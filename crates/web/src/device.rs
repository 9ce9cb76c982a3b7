//! Tacho as the server of the device flow (RFC 8628): what codes look like, and the token a device is given.

use crate::access::{self, TokenWanted};
use crate::app::Site;
use crate::problem::Problem;
use http::{HeaderMap, header};
use rand::seq::IndexedRandom;
use secrecy::SecretString;
use tacho_domain::{Instant, OrganizationId, Scopes, UserId};

/// How long a device waits to be approved.
pub(crate) const WAIT_SECONDS: i64 = 900;
/// How long a device waits between two questions; the store holds it to that.
pub(crate) const INTERVAL_SECONDS: i64 = 5;
/// How long the token of a device lives.
pub(crate) const TOKEN_DAYS: i64 = 90;

/// No vowels, which would make words, and nothing that looks like something else (RFC 8628, 6.1): 20 letters, 8 of them, make
/// 2.5e10 codes.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// Tokens of one name that somebody may have side by side.
const MOST_OF_A_NAME: u32 = 50;

/// A fresh code, as it is stored.
pub(crate) fn fresh_code() -> String {
    let mut chance = rand::rng();
    (0..LENGTH).filter_map(|_| LETTERS.choose(&mut chance)).map(|letter| char::from(*letter)).collect()
}

/// What somebody typed as it is stored: capitals, without the dash and blanks.
pub(crate) fn normal_code(typed: &str) -> Option<String> {
    let code: String =
        typed.chars().filter(|letter| !matches!(letter, '-' | ' ')).map(|letter| letter.to_ascii_uppercase()).collect();
    (code.len() == LENGTH && code.bytes().all(|letter| LETTERS.contains(&letter))).then_some(code)
}

/// A code as people read it: `WDJB-MJHT`.
pub(crate) fn shown_code(code: &str) -> String {
    code.split_at_checked(LENGTH / 2).map_or_else(|| code.to_owned(), |(first, last)| format!("{first}-{last}"))
}

/// The address that the program reached us by, which is where its person opens the page. Nobody else is told it.
pub(crate) fn origin(site: &Site, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("{}://{host}", if site.secure_cookies() { "https" } else { "http" })
}

/// Makes the token of an approved device, named after it; a second one of the name gets a number.
pub(crate) async fn new_token(
    site: &Site,
    organization: OrganizationId,
    user: UserId,
    scopes: Scopes,
    name: &str,
    now: Instant,
) -> Result<Option<(SecretString, String)>, Problem> {
    let Some(membership) = site.store().find_membership(organization, user).await?.filter(|membership| !membership.locked) else {
        return Ok(None);
    };
    for number in 1..=MOST_OF_A_NAME {
        let name = if number == 1 { name.to_owned() } else { format!("{name} #{number}") };
        let wanted = TokenWanted {
            name: &name,
            user: Some(user),
            role: membership.role,
            scopes,
            expires_at: Some(now.plus_seconds(TOKEN_DAYS * 86_400)),
            made_by: Some(user),
        };
        match access::new_api_token(site.store(), organization, &wanted, now).await {
            Ok(token) => return Ok(Some((token, name))),
            Err(error) if error.is_invalid() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = fresh_code();
        assert_eq!(code.len(), 8);
        assert_eq!(normal_code(&shown_code(&code).to_lowercase()), Some(code));
        assert_eq!(normal_code(" wdjb mjht ").as_deref(), Some("WDJBMJHT"));
        for wrong in ["", "WDJB", "WDJB-MJHTX", "AEIO-UUUU", "1234-5678", "WDJB-MJH\u{e9}"] {
            assert_eq!(normal_code(wrong), None, "{wrong}");
        }
    }
}
