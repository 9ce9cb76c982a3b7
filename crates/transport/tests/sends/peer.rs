//! A vendor that answers as told, byte by byte, and remembers what it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the peer does with one request. The connection ends with it.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Sends these bytes and closes.
    Say(Vec<u8>),
    /// Sends these bytes and resets the connection.
    SayAndReset(Vec<u8>),
    /// Sends these bytes and then nothing, for ever.
    SayAndStall(Vec<u8>),
    /// Sends a 200 whose body is that many blocks of 64 KiB.
    Blocks(usize),
}

/// A running peer; it ends when dropped.
pub(crate) struct Peer {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<Answer>>>,
    most_at_once: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Peer {
    /// Answers the first request with the first answer, and so on; the last answer stays.
    pub(crate) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, most_at_once) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (heard, most) = (Arc::clone(&asked), Arc::clone(&most_at_once));
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let said = Arc::clone(&answers);
        let task = tokio::spawn(async move {
            let now = Arc::new(AtomicUsize::new(0));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (heard, answers, now, most) = (Arc::clone(&heard), Arc::clone(&said), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    serve(stream, &heard, &answers, &now).await;
                });
            }
        });
        Self { port, asked, answers, most_at_once, task }
    }

    /// Answers so from now on, counted from the first request: for answers that name another peer.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.answers.lock().unwrap() = answers.into_iter().collect();
    }

    /// The requests so far, head and body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests were ever open at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    /// Its host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// An address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, heard: &Mutex<Vec<String>>, answers: &Mutex<Vec<Answer>>, now: &AtomicUsize) {
    let Some(request) = request(&mut stream).await else { return };
    let answer = {
        let mut heard = heard.lock().unwrap();
        let answers = answers.lock().unwrap();
        heard.push(request);
        answers[(heard.len() - 1).min(answers.len() - 1)].clone()
    };
    // Time enough for another request to come in, if any were let out.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    now.fetch_sub(1, Ordering::SeqCst);
    match answer {
        Answer::Say(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.shutdown().await.ok();
        }
        Answer::SayAndReset(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.set_zero_linger().unwrap();
        }
        Answer::SayAndStall(bytes) => {
            stream.write_all(&bytes).await.ok();
            std::future::pending::<()>().await;
        }
        Answer::Blocks(count) => {
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", count << 16);
            stream.write_all(head.as_bytes()).await.ok();
            let block = vec![b'x'; 1 << 16];
            for _ in 0..count {
                if stream.write_all(&block).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Reads one request with its body; `None` when none comes, as from a client that speaks TLS.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok()?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        if count == 0 || !bytes.first()?.is_ascii_uppercase() {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
            return None;
        }
    }
}

/// A whole reply with that status, headers (each `Name: value`) and body.
pub(crate) fn reply(status: u16, headers: &[&str], body: &[u8]) -> Answer {
    let mut bytes = head(status, headers, body.len());
    bytes.extend_from_slice(body);
    Answer::Say(bytes)
}

/// The head of a reply that promises that many bytes.
pub(crate) fn head(status: u16, headers: &[&str], length: usize) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Status\r\nConnection: close\r\nContent-Length: {length}\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}
