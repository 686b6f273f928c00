//! Bodies that are too long and clients that are too slow.

use super::Server;
use super::load::{append, chunked_load};
use reqwest::Method;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use waypost::workspace::snapshot::LoadLimits;

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_the_limit() {
    let server = Server::with(|_, engine| engine.load_limits = small()).await;
    let tar = [("content-type", "application/x-tar")];
    let reply = server.send(Method::POST, "/v1/workspaces/load", &tar, vec![0; 100_001]).await;
    assert_eq!((reply.status, &reply.json()["code"]), (413, &"payload_too_large".into()));
    assert!(reply.detail().contains("100000") && reply.detail().contains("100001"), "{}", reply.detail());
    let parts = server.post_parts("/v1/workspaces/load", &[("name=\"tar\"", &[0; 100_001])]).await;
    assert!(parts.status == 413 && parts.detail().contains("100000"), "{parts:?}");
    let json = [("content-type", "application/json")];
    let reply = server.send(Method::POST, "/v1/workspaces", &json, vec![b' '; (4 << 20) + 1]).await;
    assert_eq!(reply.status, 413);
    assert_eq!(server.get("/v1/health").await.status, 200);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_counted() {
    let server = Server::with(|_, engine| engine.load_limits = small()).await;
    // Parameters of ten kilobytes for each file: no other limit stops them.
    let mut archive = Vec::new();
    for n in 0..10 {
        append(
            &mut archive,
            tar::EntryType::XHeader,
            "pax",
            format!("10010 comment={}\n", "x".repeat(9995)).as_bytes(),
        );
        append(&mut archive, tar::EntryType::Regular, &format!("f{n}"), b"");
    }
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(chunked_load("").as_bytes()).await.unwrap();
    for chunk in archive.chunks(10_000) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await.unwrap();
        stream.write_all(chunk).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("limited to 100000 bytes"), "{answer}");
}

/// Limits that allow an archive of 100,000 bytes.
fn small() -> LoadLimits {
    LoadLimits { max_bytes: 60_000, max_entries: 10, max_manifest_bytes: 19_520, ..LoadLimits::default() }
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_is_cut_off() {
    let server = Server::with(|api, _| api.header_timeout = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: local").await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_cut_off() {
    let server = Server::with(|api, _| api.body_timeout = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"POST /v1/workspaces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{").await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("not complete"), "{answer}");
}

/// All that comes until the server closes, or until it is silent after its answer.
pub(super) async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    let wait = |begun: bool| Duration::from_millis(if begun { 300 } else { 10_000 });
    while let Ok(Ok(read)) = tokio::time::timeout(wait(!answer.is_empty()), stream.read(&mut piece)).await {
        if read == 0 {
            return String::from_utf8_lossy(&answer).into_owned();
        }
        answer.extend_from_slice(&piece[..read]);
    }
    assert!(!answer.is_empty(), "the server neither answered nor closed");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn long_bodies_take_turns_and_all_are_answered() {
    let server = Server::with(|api, _| api.max_held_bytes = 2 << 20).await;
    server.demo().await;
    let input = vec![b'x'; 3 << 20];
    let run = async || {
        let parts: [(&str, &[u8]); 2] = [("name=\"request\"", br#"{"command":"wc -c"}"#), ("name=\"stdin\"", &input)];
        server.post_parts("/v1/workspaces/demo/execute", &parts).await
    };
    let (a, b, c) = tokio::join!(run(), run(), run());
    for reply in [a, b, c] {
        assert_eq!((reply.status, reply.json()["stdout"].as_str().unwrap().trim()), (200, "3145728"));
    }
}

#[tokio::test]
async fn a_body_of_too_many_parts_is_refused() {
    let server = Server::start().await;
    let parts = vec![("name=\"x\"", &b"y"[..]); 65];
    let reply = server.post_parts("/v1/workspaces/load", &parts).await;
    assert_eq!((reply.status, reply.detail()), (400, "bad multipart body: more than 64 parts".to_owned()));
}

#[tokio::test]
async fn connections_that_ask_for_nothing_give_way() {
    let server = Server::with(|api, _| api.max_connections = 8).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(answer_head(&mut stream).await.starts_with("HTTP/1.1 200 "));
        silent.push(stream);
    }
    // The first that came was closed without a word.
    assert_eq!(silent[0].read(&mut [0; 1]).await.unwrap_or(0), 0);
}

async fn answer_head(stream: &mut TcpStream) -> String {
    let mut piece = [0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut piece)).await;
    let read = read.expect("an answer before the header timeout").expect("an open connection");
    String::from_utf8_lossy(&piece[..read]).into_owned()
}
