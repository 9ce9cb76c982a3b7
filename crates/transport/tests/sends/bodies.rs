//! Bodies: unzipped, bounded, checksummed, and on disk when they are long.

use crate::peer::{Answer, Peer, reply};
use crate::scene::{Scene, download, text};
use sha2::{Digest, Sha256};
use std::io::BufRead as _;
use tacho_connectors::FailureKind::Validation;

/// The gzip of "one\ntwo\n".
const TWO_LINES: &str = "1f8b0800000000000203cbcf4be52a29cfe70200e60bba1208000000";
/// The gzip of 100,000 times "0".
const ZEROS: &str = "1f8b0800000000000203edc13101000000c2a04aeb9fce1a1e400100000000000000000000000000000000000000000000000000000000000000000000\
0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000af0685c24dc5a0860100";

#[tokio::test]
async fn a_zipped_body_arrives_unzipped() {
    let peer = Peer::answering([reply(200, &["Content-Encoding: gzip"], &hex::decode(TWO_LINES).unwrap())]).await;
    let received = Scene::to(&peer).get(&peer).await.unwrap();
    assert_eq!((text(&received).as_str(), received.body.len(), received.body.is_on_disk()), ("one\ntwo\n", 8, false));
    assert_eq!(received.body.checksum(), <[u8; 32]>::from(Sha256::digest(b"one\ntwo\n")));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_however_it_is_sent() {
    let long = vec![b'x'; 1_001];
    let chunked = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", &long[..], b"\r\n0\r\n\r\n"].concat();
    for answer in
        [reply(200, &[], &long), Answer::Say(chunked), reply(200, &["Content-Encoding: gzip"], &hex::decode(ZEROS).unwrap())]
    {
        let peer = Peer::answering([answer]).await;
        let scene = Scene::with(&peer, |props| props.policy.body_limit = 1_000);
        let error = scene.get(&peer).await.unwrap_err();
        assert_eq!((error.kind, error.tries, error.retryable), (Validation, 1, false), "{error}");
        assert!(error.message.contains("the limit of 1000 bytes"), "{error}");
    }
    let peer = Peer::answering([reply(200, &[], &long[1..])]).await;
    let scene = Scene::with(&peer, |props| props.policy.body_limit = 1_000);
    assert_eq!(scene.get(&peer).await.unwrap().body.len(), 1_000);
}

#[tokio::test]
async fn a_long_refusal_is_kept_in_part() {
    let peer = Peer::answering([reply(404, &[], "é".repeat(100_000).as_bytes())]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    assert_eq!(error.refusal.unwrap().body.len(), 64 << 10);
}

#[tokio::test]
async fn a_long_body_goes_to_disk_and_memory_stays_flat() {
    let before = most_memory_kib();
    let peer = Peer::answering([Answer::Blocks(1_024)]).await;
    let scene = Scene::with(&peer, |props| props.policy.memory_limit = 1 << 20);
    let received = scene.send(&download(&peer.url("/r?sig=1"))).await.unwrap();
    assert!(received.body.is_on_disk());
    assert_eq!(received.body.len(), 64 << 20);
    let (mut reader, mut hash) = (received.body.reader().unwrap(), Sha256::new());
    loop {
        let block = reader.fill_buf().unwrap();
        let count = block.len();
        if count == 0 {
            break;
        }
        assert!(block.iter().all(|&byte| byte == b'x'));
        hash.update(block);
        reader.consume(count);
    }
    assert_eq!(received.body.checksum(), <[u8; 32]>::from(hash.finalize()));
    let grown = most_memory_kib().saturating_sub(before);
    assert!(grown < 24 << 10, "grew by {grown} KiB for a body of 65536");
}

/// The most memory this process ever had; 0 where the system does not say, so that nothing is asserted there.
fn most_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")).map_or(0, |text| text.trim().parse().unwrap())
}
