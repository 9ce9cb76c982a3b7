//! Secrets on their way in: from a prompt, standard input, a variable or a file; never from an argument, because every
//! user of the machine can read those.

use crate::config::Environment;
use crate::failure::{Failure, Outcome};
use secrecy::SecretString;
use std::ffi::OsString;
use std::io::{IsTerminal, Read};
use tacho_connectors::CredentialField;

/// How the secrets of the vendors we know begin.
const PREFIXES: &[&str] = &["sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "key_", "crsr_", "tacho_"];

/// No prefix is followed by less in a real secret; folder and file names seldom reach it.
const SHORTEST: usize = 20;

/// Flags that other programs take a secret by.
const TELLING_FLAGS: &[&str] = &[
    "--api-key",
    "--apikey",
    "--key",
    "--token",
    "--access-token",
    "--secret",
    "--password",
    "--credential",
    "--master-key",
    "--database-url",
];

/// Settings that would be secrets.
const TELLING_SETTINGS: &[&str] = &["api_key", "apikey", "key", "token", "access_token", "secret", "password", "credential"];

/// Refuses a command line that holds a secret, without repeating it.
pub(crate) fn refuse_in_arguments(arguments: &[OsString]) -> Outcome {
    let telling = arguments.iter().skip(1).filter_map(|argument| argument.to_str()).find_map(what_it_tells);
    telling.map_or(Ok(()), |what| Err(refusal(&what)))
}

/// The refusal, for an argument of that description.
pub(crate) fn refusal(what: &str) -> Failure {
    Failure::usage(format!("{what}: a secret is never taken from the command line"))
        .hint("leave it out: `tacho connect` asks for it, or reads it from standard input, a variable or a file (`tacho help connect`)")
        .hint("if it was a real one, it now stands in the shell's history and was visible to every user of this machine: consider revoking it")
}

fn what_it_tells(argument: &str) -> Option<String> {
    let setting = argument.strip_prefix("--setting=").unwrap_or(argument);
    let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
    if TELLING_FLAGS.contains(&name) {
        return Some(format!("`{name}`"));
    }
    if TELLING_SETTINGS.contains(&name.to_lowercase().as_str()) && !value.is_empty() {
        return Some(format!("the setting `{name}`"));
    }
    let looks = |text: &str| text.split(['=', '@', '/']).any(looks_like_a_secret) || has_password(text);
    looks(argument).then(|| "an argument that looks like a secret".to_owned())
}

/// Whether a text has the form of a credential.
fn looks_like_a_secret(text: &str) -> bool {
    PREFIXES
        .iter()
        .any(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.len() >= SHORTEST && !rest.contains([' ', '.'])))
}

/// Whether a text is an address with a password in it.
fn has_password(text: &str) -> bool {
    let address = text.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    address.and_then(|authority| authority.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
}

/// The credential for a connector: its variable, else standard input, else the prompt.
pub(crate) fn credential(field: &CredentialField, environment: &Environment) -> Outcome<SecretString> {
    if let Some(secret) = environment.secret(field.environment)? {
        return Ok(secret);
    }
    let text = if std::io::stdin().is_terminal() { ask(field)? } else { read_input(field)? };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Failure::usage(format!("no {} was given", field.label))
            .hint(format!("paste it at the prompt, pipe it in, or set {0} or {0}_FILE", field.environment)));
    }
    Ok(trimmed.to_owned().into())
}

fn ask(field: &CredentialField) -> Outcome<String> {
    rpassword::prompt_password(format!("{} ({}), not shown: ", field.label, field.looks_like))
        .map_err(|error| Failure::failed(format!("cannot ask for the {}: {error}", field.label)))
}

fn read_input(field: &CredentialField) -> Outcome<String> {
    let mut text = String::new();
    // No vendor's key is anywhere near as long; a file piped in by mistake is not read to its end.
    let read = std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text);
    read.map_err(|error| Failure::failed(format!("cannot read the {} from standard input: {error}", field.label)))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str]) -> Outcome {
        let arguments: Vec<OsString> = std::iter::once("tacho").chain(arguments.iter().copied()).map(OsString::from).collect();
        refuse_in_arguments(&arguments)
    }

    #[test]
    fn secrets_are_refused_wherever_they_stand_and_not_repeated() {
        let body = "x9Qw7Lr2Vt5Yb8Nc1Zk4";
        for prefix in PREFIXES {
            for form in [format!("{prefix}{body}"), format!("--name={prefix}{body}"), format!("a={prefix}{body}")] {
                let failure = check(&["connect", "cursor", &form]).unwrap_err();
                assert!(!format!("{failure:?}").contains(body), "{failure:?}");
            }
        }
        for form in
            ["--api-key", "--token=abc", "--setting=password=abc", "Secret=abc", "postgres://me:word@host/db", "https://x:y@h"]
        {
            assert!(check(&["serve", form]).is_err(), "{form}");
        }
    }

    #[test]
    fn ordinary_arguments_pass() {
        for form in [
            "organization=octo-org",
            "--setting",
            "base_url=https://ghe.internal/api",
            "./key_files/one.json",
            "key_short",
            "--data=/srv/tacho",
        ] {
            assert_eq!(check(&["connect", form]), Ok(()), "{form}");
        }
    }
}
