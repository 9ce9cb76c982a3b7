//! No secret and no signed link in anything that can be printed: errors, debug forms, logs at their most talkative.

use crate::peer::{Answer, Peer, reply};
use crate::scene::{SECRET, Scene, download, get, post};
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};
use tacho_connectors::{Auth, Call};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_that_can_be_printed_holds_a_secret_or_a_signed_link() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // The Basic form of the secret.
    let basic = "a2V5X2h1c2gtaHVzaC00NzExOg==";
    let echo = format!("no such key: {SECRET}, {basic}");
    let (echo_header, cookie) = (format!("X-Echo: Bearer {SECRET}"), "Set-Cookie: s=biscuit".to_owned());
    let headers = [echo_header.as_str(), cookie.as_str()];
    let mut printed = String::new();
    for answer in [
        reply(200, &headers, b""),
        reply(401, &headers, echo.as_bytes()),
        reply(500, &headers, echo.as_bytes()),
        reply(302, &["Location: https://evil.example/r?sig=signed-7"], b""),
        Answer::SayAndReset(Vec::new()),
        Answer::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut".to_vec()),
    ] {
        let peer = Peer::answering([answer]).await;
        let scene = Scene::to(&peer);
        let key = Call { auth: Auth::Header("x-api-key"), ..get(&peer.url("/x")) };
        for call in [get(&peer.url("/x")), key, post(&peer.url("/x")), download(&peer.url("/r?sig=signed-7"))] {
            match scene.send(&call).await {
                Ok(received) => write!(printed, "{received:?} {received:#?}").unwrap(),
                Err(error) => write!(printed, "{error} {error:?} {error:#?}").unwrap(),
            }
            write!(printed, "{call:?}").unwrap();
        }
        write!(printed, "{:?} {:?}", scene.transport, scene.lane).unwrap();
        let asked = peer.asked().concat();
        assert!(asked.contains(SECRET) && asked.contains(basic) && asked.contains("signed-7"), "they were sent, though");
    }
    assert!(printed.contains("[redacted]"), "{printed}");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("not received") && logged.contains("trying again") && logged.contains("(signed link)"), "{logged}");
    for (what, text) in [("printed", &printed), ("logged", &logged)] {
        for secret in [SECRET, basic, "signed-7", "hush-4711", "biscuit"] {
            assert!(!text.contains(secret), "`{secret}` {what}: {text}");
        }
    }
}
