//! Which token is found, and which is never looked at.

use super::*;
use secrecy::ExposeSecret as _;
use std::path::Path;
use tempfile::TempDir;
use url::Url;

const NOW: Instant = Instant(1_795_300_000_000_000);

struct Home {
    folder: TempDir,
    places: Places,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap().to_owned();
        let places = Places::of(&|name| (name == "HOME").then(|| home.clone()));
        Self { folder, places }
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A program in the place of `gh`.
    #[cfg(unix)]
    fn gh(mut self, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        self.put("bin/gh", &format!("#!/bin/sh\n{script}\n"));
        let gh = self.folder.path().join("bin/gh");
        std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o700)).unwrap();
        self.places.gh = Some(gh);
        self
    }

    fn tokens(&self, variables: &'static [(&'static str, &'static str)]) -> Tokens {
        let of = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Tokens::new(self.places.clone(), Given::of(&of))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test looks at what would be sent")]
fn shown(token: Option<Token>) -> Option<(String, TokenOrigin)> {
    token.map(|token| (token.secret.expose_secret().to_owned(), token.origin))
}

async fn secret(tokens: &Tokens, source: Source, options: &Options) -> Option<String> {
    shown(tokens.find(source, options, NOW, &[]).await).map(|(secret, _)| secret)
}

fn tenant() -> Options {
    Options { copilot_host: CopilotHost::parse("octo.ghe.com").unwrap(), ..Options::default() }
}

fn elsewhere(source: Source, address: &str) -> Options {
    Options { addresses: [(source, Url::parse(address).unwrap())].into(), ..Options::default() }
}

const APPS: &str = r#"{
    "github.com:Iv1.one": {"user": "octocat", "oauth_token": "of_plugin", "githubAppId": "Iv1.one"},
    "octo.ghe.com:Iv1.one": {"oauth_token": "of_tenant"},
    "github.com.evil.example": {"oauth_token": "of_evil"},
    "broken": 3
}"#;

