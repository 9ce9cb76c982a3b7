//! The real server as its operator meets it: JSON logs that say whose line it is, metrics, HTTPS, a graceful stop, a failure
//! reported, a backup taken and restored.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod serving;

use serving::{Serving, ask, status};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use tacho_simulator::{Config, Running, Simulator, Vendor};

async fn vendors() -> Running {
    Simulator::start(Config { members: 4, days: 8, ..Config::new(5, serving::today()) }).await.unwrap()
}

/// A folder with Cursor connected to the simulator, its first sync queued.
fn connected(simulator: &Running) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let base = format!("base_url={}", simulator.base_url(Vendor::Cursor));
    let secret = simulator.secrets().cursor;
    // A few days: the vendor takes twenty calls a minute, and the real program keeps to that.
    let variables = [("TACHO_ALLOW_HOSTS", simulator.hosts().join(",")), ("TACHO_BACKFILL_DAYS", "4".to_owned())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    serving::run(folder.path(), &variables, &["connect", "cursor", "--setting", &base], &secret);
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_request_or_a_job_says_which_one_and_none_says_a_secret() {
    let simulator = vendors().await;
    let folder = connected(&simulator);
    let hosts = simulator.hosts().join(",");
    let variables = [("TACHO_ALLOW_HOSTS", hosts.as_str()), ("TACHO_LOG", "debug"), ("TACHO_LOG_FORMAT", "json")];
    let mut server = Serving::start(folder.path(), &variables, "http");
    server.wait_for("sync finished");
    assert!(ask(&server.address, "GET", "/health", "X-Request-Id: mine-1\r\n").contains("x-request-id: mine-1"));
    assert_eq!(status(&ask(&server.address, "GET", "/nothing/here?token=in-the-query", "")), 404);
    let log = server.stop();
    let lines: Vec<serde_json::Value> = log.iter().map(|line| serde_json::from_str(line).expect(line)).collect();
    let span = |line: &serde_json::Value, name: &str| {
        line["spans"].as_array().into_iter().flatten().find(|span| span["name"] == name).cloned()
    };
    let mut answered = 0;
    for line in lines.iter().filter(|line| line["message"] == "answered") {
        let request = span(line, "request").expect("a line of a request");
        assert!(request["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        answered += usize::from(request["request_id"] == "mine-1" && request["route"] == "/health");
    }
    assert_eq!(answered, 1, "{log:?}");
    let of_jobs = ["received", "sync finished"];
    let spans: Vec<_> =
        lines.iter().filter(|line| of_jobs.iter().any(|text| line["message"] == *text)).map(|line| span(line, "job")).collect();
    assert!(spans.len() > 3, "{spans:?}");
    for job in spans {
        let job = job.expect("a line of a job");
        assert!(job["job"].is_i64() && job["organization"] == 1 && job["integration"].is_i64(), "{job}");
    }
    let text = log.join("\n");
    assert!(!text.contains(&simulator.secrets().cursor) && !text.contains("in-the-query"), "{text}");
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prometheus_scrapes_is_documented_bounded_and_names_nobody() {
    let simulator = vendors().await;
    let folder = connected(&simulator);
    let hosts = simulator.hosts().join(",");
    let variables =
        [("TACHO_ALLOW_HOSTS", hosts.as_str()), ("TACHO_METRICS_TOKEN", "a-metrics-token"), ("TACHO_ORGANIZATION", "Ada & Co")];
    let mut server = Serving::start(folder.path(), &variables, "http");
    server.wait_for("sync finished");
    for path in ["/health", "/nothing/at/all", "/nothing/else"] {
        ask(&server.address, "GET", path, "");
    }
    ask(&server.address, "BREW", "/health", "");
    assert_eq!(status(&ask(&server.address, "GET", "/metrics", "X-Forwarded-For: 127.0.0.1\r\n")), 404);
    let behind =
        ask(&server.address, "GET", "/metrics", "X-Forwarded-For: 127.0.0.1\r\nAuthorization: Bearer a-metrics-token\r\n");
    assert_eq!(status(&behind), 200);
    let page = ask(&server.address, "GET", "/metrics", "");
    let page = page.split_once("\r\n\r\n").unwrap().1.to_owned();
    let documented = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("tacho_")) {
        let name = line.split(['{', ' ']).next().unwrap();
        let name = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(documented.contains(&format!("| `{name}` |")), "docs/operations.md does not know `{name}`");
        seen.insert(name.to_owned());
    }
    assert!(seen.len() >= 20, "{seen:?}");
    for line in [
        "tacho_http_requests_total{method=\"GET\",route=\"/health\",status=\"2xx\"} 1",
        "tacho_http_requests_total{method=\"GET\",route=\"-\",status=\"4xx\"} 2",
        "tacho_jobs_claimed_total{kind=\"sync\"} 1",
        "tacho_jobs_ended_total{kind=\"sync\",outcome=\"finished\"} 1",
        "tacho_integration_failing{organization=\"1\",integration=\"1\",connector=\"cursor\"} 0",
        "tacho_vendor_calls_total{connector=\"cursor\",outcome=\"received\",status=\"2xx\"} ",
        "tacho_jobs_queued 0",
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
    assert!(
        page.contains("method=\"other\"") && !page.contains("BREW") && !page.contains("/nothing") && !page.contains("Ada"),
        "{page}"
    );
    server.stop();
    simulator.shutdown().await;
}

#[test]
fn a_server_that_was_told_to_stop_goes_on_answering_and_says_that_it_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Serving::start(folder.path(), &[("TACHO_DRAIN_SECONDS", "300")], "http");
    let listen = server.address.clone();
    let quick = || serving::exit(folder.path(), &[("TACHO_LISTEN", &listen)], &["doctor", "--quick"]);
    assert_eq!(status(&ask(&server.address, "GET", "/ready", "")), 200);
    assert_eq!(quick().0, 0);
    server.signal("TERM");
    server.wait_for("stopping");
    let ready = ask(&server.address, "GET", "/ready", "");
    assert!(status(&ready) == 503 && ready.contains("urn:tacho:problem:stopping"), "{ready}");
    assert_eq!(status(&ask(&server.address, "GET", "/health", "")), 200);
    let (code, said) = quick();
    assert!(code == 7 && said.contains("503"), "{said}");
    server.signal("TERM");
    assert_eq!(server.exit_code(), 130, "the second wish is not waited for");
}

/// A certificate for 127.0.0.1 with its key, as files.
fn certificate(folder: &std::path::Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

/// What a browser that trusts only this certificate gets.
async fn get_trusting(certificate: &reqwest::Certificate, url: &str) -> Result<reqwest::Response, reqwest::Error> {
    #[expect(clippy::disallowed_methods, reason = "a client as a browser would be, not one of ours")]
    let client = reqwest::Client::builder().tls_certs_only([certificate.clone()]).no_proxy().build().unwrap();
    client.get(url).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn https_is_spoken_without_a_proxy_and_a_new_certificate_is_taken_up_while_running() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let variables = [("TACHO_TLS_CERTIFICATE", "certificate.pem"), ("TACHO_TLS_KEY", "key.pem")];
    let mut server = Serving::start(folder.path(), &variables, "https");
    let url = format!("https://{}/sign-in", server.address);
    let page = get_trusting(&first, &url).await.unwrap();
    assert_eq!((page.status().as_u16(), page.version()), (200, reqwest::Version::HTTP_2));
    assert!(page.headers().contains_key("strict-transport-security"));
    let second = certificate(folder.path());
    assert!(get_trusting(&second, &url).await.is_err(), "not yet");
    server.signal("HUP");
    server.wait_for("the certificate was read again");
    assert_eq!(get_trusting(&second, &url).await.unwrap().status().as_u16(), 200);
    assert!(get_trusting(&first, &url).await.is_err(), "the old one is gone");
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    server.signal("HUP");
    server.wait_for("the old one stays in force");
    assert_eq!(get_trusting(&second, &url).await.unwrap().status().as_u16(), 200);
    let log = server.stop();
    assert!(log.iter().any(|line| line.contains("stopped")), "{log:?}");
    let broken = serving::exit(folder.path(), &variables, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(broken.0 == 3 && broken.1.contains("certificate.pem"), "{}", broken.1);
}

/// Takes one report and answers it.
fn collector() -> (String, std::thread::JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let taken = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(|text| text.trim().parse().unwrap()));
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        (head, String::from_utf8(body).unwrap())
    });
    (address, taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_given_up_is_reported_once_without_anything_personal() {
    let simulator = vendors().await;
    let folder = connected(&simulator);
    let secret = simulator.secrets().cursor;
    let _new = simulator.faults().rotate(Vendor::Cursor);
    let (address, taken) = collector();
    let (hosts, dsn) = (simulator.hosts().join(","), format!("http://public-key@{address}/42"));
    let mut server = Serving::start(folder.path(), &[("TACHO_ALLOW_HOSTS", &hosts), ("TACHO_SENTRY_DSN", &dsn)], "http");
    server.wait_for("a job was given up");
    let (head, body) = tokio::task::spawn_blocking(|| taken.join().unwrap()).await.unwrap();
    let log = server.stop().join("\n");
    assert!(head.starts_with("POST /api/42/envelope/ HTTP/1.1"), "{head}");
    assert!(head.contains("sentry_key=public-key") && head.contains("application/x-sentry-envelope"), "{head}");
    let lines: Vec<serde_json::Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let event = &lines[2];
    assert_eq!((&event["logentry"]["formatted"], &event["level"]), (&"a job was given up".into(), &"error".into()));
    assert_eq!(event["tags"], serde_json::json!({"job": 1, "organization": 1, "integration": 1, "kind": "sync"}));
    for private in [secret.as_str(), "My organization", &simulator.hosts()[0], "api_key", "/teams"] {
        assert!(!body.contains(private), "{private} in {body}");
    }
    assert!(!log.contains("public-key"), "{log}");
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_is_backed_up_and_the_backup_becomes_another_installation() {
    let simulator = vendors().await;
    let folder = connected(&simulator);
    let hosts = simulator.hosts().join(",");
    let mut server = Serving::start(folder.path(), &[("TACHO_ALLOW_HOSTS", &hosts)], "http");
    server.wait_for("sync finished");
    let (code, said) = serving::exit(folder.path(), &[], &["backup", "tacho.backup"]);
    assert!(
        code == 0 && said.contains("rows of") && said.contains("Verified") && said.contains("master key is not in it"),
        "{said}"
    );
    server.stop();
    let (code, said) = serving::exit(folder.path(), &[], &["backup", "tacho.backup"]);
    assert!(code == 2 && said.contains("`tacho.backup` exists already"), "{said}");
    let (code, said) = serving::exit(folder.path(), &[], &["restore", "tacho.backup"]);
    assert!(code == 1 && said.contains("not empty") && said.contains("--force"), "{said}");
    let (code, said) = serving::exit(folder.path(), &[], &["--data", "another", "restore", "tacho.backup"]);
    assert!(code == 0 && said.contains("master key was not in the backup"), "{said}");
    // With the key beside it, it is the same installation.
    std::fs::copy(folder.path().join("tacho-data/master.key"), folder.path().join("another/master.key")).unwrap();
    let export = |data: &str| serving::exit(folder.path(), &[], &["--data", data, "export", "usage"]);
    let (one, other) = (export("tacho-data"), export("another"));
    assert!(one.1.lines().count() > 3 && one == other, "{} {}", one.1, other.1);
    let (code, said) = serving::exit(folder.path(), &[("TACHO_ALLOW_HOSTS", &hosts)], &["--data", "another", "doctor"]);
    assert!(code == 0 && said.contains("endpoints answer now") && said.contains("clock: agrees with the vendors'"), "{said}");
    let mut whole = std::fs::read(folder.path().join("tacho.backup")).unwrap();
    whole.truncate(whole.len() - 100);
    std::fs::write(folder.path().join("cut"), whole).unwrap();
    let (code, said) = serving::exit(folder.path(), &[], &["--data", "third", "restore", "--check", "cut"]);
    assert!(code == 1 && said.contains("checksum is wrong") && !folder.path().join("third").exists(), "{said}");
    simulator.shutdown().await;
}
