//! The real binary: exit code, standard output and standard error, word for word.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a folder of its own, with no environment but what a test gives.
struct Shell {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
    input: &'static str,
}

impl Shell {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new(), input: "" }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn input(mut self, text: &'static str) -> Self {
        self.input = text;
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tacho"));
        command.args(arguments).current_dir(self.path()).env_clear().envs(self.variables.iter().cloned());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// All there is to see of a run, without what differs from run to run.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let folder = self.path().display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder, "[folder]");
        format!(
            "$ tacho {}\nexit: {}\n-- stdout\n{}-- stderr\n{}",
            arguments.join(" "),
            output.status.code().map_or_else(|| "killed".to_owned(), |code| code.to_string()),
            text(&output.stdout),
            text(&output.stderr)
        )
    }
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    insta::assert_snapshot!(Shell::new().run(&["--help"]));
}

#[test]
fn help_of_each_command_is_kept() {
    for command in [
        "demo",
        "serve",
        "connect",
        "sync",
        "import",
        "export",
        "doctor",
        "backup",
        "restore",
        "keys",
        "sign-in",
        "users",
        "token",
        "organizations",
    ] {
        insta::assert_snapshot!(format!("help_{command}"), Shell::new().run(&["help", command]));
    }
}

#[test]
fn without_a_command_there_is_help_and_exit_code_2() {
    let output = Shell::new().output(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: tacho"));
}

#[test]
fn wrong_arguments_are_named() {
    insta::assert_snapshot!(Shell::new().run(&["synch"]));
    insta::assert_snapshot!(Shell::new().run(&["sync", "--from", "2026-02-30"]));
    insta::assert_snapshot!(Shell::new().run(&["sync", "--from", "2026-03-02", "--to", "2026-03-01"]));
    insta::assert_snapshot!(Shell::new().run(&["demo", "--members", "0"]));
}

#[test]
fn a_secret_as_an_argument_is_refused_and_not_repeated() {
    let key = "key_5f0c9d1e7b3a48620c9d1e7b3a4862ff";
    for arguments in [
        vec!["connect", "cursor", key],
        vec!["connect", "cursor", "--api-key", key],
        vec!["connect", "cursor", "--setting", "api_key=abc"],
        vec!["serve", "--listen", "postgres://tacho:word@db/tacho"],
        vec!["connect", "cursor", "short"],
    ] {
        let output = Shell::new().output(&arguments);
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(
            shown.contains("never taken from the command line") && !shown.contains(key) && !shown.contains("word"),
            "{shown}"
        );
    }
    insta::assert_snapshot!(Shell::new().run(&["connect", "cursor", "--token=abc"]));
}

#[test]
fn connecting_explains_what_is_missing() {
    insta::assert_snapshot!(Shell::new().run(&["connect", "copilot"]));
    insta::assert_snapshot!(Shell::new().run(&["connect", "claude_code"]));
    insta::assert_snapshot!(Shell::new().run(&["connect", "github_copilot"]));
    insta::assert_snapshot!(Shell::new().run(&["connect", "cursor", "--setting", "organisation=octo"]));
    insta::assert_snapshot!(Shell::new().run(&["connect", "cursor"]));
    insta::assert_snapshot!(Shell::new().input("sk-not-a-cursor-key\n").run(&["connect", "cursor"]));
}

#[test]
fn an_unreachable_vendor_is_told_from_a_refusal() {
    // Nobody listens on port 9 of this machine, which the operator has allowed.
    let shell = Shell::new()
        .with("TACHO_ALLOW_HOSTS", "127.0.0.1:9")
        .input("crsr_4f1d2c3b4a5968778695a4b3c2d1e0f0123456789abcdef0123456789abcdef0");
    let base = "base_url=https://169.254.1.1";
    let refused = shell.output(&["connect", "cursor", "--setting", base]);
    let shown = String::from_utf8_lossy(&refused.stderr);
    assert!(shown.contains("hint:") && !shown.contains("4f1d2c3b4a59"), "{shown}");
    assert!([4, 5].contains(&refused.status.code().unwrap()), "{shown}");
}

#[test]
fn an_unknown_key_in_the_file_is_named_with_those_that_are_known() {
    insta::assert_snapshot!(Shell::new().file("tacho.toml", "listne = \"127.0.0.1:1\"\n").run(&["integrations"]));
    insta::assert_snapshot!(Shell::new().run(&["--config", "elsewhere.toml", "integrations"]));
    insta::assert_snapshot!(Shell::new().with("TACHO_BACKFILL_DAYS", "many").run(&["integrations"]));
    insta::assert_snapshot!(Shell::new().with("TACHO_DATABASE_URL", "mysql://a:b@c/d").run(&["integrations"]));
}

#[test]
fn an_empty_installation_says_what_to_do() {
    let shell = Shell::new();
    insta::assert_snapshot!(shell.run(&["integrations"]));
    insta::assert_snapshot!(shell.run(&["integrations", "--json"]));
    insta::assert_snapshot!(shell.run(&["sync"]));
    insta::assert_snapshot!(shell.run(&["sync", "--integration", "7"]));
    insta::assert_snapshot!(shell.run(&["token", "list"]));
    insta::assert_snapshot!(shell.run(&["export", "usage"]));
    insta::assert_snapshot!(shell.run(&["export", "usage", "--format", "json"]));
}

#[test]
fn a_file_that_is_no_report_is_refused_with_what_would_be() {
    let shell = Shell::new().file("notes.txt", "Dear diary,\n").file("empty.json", "");
    insta::assert_snapshot!(shell.run(&["import", "notes.txt"]));
    insta::assert_snapshot!(shell.run(&["import", "empty.json"]));
    insta::assert_snapshot!(shell.run(&["import", "absent.json"]));
}

#[test]
fn an_imported_report_is_counted_and_exported() {
    let row = |day: &str, prompts: u32| {
        format!(
            "{{\"report_start_day\":\"2026-03-01\",\"report_end_day\":\"2026-03-28\",\"day\":\"{day}\",\"organization_id\":\"77\",\
             \"user_id\":4711,\"user_login\":\"=ada\",\"user_initiated_interaction_count\":{prompts},\"code_generation_activity_count\":9,\
             \"code_acceptance_activity_count\":4,\"loc_added_sum\":31,\"loc_deleted_sum\":2,\"totals_by_feature\":[]}}\n"
        )
    };
    let shell = Shell::new().file("users.ndjson", &[row("2026-03-02", 5), row("2026-03-03", 7)].concat());
    insta::assert_snapshot!(shell.run(&["import", "users.ndjson"]));
    let csv = shell.output(&["export", "usage", "--from", "2026-03-01", "--to", "2026-03-31"]);
    let csv = String::from_utf8(csv.stdout).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[1].starts_with("2026-03-02,github_copilot,") && lines[1].contains(",'=ada,"), "{csv}");
    let json = shell.output(&["export", "usage", "--format", "ndjson", "--from", "2026-03-03", "--to", "2026-03-03"]);
    let row: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&row["identity"], &row["prompts"], &row["lines_added"]), (&"=ada".into(), &7.into(), &31.into()));
    let again = shell.run(&["reread"]);
    assert!(again.contains("exit: 0") && again.contains("2 days read"), "{again}");
}

