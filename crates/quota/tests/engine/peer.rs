//! A vendor on loopback that answers as told, byte by byte, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the peer does with every request. The connection ends with it.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// Sends these bytes and closes.
    Say(Vec<u8>),
    /// Resets the connection without a word.
    Reset,
    /// Says nothing, for ever.
    Stall,
}

/// A running peer; it ends when dropped.
pub(crate) struct Peer {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Peer {
    pub(crate) async fn doing(deed: Deed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&heard), deed.clone()));
            }
        });
        Self { port, asked, task }
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, heard: Arc<Mutex<Vec<String>>>, deed: Deed) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(count @ 1..) => request.extend_from_slice(&chunk[..count]),
            _ => return,
        }
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    match deed {
        Deed::Say(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.shutdown().await.ok();
        }
        Deed::Reset => stream.set_zero_linger().unwrap(),
        Deed::Stall => std::future::pending().await,
    }
}

/// A whole reply with that status, headers (each `Name: value`) and body.
pub(crate) fn reply(status: &str, headers: &[&str], body: &str) -> Deed {
    let headers = headers.iter().flat_map(|header| [*header, "\r\n"]).collect::<String>();
    Deed::Say(format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into())
}