#[cfg(unix)]
#[tokio::test]
async fn copilots_token_is_looked_for_in_the_documented_order() {
    let home = Home::new().gh("[ \"$*\" = 'auth token --hostname github.com' ] && echo of_gh");
    home.put(".config/github-copilot/apps.json", APPS);
    home.put(".config/github-copilot/hosts.json", r#"{"github.com": {"oauth_token": "of_older_plugin"}}"#);
    StoredToken::in_folder(home.places.config.as_deref().unwrap()).write(&CopilotHost::default(), &"of_sign_in".into()).unwrap();
    let tokens = home.tokens(&[
        ("GITHUB_TOKEN", "of_github"),
        ("GH_TOKEN", " of_gh_variable\n"),
        ("COPILOT_GITHUB_TOKEN", "of_copilot"),
        ("TACHO_STATUS_GITHUB_TOKEN", "of_status"),
    ]);
    tokens.set_session(Some(Session { host: "github.com".into(), account: Some("octocat".into()), token: "of_editor".into() }));
    let (options, mut refused, mut found) = (Options::default(), Vec::new(), Vec::new());
    while let Some(token) = tokens.find(Source::Copilot, &options, NOW, &refused).await {
        refused.push(token.account(Source::Copilot));
        found.extend(shown(Some(token)).map(|(secret, _)| secret));
    }
    let order = [
        "of_editor",
        "of_sign_in",
        "of_status",
        "of_copilot",
        "of_gh_variable",
        "of_github",
        "of_plugin",
        "of_older_plugin",
        "of_gh",
    ];
    assert_eq!(found, order);
}

#[cfg(unix)]
#[tokio::test]
async fn a_tenants_token_and_githubs_never_meet() {
    let home = Home::new().gh("[ \"$4\" = octo.ghe.com ] && echo of_gh_tenant");
    home.put(".config/github-copilot/apps.json", APPS);
    StoredToken::in_folder(home.places.config.as_deref().unwrap()).write(&CopilotHost::default(), &"of_sign_in".into()).unwrap();
    let tokens = home.tokens(&[("GH_TOKEN", "of_gh_variable")]);
    tokens.set_session(Some(Session { host: "github.com".into(), account: None, token: "of_editor".into() }));
    assert_eq!(secret(&tokens, Source::Copilot, &tenant()).await.as_deref(), Some("of_tenant"));
    std::fs::remove_file(home.folder.path().join(".config/github-copilot/apps.json")).unwrap();
    assert_eq!(secret(&tokens, Source::Copilot, &tenant()).await.as_deref(), Some("of_gh_tenant"));
    tokens.set_session(Some(Session { host: "OCTO.ghe.com".into(), account: None, token: "of_tenants_editor".into() }));
    assert_eq!(secret(&tokens, Source::Copilot, &tenant()).await.as_deref(), Some("of_tenants_editor"));
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_found_goes_to_its_vendor_or_this_machine_and_what_was_given_anywhere() {
    let home = Home::new().gh("echo of_gh");
    let tokens = home.tokens(&[("GH_TOKEN", "of_gh_variable")]);
    tokens.set_session(Some(Session { host: "github.com".into(), account: None, token: "of_editor".into() }));
    let far = elsewhere(Source::Copilot, "https://copilot.example.com/user");
    assert_eq!(secret(&tokens, Source::Copilot, &far).await, None);
    let near = elsewhere(Source::Copilot, "http://127.0.0.1:9/user");
    assert_eq!(secret(&tokens, Source::Copilot, &near).await.as_deref(), Some("of_editor"));
    let meant = home.tokens(&[("TACHO_STATUS_GITHUB_TOKEN", "of_status")]);
    assert_eq!(secret(&meant, Source::Copilot, &far).await.as_deref(), Some("of_status"));
    home.put(".claude/.credentials.json", r#"{"claudeAiOauth": {"accessToken": "of_claude"}}"#);
    let far = elsewhere(Source::ClaudeUsage, "https://claude.example.com/usage");
    assert_eq!(secret(&tokens, Source::ClaudeUsage, &far).await, None);
    assert_eq!(secret(&tokens, Source::ClaudeUsage, &Options::default()).await.as_deref(), Some("of_claude"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_gh_that_fails_talks_or_hangs_gives_nothing() {
    for script in ["exit 1", "echo of_gh; exit 4", "echo please run gh auth login", ":"] {
        let home = Home::new().gh(script);
        assert_eq!(secret(&home.tokens(&[]), Source::Copilot, &Options::default()).await, None, "{script}");
    }
    let home = Home::new().gh("exec cat /dev/zero > /dev/null");
    let tokens = home.tokens(&[]);
    let options = Options::default();
    // As real time stands still, the limit is over as soon as nothing else is to be done.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(secret(&tokens, Source::Copilot, &options).await, None);
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn each_tools_own_sign_in_is_read_and_an_expired_one_says_what_helps() {
    let home = Home::new();
    let tokens = home.tokens(&[("TACHO_STATUS_CURSOR_TOKEN", "user_1%3A%3Ajwt"), ("TACHO_STATUS_OPENCODE_TOKEN", "oc")]);
    let options = Options::default();
    for source in [Source::ClaudeUsage, Source::CodexUsage, Source::Server, Source::CodexLogs] {
        assert!(tokens.find(source, &options, NOW, &[]).await.is_none(), "{source}");
    }
    home.put(".claude/.credentials.json", r#"{"claudeAiOauth": {"accessToken": "old", "expiresAt": 1795299999999}}"#);
    let token = tokens.find(Source::ClaudeUsage, &options, NOW, &[]).await.unwrap();
    assert!(token.unfit.unwrap().contains("start Claude Code"));
    home.put(".claude/.credentials.json", r#"{"claudeAiOauth": {"accessToken": "new", "expiresAt": 1795300000001}}"#);
    assert_eq!(tokens.find(Source::ClaudeUsage, &options, NOW, &[]).await.unwrap().unfit, None);
    home.put(".codex/auth.json", r#"{"tokens": {"access_token": "one", "account_id": "acct"}}"#);
    let first = tokens.find(Source::CodexUsage, &options, NOW, &[]).await.unwrap();
    home.put(".codex/auth.json", r#"{"tokens": {"access_token": "two", "account_id": "acct"}}"#);
    let second = tokens.find(Source::CodexUsage, &options, NOW, &[]).await.unwrap();
    assert_eq!(first.account(Source::CodexUsage), second.account(Source::CodexUsage), "renewed, and the same account");
    let cookie = secret(&tokens, Source::Cursor, &options).await;
    assert_eq!(cookie.as_deref(), Some("WorkosCursorSessionToken=user_1%3A%3Ajwt"));
    assert_eq!(secret(&tokens, Source::Opencode, &options).await.as_deref(), Some("oc"));
    let server = crate::ServerLogin { url: Url::parse("https://tacho.example.com").unwrap(), token: "tacho_t".into() };
    let options = Options { server: Some(server), ..options };
    assert_eq!(secret(&tokens, Source::Server, &options).await.as_deref(), Some("tacho_t"));
}

#[test]
fn the_stored_token_is_its_owners_and_its_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let file = StoredToken::in_folder(&folder.path().join("tacho"));
    let (github, tenant) = (CopilotHost::default(), tenant().copilot_host);
    assert!(file.read(&github).is_none() && !file.remove().unwrap());
    file.write(&github, &"gho_x".into()).unwrap();
    assert!(file.read(&github).is_some() && file.read(&tenant).is_none());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(file.remove().unwrap() && file.read(&github).is_none());
}

#[test]
fn garbage_in_other_programs_files_is_no_token() {
    let home = Home::new();
    let folder = home.folder.path();
    for garbage in ["", "{", "[]", "3", r#"{"claudeAiOauth": 3, "tokens": [], "github.com": {"oauth_token": 3}}"#, "\u{0}"] {
        for name in [".credentials.json", "auth.json", "apps.json", "hosts.json"] {
            std::fs::write(folder.join(name), garbage).unwrap();
        }
        assert!(claude::token(folder, NOW).is_none() && codex::token(folder).is_none(), "{garbage}");
        assert!(copilot::tokens(folder, &CopilotHost::default()).is_empty(), "{garbage}");
    }
    std::fs::write(folder.join("auth.json"), vec![b' '; 300 << 10]).unwrap();
    assert!(small_file(&folder.join("auth.json")).is_none() && small_file(Path::new("/nowhere")).is_none());
}

#[test]
fn no_token_can_be_printed() {
    let token = Token::new("gho_hush".into(), TokenOrigin::Editor(Some("octocat".into())));
    let home = Home::new();
    let tokens = home.tokens(&[("GH_TOKEN", "gho_hush")]);
    tokens.set_session(Some(Session { host: "github.com".into(), account: None, token: "gho_hush".into() }));
    let shown = format!("{token:?} {tokens:?} {}", token.origin);
    assert!(!shown.contains("hush") && shown.contains("the editor's session of octocat"), "{shown}");
}
