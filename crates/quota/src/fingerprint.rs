//! A name for an account that tells nothing of its token.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;

use crate::Source;

/// The first 16 hexadecimal digits of SHA-256 of a fixed word, the source and the token: enough to tell accounts apart,
/// nothing that the token could be found from.
#[must_use]
pub fn fingerprint(source: Source, token: &SecretString) -> String {
    #[expect(clippy::disallowed_methods, reason = "only a part of its hash leaves")]
    let token = token.expose_secret();
    digest(source, token.trim().as_bytes())
}

/// The same for a source on this machine, whose account is the folder it is read from.
#[must_use]
pub fn fingerprint_of_folder(source: Source, folder: &Path) -> String {
    digest(source, folder.as_os_str().as_encoded_bytes())
}

fn digest(source: Source, rest: &[u8]) -> String {
    let hash = Sha256::new().chain_update("tacho status").chain_update(source.as_str()).chain_update(rest).finalize();
    hash.iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_sources_are_told_apart_and_a_line_end_is_none_of_a_token() {
        let of = |source, token: &str| fingerprint(source, &SecretString::from(token));
        assert_eq!(of(Source::Copilot, "gho_one"), of(Source::Copilot, "gho_one\n"));
        assert_ne!(of(Source::Copilot, "gho_one"), of(Source::Copilot, "gho_two"));
        assert_ne!(of(Source::Copilot, "gho_one"), of(Source::Server, "gho_one"));
        let one = of(Source::Copilot, "gho_one");
        assert!(one.len() == 16 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    }

    #[test]
    fn it_is_the_hash_that_is_documented() {
        // printf 'tacho statuscopilotx' | sha256sum
        assert_eq!(fingerprint(Source::Copilot, &SecretString::from("x")), "e938eb6b11226e82");
    }
}
