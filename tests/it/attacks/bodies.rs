//! Bodies that are too long, too deep or no text.

use super::{Door, Siege};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Memory that bodies may take, MiB: what is held of them at once, and the rest of the process.
const MOST: u64 = 700;

/// Sends a head and then `block` until there is an answer, at most 5 GiB of it. Gives the answer and what was sent.
async fn flood(door: &Door, head: &str, first: &[u8], chunked: bool) -> (String, u64) {
    const ALL: u64 = 5 << 30;
    let stream = TcpStream::connect(door.address()).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let head = format!(
        "{head}\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/x-tar\r\n{}\r\n\r\n",
        door.token,
        if chunked { "Transfer-Encoding: chunked".to_owned() } else { format!("Content-Length: {ALL}") }
    );
    to.write_all(head.as_bytes()).await.unwrap();
    let answer = tokio::spawn(async move {
        let mut answer = Vec::new();
        let _ = from.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    });
    let mut block = vec![0x55; 1 << 20];
    block[..first.len()].copy_from_slice(first);
    let mut sent = 0;
    while sent < ALL && !answer.is_finished() {
        let size = format!("{:x}\r\n", block.len());
        let around: [&[u8]; 2] = if chunked { [size.as_bytes(), b"\r\n"] } else { [b"", b""] };
        let wrote = async {
            to.write_all(around[0]).await?;
            to.write_all(&block).await?;
            to.write_all(around[1]).await
        };
        match tokio::time::timeout(Duration::from_secs(60), wrote).await {
            Ok(Ok(())) => sent += block.len() as u64,
            _ => break,
        }
        block.fill(0x55);
    }
    (answer.await.unwrap(), sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn five_gigabytes_are_refused_and_not_kept() {
    let siege = Siege::begin().await;
    let mut tar = tar::Header::new_gnu();
    tar.set_path("big").unwrap();
    tar.set_size(5 << 30);
    tar.set_cksum();
    for door in &siege.doors {
        for (first, chunked) in [(&b""[..], false), (b"", true), (tar.as_bytes(), false), (tar.as_bytes(), true)] {
            let (answer, sent) = flood(door, "POST /v1/workspaces/load?id=evil HTTP/1.1", first, chunked).await;
            let refused = ["HTTP/1.1 413 ", "HTTP/1.1 400 "].iter().any(|status| answer.starts_with(status));
            assert!(refused && answer.contains("\"detail\""), "{} after {sent} bytes: {answer:?}", door.what);
            assert!(door.peak() < MOST, "{}: {} MiB", door.what, door.peak());
        }
        // Where no archive belongs, there is room for far less.
        let (answer, sent) = flood(door, "POST /v1/workspaces HTTP/1.1", b"{", true).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{} after {sent} bytes: {answer:?}", door.what);
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_long_bodies_at_once_share_what_there_is() {
    let siege = Siege::begin().await;
    for door in &siege.doors {
        let floods = (0..6).map(|_| flood(door, "POST /v1/workspaces/load?id=evil HTTP/1.1", b"", true));
        for (answer, _) in futures_util::future::join_all(floods).await {
            assert!(answer.starts_with("HTTP/1.1 4"), "{answer:?}");
        }
        assert!(door.peak() < 2 * MOST, "{}: {} MiB", door.what, door.peak());
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_sensible_json_are_refused() {
    let siege = Siege::begin().await;
    let deep = |open: &str, close: &str| open.repeat(500_000) + &close.repeat(500_000);
    let config = |inner: String| format!(r#"{{"id":"evil","config":{inner}}}"#).into_bytes();
    let bodies = [
        ("deep lists", deep("[", "]").into_bytes()),
        ("deep objects", deep("{\"a\":", "}").into_bytes()),
        ("deep and never closed", "[".repeat(4_000_000).into_bytes()),
        ("deep configuration", config(deep("[", "]"))),
        ("no UTF-8", b"{\"id\":\"\xff\xfe\",\"config\":{}}".to_vec()),
        ("half a surrogate", br#"{"id":"\ud800","config":{}}"#.to_vec()),
        ("twice the same", br#"{"id":"a","id":"../b","config":{"mounts":{}}}"#.to_vec()),
        ("a number beyond all", format!(r#"{{"config":{}}}"#, "9".repeat(1_000_000)).into_bytes()),
        ("a number far beyond", br#"{"config":{"mounts":{},"cache":1e999999999}}"#.to_vec()),
        ("nothing but spaces", vec![b' '; 4 << 20]),
        ("a hundred thousand mounts", config(mounts(100_000))),
        ("a hundred thousand unknown keys", config(format!("{{\"mounts\":{{}},{}}}", keys(100_000)))),
    ];
    for door in &siege.doors {
        for (name, body) in &bodies {
            let request = door.post("/v1/workspaces").header("content-type", "application/json");
            door.refusal(name, request.body(body.clone())).await;
            assert!(door.peak() < MOST, "{name} at {}: {} MiB", door.what, door.peak());
        }
        for (name, limit) in [("endless", json!(1e308)), ("negative", json!(-1)), ("text", json!("soon"))] {
            let body = json!({ "command": "true", "timeout_s": limit });
            door.refusal(name, door.post("/v1/workspaces/w/execute").json(&body)).await;
        }
    }
    siege.end().await;
}

fn mounts(count: usize) -> String {
    let all: Vec<_> = (0..count).map(|n| format!("\"/m{n}\":{{\"resource\":\"ram\"}}")).collect();
    format!("{{\"mounts\":{{{}}}}}", all.join(","))
}

fn keys(count: usize) -> String {
    (0..count).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(",")
}
