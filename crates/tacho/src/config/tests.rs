//! Precedence, and errors that name the place to look at.

use super::*;
use secrecy::ExposeSecret;

fn load(file: Option<&str>, flags: &[(&'static str, &str)], environment: &[(&str, &str)]) -> Outcome<Configuration> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tacho.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let flags = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Layers::new(file.map(|_| path), flags, Environment::of(environment))?.configuration()
}

#[test]
fn without_anything_the_defaults_hold() {
    let found = load(None, &[], &[]).unwrap();
    assert_eq!(found.data, PathBuf::from("./tacho-data"));
    assert_eq!(found.listen.to_string(), "127.0.0.1:8787");
    assert_eq!(found.schedule.as_deref(), Some("0 2 * * *"));
    assert_eq!((found.backfill_days, found.database_readers), (365, 4));
    assert!(found.database_url.is_none() && found.master_key.is_none() && found.allow_hosts.is_empty());
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let file = Some("listen = \"127.0.0.1:1\"\nbackfill_days = 30\nlog = \"warn\"");
    let environment = [("TACHO_LISTEN", "127.0.0.1:2"), ("TACHO_BACKFILL_DAYS", "60")];
    let found = load(file, &[("listen", "127.0.0.1:3")], &environment).unwrap();
    assert_eq!((found.listen.port(), found.backfill_days, found.log.as_str()), (3, 60, "warn"));
}

#[test]
fn a_wrong_value_is_named_with_the_place_it_came_from() {
    let from_environment = load(None, &[], &[("TACHO_BACKFILL_DAYS", "many")]).unwrap_err();
    assert_eq!(from_environment.to_string(), "TACHO_BACKFILL_DAYS: `many` is not a whole number from 1 to 1100");
    let from_flag = load(None, &[("listen", "8787")], &[]).unwrap_err();
    assert!(from_flag.to_string().starts_with("--listen: `8787` is not an address"), "{from_flag}");
    let from_file = load(Some("log_format = \"xml\""), &[], &[]).unwrap_err();
    assert!(from_file.to_string().starts_with("`log_format` in "), "{from_file}");
    assert!(load(Some("public_url = \"https://a.example/path\""), &[], &[]).is_err());
}

#[test]
fn an_unknown_key_is_refused_and_the_known_ones_are_listed() {
    let failure = load(Some("listne = \"127.0.0.1:1\""), &[], &[]).unwrap_err();
    assert!(failure.to_string().starts_with("unknown key `listne` in "), "{failure}");
    assert!(format!("{failure:?}").contains("database_url_file"), "{failure:?}");
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file_but_not_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "  c2VjcmV0\n").unwrap();
    let path = path.to_str().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a made-up secret is compared")]
    let shown = |found: Configuration| found.master_key.map(|key| key.expose_secret().to_owned());
    assert_eq!(shown(load(None, &[], &[("TACHO_MASTER_KEY_FILE", path)]).unwrap()).as_deref(), Some("c2VjcmV0"));
    let file = format!("master_key_file = \"{path}\"");
    assert_eq!(shown(load(Some(&file), &[], &[]).unwrap()).as_deref(), Some("c2VjcmV0"));
    assert_eq!(shown(load(Some(&file), &[], &[("TACHO_MASTER_KEY", "eA==")]).unwrap()).as_deref(), Some("eA=="));
    assert!(load(None, &[], &[("TACHO_MASTER_KEY", "eA=="), ("TACHO_MASTER_KEY_FILE", path)]).is_err());
    assert!(load(None, &[], &[("TACHO_DATABASE_URL_FILE", "/no/such/file")]).is_err());
}

#[test]
fn a_list_is_an_array_in_the_file_and_commas_elsewhere() {
    let from_file = load(Some("allow_hosts = [\"a.internal\", \"10.0.0.7:8443\"]"), &[], &[]).unwrap();
    let from_environment = load(None, &[], &[("TACHO_ALLOW_HOSTS", "a.internal, 10.0.0.7:8443,")]).unwrap();
    assert_eq!(from_file.allow_hosts, ["a.internal", "10.0.0.7:8443"]);
    assert_eq!(from_environment.allow_hosts, from_file.allow_hosts);
}

#[test]
fn proxies_are_addresses_or_networks() {
    let found = load(None, &[], &[("TACHO_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,fd00::/8")]).unwrap();
    let shown: Vec<String> = found.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"]);
    let wrong = load(None, &[], &[("TACHO_TRUSTED_PROXIES", "10.0.0.0/8, true")]).unwrap_err();
    assert!(wrong.to_string().starts_with("TACHO_TRUSTED_PROXIES: `true` is not an address or a network"), "{wrong}");
}

#[test]
fn certificate_and_key_come_together_and_from_the_files_folder() {
    assert!(load(None, &[], &[("TACHO_TLS_KEY", "key.pem")]).unwrap_err().to_string().contains("belong together"));
    let found = load(Some("tls_certificate = \"a.pem\"\ntls_key = \"/b.pem\""), &[], &[]).unwrap();
    let (certificate, key) = found.tls.unwrap();
    assert_eq!(certificate, found.file.unwrap().parent().unwrap().join("a.pem"));
    assert_eq!(key, PathBuf::from("/b.pem"));
    assert!(load(None, &[], &[]).unwrap().tls.is_none());
}

#[test]
fn no_provider_and_no_newcomer_without_configuration() {
    let found = load(None, &[], &[]).unwrap().sign_on;
    assert!(
        found.github.is_none() && found.oidc.is_none() && found.newcomers.domains.is_empty() && found.newcomers.roles.is_empty()
    );
    assert_eq!(found.newcomers.role, Some(tacho_domain::Role::Member));
}

#[test]
fn providers_need_their_parts_and_name_the_one_that_is_missing_or_wrong() {
    for (name, value, words) in [
        ("TACHO_GITHUB_CLIENT_SECRET", "x", "`github_client_id` is not"),
        ("TACHO_OIDC_ISSUER", "https://login.example.com", "`oidc_client_id` is not"),
        ("TACHO_OIDC_CLIENT_ID", "tacho", "`oidc_issuer` is not"),
        ("TACHO_OIDC_ROLES", "staff", "TACHO_OIDC_ROLES: `staff` is not `group=role`"),
        ("TACHO_SIGN_ON_ROLE", "owner", "TACHO_SIGN_ON_ROLE: `owner` is not one of admin"),
        ("TACHO_SIGN_ON_DOMAINS", "*.example.com", "there are no wildcards"),
    ] {
        let failure = load(None, &[], &[(name, value)]).unwrap_err();
        assert!(failure.to_string().contains(words), "{failure}");
    }
    let environment = [("TACHO_GITHUB_CLIENT_ID", "Ov23x"), ("TACHO_GITHUB_ORGANIZATIONS", "octo/demo")];
    assert!(load(None, &[], &environment).unwrap_err().to_string().contains("`octo/demo`"));
    let file = "oidc_issuer = \"https://login.example.com\"\noidc_client_id = \"tacho\"\noidc_roles = [\"cn=a, dc=b=admin\"]\nsign_on_role = \"none\"";
    let found = load(Some(file), &[], &[]).unwrap().sign_on;
    assert_eq!(found.oidc.unwrap().scopes, ["email", "profile"]);
    assert_eq!(found.newcomers.roles[0].group, "cn=a, dc=b", "an array keeps commas and equals signs of a group");
    assert_eq!(found.newcomers.role, None);
}

#[test]
fn the_data_folder_of_the_file_is_meant_from_the_files_folder() {
    let found = load(Some("data = \"var\""), &[], &[]).unwrap();
    assert_eq!(found.data, found.file.unwrap().parent().unwrap().join("var"));
    assert_eq!(load(Some("data = \"var\""), &[("data", "here")], &[]).unwrap().data, PathBuf::from("here"));
}

#[test]
fn the_configuration_page_lists_every_key_with_its_default_and_help() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md")).unwrap();
    let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `") && line.contains("TACHO_")).collect();
    let row = |key: &Key| {
        let file = if key.secret { format!(", `{}_FILE`", key.variable()) } else { String::new() };
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        format!("| `{}` | `{}`{file} | {default} | {} |", key.name, key.variable(), key.help)
    };
    let expected: Vec<String> = KEYS.iter().map(row).collect();
    assert_eq!(written, expected, "docs/configuration.md and config/keys.rs differ");
}

#[test]
fn the_configuration_page_lists_every_exit_code() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md")).unwrap();
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 130] {
        assert!(page.lines().any(|line| line.starts_with(&format!("| {code} |"))), "exit code {code} is not documented");
    }
}