/// What was printed, without the end of its line.
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim_end().to_owned()
}

#[test]
fn tokens_are_made_listed_and_taken_away() {
    let shell = Shell::new();
    let made = shell.output(&["token", "add", "ci"]);
    let token = printed(&made);
    assert!(token.starts_with("tacho_") && token.len() > 40, "{token}");
    let told = String::from_utf8_lossy(&made.stderr);
    assert!(told.contains("not shown again") && told.contains("works until 2"), "it ends by itself: {told}");
    let listed = shell.run(&["token", "list"]);
    assert!(listed.contains("ci") && listed.contains("nobody") && listed.contains("viewer"), "{listed}");
    assert!(listed.contains("never") && !listed.contains(&token), "{listed}");
    insta::assert_snapshot!(shell.run(&["token", "add", "ci"]));
    insta::assert_snapshot!(shell.run(&["token", "remove", "ci"]));
    insta::assert_snapshot!(shell.run(&["token", "remove", "ci"]));
    let endless = shell.output(&["token", "add", "backup", "--role", "owner", "--scope", "view_audit", "--expires", "never"]);
    assert!(String::from_utf8_lossy(&endless.stderr).contains("until it is taken away"));
    insta::assert_snapshot!(shell.run(&["token", "add", "x", "--role", "viewer", "--scope", "view_audit"]));
    insta::assert_snapshot!(shell.run(&["token", "add", "x", "--scope", "rule,view_audit"]));
    insta::assert_snapshot!(shell.run(&["token", "add", "x", "--expires", "soon"]));
    insta::assert_snapshot!(shell.run(&["token", "add", "x", "--role", "boss"]));
}

