//! A vendor's secret is nowhere to be found: not in the database, the data folder, the logs, what is printed, or the process's
//! arguments. Searched byte by byte, as it is and in the forms it takes on the way.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod stage;

use stage::{Place, Stage, today};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tacho_domain::Window;
use tacho_simulator::{Config, Simulator, Vendor};

/// The secret as it is, without its prefix, in Base64, in hexadecimal.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    use std::fmt::Write as _;
    let hex = secret.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    // The middle stands in every Base64 alignment of the whole; the longest piece of it that all share is searched.
    let middle = &secret[12..36.min(secret.len())];
    let mut forms: Vec<Vec<u8>> = vec![secret.into(), middle.into(), hex.clone().into(), hex.to_uppercase().into()];
    forms.extend((0..3).map(|shift| base64(&secret.as_bytes()[shift..shift + 30]).into_bytes()));
    forms
}

/// Base64 of a multiple of three bytes.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| char::from(LETTERS[(bits & 63) as usize]);
    bytes
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [letter(bits >> 18), letter(bits >> 12), letter(bits >> 6), letter(bits)]
        })
        .collect()
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn assert_absent(place: &str, bytes: &[u8], secrets: &[String]) {
    for (number, secret) in secrets.iter().enumerate() {
        for (form, needle) in forms(secret).iter().enumerate() {
            assert!(!holds(bytes, needle), "{place} holds secret {number} in form {form}");
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn secrets_of(secrets: &tacho_simulator::Secrets) -> Vec<String> {
    vec![secrets.github.clone(), secrets.anthropic.clone(), secrets.cursor.clone()]
}

#[test]
fn a_secret_is_found_where_there_is_one() {
    let secret = "key_0123456789abcdef0123456789abcdef0123456789abcdef";
    let header = base64(format!("{secret}:__").as_bytes().chunks_exact(3).flatten().copied().collect::<Vec<u8>>().as_slice());
    assert!(forms(secret).iter().any(|form| holds(format!("Basic {header}").as_bytes(), form)));
    assert!(forms(secret).iter().any(|form| holds(format!("token={secret}&").as_bytes(), form)));
    assert!(!forms(secret).iter().any(|form| holds(b"nothing of the kind, at all, not even a part of it", form)));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_lies_in_the_sqlite_files() {
    let config = Config { members: 6, days: 20, ..Config::new(3, today()) };
    let stage = Stage::read(config, Place::Sqlite).await.unwrap();
    let secrets = secrets_of(&stage.simulator.secrets());
    let files = files(stage.folder.path());
    assert!(files.iter().any(|file| file.ends_with("tacho.db")));
    for file in files {
        assert_absent(&file.display().to_string(), &std::fs::read(&file).unwrap(), &secrets);
    }
    no_secret_in_the_archive(&stage, &secrets).await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_lies_in_a_postgres_table() {
    let config = Config { members: 6, days: 20, ..Config::new(3, today()) };
    let Some(stage) = Stage::read(config, Place::Postgres).await else { return };
    let secrets = secrets_of(&stage.simulator.secrets());
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&stage.url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        // Rows as text, bytes as hexadecimal, which is one of the forms.
        let sql = sqlx::AssertSqlSafe(format!("select t::text from \"{table}\" t"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        assert_absent(&table, rows.join("\n").as_bytes(), &secrets);
    }
    no_secret_in_the_archive(&stage, &secrets).await;
    stage.finish().await;
}

/// The raw replies hold no secret either, nor the signature of a signed link.
async fn no_secret_in_the_archive(stage: &Stage, secrets: &[String]) {
    let mut replies = 0;
    for integration in stage.store.list_integrations(stage.organization).await.unwrap() {
        let window = Window::ending(today(), 400);
        for entry in stage.store.list_archive(stage.organization, integration.id, None, window).await.unwrap() {
            let mut body = Vec::new();
            let mut reader = stage.store.open_archive(stage.organization, &entry).await.unwrap();
            tokio::task::spawn_blocking(move || {
                reader.read_to_end(&mut body).unwrap();
                body
            })
            .await
            .map(|body| {
                assert_absent(&format!("{}/{}", entry.stream, entry.step), &body, secrets);
                assert!(!holds(&body, b"download_links") && !holds(&body, b"sig="), "{} holds signed links", entry.stream);
            })
            .unwrap();
            replies += 1;
        }
    }
    assert!(replies > 50, "{replies} replies were searched");
}

/// A running `tacho`, killed when dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn tacho(folder: &Path, hosts: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tacho"));
    command.current_dir(folder).env_clear().env("TACHO_ALLOW_HOSTS", hosts).env("TACHO_LOG", "trace");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Connects and syncs with the real binary at its most talkative, with good secrets and with ones the vendor refuses.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_printed_or_visible_as_an_argument() {
    let today = tacho_domain::Instant(i64::try_from(unix_micros()).unwrap()).day();
    let simulator = Simulator::start(Config { members: 5, days: 8, ..Config::new(4, today) }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let hosts = simulator.hosts().join(",");
    let good = simulator.secrets();
    let github = format!("organization={}", simulator.organization());
    let connections: [(&str, Vendor, &str, &str); 3] = [
        ("github_copilot", Vendor::Github, &good.github, &github),
        ("claude_console", Vendor::Anthropic, &good.anthropic, ""),
        ("cursor", Vendor::Cursor, &good.cursor, ""),
    ];
    let mut secrets = Vec::new();
    let mut seen = Vec::new();
    for (connector, vendor, secret, setting) in connections {
        // The same form, but not the vendor's: it is refused, and the refusal must not repeat it either.
        let (head, last) = secret.split_at(secret.len() - 3);
        let wrong = format!("{head}{}", last.chars().rev().map(|c| if c == 'a' { 'b' } else { 'a' }).collect::<String>());
        for (given, expected) in [(wrong.as_str(), 4), (secret, 0)] {
            let mut command = tacho(folder.path(), &hosts);
            command.args(["connect", connector, "--setting", &format!("base_url={}", simulator.base_url(vendor))]);
            if !setting.is_empty() {
                command.args(["--setting", setting]);
            }
            let mut program = Program(command.spawn().unwrap());
            program.0.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
            seen.extend(arguments_of(program.0.id()));
            let (out, log) = finish(&mut program);
            assert_eq!(program.0.wait().unwrap().code(), Some(expected), "{connector}: {log}");
            secrets.push(given.to_owned());
            seen.extend([out.into_bytes(), log.into_bytes()]);
        }
    }
    let mut program =
        Program(tacho(folder.path(), &hosts).args(["sync", "--from", &today.minus(3).to_string()]).spawn().unwrap());
    let (out, log) = finish(&mut program);
    assert_eq!(program.0.wait().unwrap().code(), Some(0), "{log}");
    assert!(log.len() > 2_000, "trace is talkative");
    seen.extend([out.into_bytes(), log.into_bytes()]);
    for bytes in &seen {
        assert_absent("what a user or another process can see", bytes, &secrets);
    }
    for file in files(folder.path()) {
        assert_absent(&file.display().to_string(), &std::fs::read(&file).unwrap(), &secrets);
    }
    simulator.shutdown().await;
}

/// Links and tokens of our own are printed once and never logged.
#[cfg(target_os = "linux")]
#[test]
fn a_server_logs_neither_its_links_nor_its_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let token = tacho(folder.path(), "").args(["token", "add", "test"]).output().unwrap();
    let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
    let mut program = Program(tacho(folder.path(), "").args(["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let link = lines.find_map(|line| line.ok().filter(|line| line.contains("/set-up/"))).unwrap();
    let (base, secret) = link.split_once("/set-up/").unwrap();
    let address = base.trim_start_matches("http://");
    assert!(ask(address, &format!("GET /set-up/{secret} HTTP/1.1"), "").starts_with("HTTP/1.1 200"));
    assert!(
        ask(address, "GET /api/overview HTTP/1.1", &format!("Authorization: Bearer {token}\r\n")).starts_with("HTTP/1.1 200")
    );
    terminate(program.0.id());
    let mut log = String::new();
    program.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(program.0.wait().unwrap().code(), Some(0), "it stops when asked to: {log}");
    assert!(log.contains("listening") && log.contains("stopped"), "{log}");
    for ours in [secret, token.as_str()] {
        assert!(!log.contains(ours), "{log}");
        for file in files(folder.path()) {
            assert!(!holds(&std::fs::read(&file).unwrap(), ours.as_bytes()), "{}", file.display());
        }
    }
}

fn ask(address: &str, line: &str, headers: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "{line}\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

fn terminate(process: u32) {
    let ended = Command::new("kill").args(["-TERM", &process.to_string()]).status().unwrap();
    assert!(ended.success());
}

/// What everybody on the machine can see of a process while it runs.
fn arguments_of(process: u32) -> Option<Vec<u8>> {
    std::fs::read(format!("/proc/{process}/cmdline")).ok()
}

fn finish(program: &mut Program) -> (String, String) {
    let (mut out, mut log) = (String::new(), String::new());
    let mut stderr = program.0.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        stderr.read_to_string(&mut log).unwrap();
        log
    });
    program.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    (out, reader.join().unwrap())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary under test asks the real clock, and the simulator has to agree with it"
)]
fn unix_micros() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros()
}
