//! Whether a delivery is from whoever holds the secret
//! (<https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>, read 2026-11-22).

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Whether the header is the HMAC-SHA256 of the body under the secret: `sha256=` and 64 hexadecimal digits. Compared in
/// constant time, over the bytes as they came.
pub(super) fn is_genuine(secret: &SecretString, body: &[u8], header: &str) -> bool {
    let Some(given) = header.strip_prefix("sha256=").and_then(|digits| hex::decode(digits).ok()) else { return false };
    #[expect(clippy::disallowed_methods, reason = "the secret is the key that deliveries are checked with")]
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&given).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of
    /// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation>
    /// (read 2026-11-22).
    #[test]
    fn the_vendors_own_example_is_genuine() {
        let secret = SecretString::from("It's a Secret to Everybody");
        let header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_genuine(&secret, b"Hello, World!", header));
        assert!(!is_genuine(&secret, b"Hello, World?", header));
        assert!(!is_genuine(&SecretString::from("another"), b"Hello, World!", header));
    }

    #[test]
    fn what_has_another_form_is_not() {
        let secret = SecretString::from("It's a Secret to Everybody");
        for header in [
            "",
            "sha256=",
            "sha256=757107ea",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            "sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1700",
            "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ] {
            assert!(!is_genuine(&secret, b"Hello, World!", header), "{header}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_the_right_signature_passes(body in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..32, bit in 0u8..8) {
            let secret = SecretString::from("a secret");
            let mut mac = Hmac::<Sha256>::new_from_slice(b"a secret").unwrap();
            mac.update(&body);
            let mut tag = mac.finalize().into_bytes().to_vec();
            let header = format!("sha256={}", hex::encode(&tag));
            prop_assert!(is_genuine(&secret, &body, &header));
            tag[at] ^= 1 << bit;
            let header = format!("sha256={}", hex::encode(&tag));
            prop_assert!(!is_genuine(&secret, &body, &header));
        }
    }
}