#[test]
fn before_there_is_any_user_signing_in_is_setting_up() {
    let shell = Shell::new().with("TACHO_PUBLIC_URL", "https://tacho.example.com");
    let link = || printed(&shell.output(&["sign-in"]));
    let (one, other) = (link(), link());
    assert!(one.starts_with("https://tacho.example.com/set-up/") && one != other, "{one} {other}");
    let told = shell.output(&["sign-in", "ada@example.com"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("makes the first owner"));
}

/// Makes users behind the program's back: people accept their invitations in a browser.
fn people(shell: &Shell, users: &[(&str, &str)]) {
    assert!(shell.output(&["integrations"]).status.success());
    let path = shell.path().join("tacho-data/tacho.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{}", path.display()).into();
        let store = tacho_store::Store::open(&url, 1).await.unwrap();
        let organization = store.list_organizations().await.unwrap()[0].id;
        let now = tacho_domain::Instant::parse("2026-03-01T00:00:00Z").unwrap();
        for (email, role) in users {
            let new = tacho_store::NewUser { email, name: "", password_hash: None };
            let id = store.add_user(&new, now).await.unwrap();
            let role = tacho_domain::Role::parse(role).unwrap();
            store.put_membership(organization, id, role, now).await.unwrap();
        }
        store.close().await;
    });
}

#[test]
fn users_are_invited_changed_locked_out_and_removed() {
    let shell = Shell::new().with("TACHO_PUBLIC_URL", "https://tacho.example.com");
    insta::assert_snapshot!(shell.run(&["users", "list"]));
    people(&shell, &[("ada@example.com", "owner"), ("bob@example.com", "member")]);
    insta::assert_snapshot!(shell.run(&["users", "list"]));
    let invited = printed(&shell.output(&["users", "invite", "Carol@example.com", "--role", "lead"]));
    assert!(invited.starts_with("https://tacho.example.com/invitation/"), "{invited}");
    let listed = shell.run(&["users", "list"]);
    assert!(listed.contains("carol@example.com") && listed.contains("invited until"), "{listed}");
    insta::assert_snapshot!(shell.run(&["users", "remove", "carol@example.com"]));
    insta::assert_snapshot!(shell.run(&["users", "invite", "bob@example.com"]));
    insta::assert_snapshot!(shell.run(&["users", "invite", "bob at home"]));
    let reset = printed(&shell.output(&["users", "reset", "bob@example.com"]));
    assert!(reset.starts_with("https://tacho.example.com/reset/"), "{reset}");
    let link = printed(&shell.output(&["sign-in", "Bob@example.com"]));
    assert!(link.starts_with("https://tacho.example.com/sign-in/"), "{link}");
    insta::assert_snapshot!(shell.run(&["sign-in"]));
    insta::assert_snapshot!(shell.run(&["sign-in", "eve@example.com"]));
    insta::assert_snapshot!(shell.run(&["users", "role", "bob@example.com", "admin"]));
    insta::assert_snapshot!(shell.run(&["users", "role", "ada@example.com", "admin"]));
    insta::assert_snapshot!(shell.run(&["users", "lock", "bob@example.com"]));
    insta::assert_snapshot!(shell.run(&["sign-in", "bob@example.com"]));
    insta::assert_snapshot!(shell.run(&["users", "unlock", "bob@example.com"]));
    insta::assert_snapshot!(shell.run(&["users", "remove", "bob@example.com"]));
    insta::assert_snapshot!(shell.run(&["users", "remove", "ada@example.com"]));
}

