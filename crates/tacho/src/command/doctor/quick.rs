//! Whether the server of this configuration is ready: what a container's health check asks, in an image without a shell.

use crate::config::Configuration;
use crate::failure::{Exit, Failure, Outcome};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server that needs longer is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks `/ready`. Where the server speaks HTTPS itself, only whether it takes a connection is seen.
pub(super) async fn look(configuration: &Configuration) -> Outcome {
    let address = near(configuration.listen);
    let asked = tokio::time::timeout(PATIENCE, ask(address, configuration.tls.is_some())).await;
    let said = match asked {
        Ok(Ok(None)) => return Ok(()),
        Ok(Ok(Some(status))) => format!("/ready answered `{status}`"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    Err(Failure::new(Exit::Unhealthy, format!("the server at {address} is not ready: {said}")))
}

/// The status line, where it is not 200.
async fn ask(address: SocketAddr, is_tls: bool) -> std::io::Result<Option<String>> {
    let mut stream = TcpStream::connect(address).await?;
    if is_tls {
        return Ok(None);
    }
    stream.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut reply = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut reply).await?;
    let line = String::from_utf8_lossy(&reply).lines().next().unwrap_or_default().to_owned();
    Ok(Some(line).filter(|line| !line.starts_with("HTTP/1.1 200")))
}

/// A server that listens on every address is asked on this machine's own.
fn near(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