#[test]
fn a_command_for_one_organization_of_several_has_to_name_it() {
    let shell = Shell::new();
    insta::assert_snapshot!(shell.run(&["organizations", "add", "Umbrella"]));
    insta::assert_snapshot!(shell.run(&["organizations", "add", "Umbrella"]));
    insta::assert_snapshot!(shell.run(&["token", "list"]));
    insta::assert_snapshot!(shell.run(&["--organization", "Globex", "token", "list"]));
    assert!(shell.output(&["token", "add", "ci", "--organization", "Umbrella"]).status.success());
    let theirs = shell.run(&["--organization", "Umbrella", "token", "list"]);
    assert!(theirs.contains("ci"), "{theirs}");
    insta::assert_snapshot!(shell.run(&["--organization", "My organization", "token", "list"]));
    insta::assert_snapshot!(shell.run(&["--organization", "Umbrella", "organizations", "rename", "Globex"]));
    let listed = shell.run(&["organizations", "list"]);
    assert!(listed.contains("Globex") && listed.contains("My organization") && !listed.contains("Umbrella"), "{listed}");
    let by_variable = Shell { variables: vec![("TACHO_ORGANIZATION", "Globex".to_owned())], ..shell };
    assert!(by_variable.run(&["token", "list"]).contains("ci"));
}

#[test]
fn the_master_key_is_made_once_rotated_and_missed() {
    let shell = Shell::new();
    let key = shell.path().join("tacho-data/master.key");
    assert_eq!(shell.output(&["integrations"]).status.code(), Some(0));
    let first = std::fs::read_to_string(&key).unwrap();
    insta::assert_snapshot!(shell.run(&["keys", "rotate"]));
    let second = std::fs::read_to_string(&key).unwrap();
    assert_ne!(first, second);
    assert!(!shell.path().join("tacho-data/master.key.next").exists());
    let configured = Shell::new().with("TACHO_MASTER_KEY", first.trim());
    insta::assert_snapshot!(configured.run(&["keys", "rotate"]));
    assert_eq!(configured.output(&["keys", "rotate", "--to", "new.key"]).status.code(), Some(0));
    assert_ne!(std::fs::read_to_string(configured.path().join("new.key")).unwrap(), first);
    insta::assert_snapshot!(Shell::new().with("TACHO_MASTER_KEY", "bm90IGEga2V5").run(&["integrations"]));
}

#[cfg(unix)]
#[test]
fn what_is_made_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::new();
    assert_eq!(shell.output(&["integrations"]).status.code(), Some(0));
    let mode = |name: &str| shell.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("tacho-data"), 0o700);
    for file in ["master.key", "tacho.db"] {
        assert_eq!(mode(&format!("tacho-data/{file}")), 0o600, "{file}");
    }
}

#[cfg(unix)]
#[test]
fn the_doctor_finds_what_is_wrong_and_says_how_to_mend_it() {
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::new().with("TACHO_LISTNE", "127.0.0.1:1").with("TACHO_LISTEN", "0.0.0.0:8787");
    // What differs from machine to machine.
    let clock = |text: String| {
        let varies = |line: &&str| ["clock: ", "disk: ", "database: SQLite"].iter().any(|about| line.contains(*about));
        let lines = text.lines().map(|line| match line.split_once(": ") {
            Some((about, _)) if varies(&line) => format!("{about}: [varies]"),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(clock(shell.run(&["doctor"])));
    assert_eq!(shell.output(&["integrations"]).status.code(), Some(0));
    std::fs::set_permissions(shell.path().join("tacho-data/master.key"), PermissionsExt::from_mode(0o644)).unwrap();
    insta::assert_snapshot!(clock(shell.run(&["doctor"])));
    let json: serde_json::Value = serde_json::from_slice(&shell.output(&["doctor", "--json", "--offline"]).stdout).unwrap();
    let bad: Vec<_> = json["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "bad").collect();
    assert!(json["bad"] == 1 && bad.len() == 1 && bad[0]["about"] == "permissions", "{json}");
    assert!(bad[0]["fix"].as_str().unwrap().starts_with("chmod 600 "), "{json}");
    std::fs::write(shell.path().join("tacho-data/tacho.db"), "not a database, whatever its name says").unwrap();
    let broken = shell.run(&["doctor"]);
    assert!(broken.contains("exit: 7") && broken.contains("BAD   database:"), "{broken}");
}

#[test]
fn a_backup_needs_room_for_its_name_and_a_restore_needs_a_backup() {
    let shell =
        Shell::new().file("taken", "mine").file("notes.txt", "Dear diary, today I was longer than a header of sixteen bytes.");
    insta::assert_snapshot!(shell.run(&["backup", "taken"]));
    insta::assert_snapshot!(shell.run(&["restore", "notes.txt"]));
    insta::assert_snapshot!(shell.run(&["restore", "absent.backup"]));
    insta::assert_snapshot!(shell.run(&["restore", "--check", "taken"]));
    insta::assert_snapshot!(shell.run(&["doctor", "--quick"]));
    insta::assert_snapshot!(Shell::new().with("TACHO_TRUSTED_PROXIES", "true").run(&["integrations"]));
    insta::assert_snapshot!(Shell::new().with("TACHO_TLS_KEY", "key.pem").run(&["integrations"]));
    insta::assert_snapshot!(Shell::new().with("TACHO_SENTRY_DSN", "https://sentry.example/42").run(&["integrations"]));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let shell = Shell::new();
    for arguments in [vec!["demo", "--port", &port], vec!["serve", "--listen", taken.local_addr().unwrap().to_string().leak()]] {
        let shown = shell.run(&arguments).replace(&port, "[port]");
        assert!(shown.contains("exit: 3") && shown.contains("cannot listen on 127.0.0.1:[port]"), "{shown}");
        assert!(shown.contains("hint: choose another port"), "{shown}");
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = String::from_utf8(Shell::new().output(&["completions", shell]).stdout).unwrap();
        assert!(text.contains("reread") && text.contains("sign-in"), "{shell}");
    }
    let page = String::from_utf8(Shell::new().output(&["man"]).stdout).unwrap();
    assert!(page.contains(".TH tacho 1") && page.contains("Exit codes"), "{page}");
    let shell = Shell::new();
    std::fs::create_dir(shell.path().join("man")).unwrap();
    assert_eq!(shell.output(&["man", "--output", "man"]).status.code(), Some(0));
    assert!(shell.path().join("man/tacho-sync.1").exists());
}

#[test]
fn colour_is_never_written_into_a_pipe() {
    let output = Shell::new().output(&["import", "absent.json"]);
    assert!(!output.stderr.contains(&0x1b) && !output.stderr.is_empty());
}

#[test]
fn people_come_from_a_file_and_are_listed() {
    let file = "email,name,github_login,teams,left_on\nada@example.com,Ada Lovelace,ada-l,Core;Web,\nbob@example.com,,,core,2026-01-31\n";
    let shell = Shell::new().file("people.csv", file).file("wrong.csv", "email,left_on\nada,2026-02-30\nbob@example.com\n");
    insta::assert_snapshot!(shell.run(&["people", "list"]));
    insta::assert_snapshot!(shell.run(&["people", "import", "wrong.csv"]));
    insta::assert_snapshot!(shell.run(&["people", "import", "missing.csv"]));
    insta::assert_snapshot!(shell.run(&["people", "import", "people.csv"]));
    insta::assert_snapshot!(shell.run(&["people", "import", "people.csv"]));
    insta::assert_snapshot!(shell.run(&["people", "list"]));
    insta::assert_snapshot!(shell.run(&["people", "match-rate", "--from", "2026-03-01", "--to", "2026-03-28"]));
    insta::assert_snapshot!(shell.run(&["help", "people"]));
}
