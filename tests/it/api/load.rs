//! Archives that are read while they come: cut off, too long, too many, and beside parameters.

use super::limits::answer;
use super::{Server, demo_config, wait_until};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use waypost::base::sha256_hex;

const TAR: (&str, &str) = ("content-type", "application/x-tar");

/// The head of a load whose body has no length.
pub fn chunked_load(query: &str) -> String {
    format!(
        "POST /v1/workspaces/load{query} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    )
}

/// Adds a member that may be hostile.
pub fn append(archive: &mut Vec<u8>, kind: tar::EntryType, name: &str, content: &[u8]) {
    archive.extend_from_slice(header(kind, name, content.len() as u64).as_bytes());
    archive.extend_from_slice(content);
    archive.resize(archive.len().next_multiple_of(512), 0);
}

fn header(kind: tar::EntryType, name: &str, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header
}

/// Bytes that do not compress and are not a tar by chance.
fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files {
        append(&mut archive, tar::EntryType::Regular, name, content);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

#[tokio::test]
async fn what_comes_in_pieces_is_whole() {
    let server = Server::start().await;
    let content = noise(3_000_001);
    let archive = archive(&[("a", b"first"), ("dir/b", &content), ("c", b"last")]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(chunked_load("?id=demo").as_bytes()).await.unwrap();
    // Of every length, so that headers and contents are cut everywhere.
    let (mut left, mut length) = (&archive[..], 1);
    while !left.is_empty() {
        let (chunk, rest) = left.split_at(length.min(left.len()));
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await.unwrap();
        stream.write_all(chunk).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
        (left, length) = (rest, length + 211);
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let sum = server.sh("cat /a /c; sha256sum < /dir/b").await;
    assert_eq!(sum, format!("firstlast{}  -\n", sha256_hex(&content)));
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_behind() {
    let server = Server::start().await;
    let whole = archive(&[("f", &noise(100_000))]);
    for sent in [0, 300, 50_000, whole.len() - 1024] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(chunked_load("?id=demo").as_bytes()).await.unwrap();
        stream.write_all(format!("{:x}\r\n", whole.len()).as_bytes()).await.unwrap();
        stream.write_all(&whole[..sent]).await.unwrap();
        drop(stream);
    }
    // The id was never taken.
    let loaded = server.send(Method::POST, "/v1/workspaces/load?id=demo", &[TAR], whole).await;
    assert_eq!(loaded.status, 201, "{loaded:?}");
    assert_eq!(server.get("/v1/workspaces").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_archive_that_stops_coming_is_cut_off() {
    let server = Server::with(|api, _| api.body_timeout = Duration::from_millis(200)).await;
    let whole = archive(&[("f", &noise(100_000))]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(chunked_load("?id=demo").as_bytes()).await.unwrap();
    stream.write_all(format!("{:x}\r\n", whole.len()).as_bytes()).await.unwrap();
    stream.write_all(&whole[..50_000]).await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("nothing came for 0.2 seconds"), "{answer}");
    assert_eq!(server.get("/v1/workspaces/demo").await.status, 404);
}

/// Sends chunks until the server has said something, which it has to do while they come.
async fn answer_while_sending(server: &Server, mut next: impl FnMut(u64) -> Vec<u8>) -> String {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let sending = async {
        write.write_all(chunked_load("?id=evil").as_bytes()).await.unwrap();
        for n in 0.. {
            let chunk = next(n);
            let mut framed = format!("{:x}\r\n", chunk.len()).into_bytes();
            framed.extend_from_slice(&chunk);
            framed.extend_from_slice(b"\r\n");
            if write.write_all(&framed).await.is_err() {
                // It closed; what it said is still to be read.
                std::future::pending::<()>().await;
            }
        }
    };
    let mut said = vec![0; 4096];
    let length = tokio::select! {
        () = sending => unreachable!("there is no end"),
        length = read.read(&mut said) => length.unwrap(),
    };
    String::from_utf8_lossy(&said[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_stream_is_refused_while_it_comes() {
    let server = Server::with(|_, engine| {
        engine.load_limits.max_entries = 20_000;
        engine.load_limits.max_bytes = 4 << 20;
    })
    .await;
    let small = answer_while_sending(&server, |n| {
        let mut chunk = Vec::new();
        for file in 0..100 {
            append(&mut chunk, tar::EntryType::Regular, &format!("{n}/{file}"), b"tiny");
        }
        chunk
    });
    let small = small.await;
    assert!(small.starts_with("HTTP/1.1 413 ") && small.contains("more than 20000 entries"), "{small}");
    let large = answer_while_sending(&server, |n| {
        let mut chunk = Vec::new();
        append(&mut chunk, tar::EntryType::Regular, &n.to_string(), &[7; 100_000]);
        chunk
    });
    let large = large.await;
    assert!(large.starts_with("HTTP/1.1 413 ") && large.contains("4194304"), "{large}");
    assert_eq!(server.get("/v1/workspaces").await.json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_gigabytes_are_refused_at_their_first_bytes() {
    let server = Server::start().await;
    let five = 5_u64 << 30;
    // By its header alone: the rest would be one file.
    let one = answer_while_sending(&server, |n| match n {
        0 => header(tar::EntryType::Regular, "huge", five).as_bytes().to_vec(),
        _ => vec![0; 1 << 20],
    });
    let one = one.await;
    assert!(one.starts_with("HTTP/1.1 400 ") && one.contains("a file is limited to 536870912"), "{one}");
    for media in ["application/x-tar", "multipart/form-data; boundary=x"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /v1/workspaces/load?id=evil HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media}\r\nContent-Length: {five}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("this one has 5368709120"), "{media}: {answer}");
    }
    assert_eq!(server.get("/v1/workspaces").await.json(), json!([]));
}

#[tokio::test]
async fn who_asks_first_is_refused_before_it_sends() {
    let server = Server::start().await;
    server.demo().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /v1/workspaces/load?id=demo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\n\
                Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let refused = answer(&mut stream).await;
    assert!(refused.starts_with("HTTP/1.1 409 "), "{refused}");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.replace("id=demo", "id=other").as_bytes()).await.unwrap();
    let asked = answer(&mut stream).await;
    assert!(asked.starts_with("HTTP/1.1 100 "), "{asked}");
}

#[tokio::test]
async fn parameters_may_come_before_and_after_a_long_archive() {
    let server = Server::start().await;
    let content = noise(5_000_000);
    let archive = archive(&[("f", &content)]);
    let before: [(&str, &[u8]); 3] = [("name=\"id\"", b"demo"), ("name=\"mount\"", b"/m"), ("name=\"tar\"", &archive)];
    let after = [before[2], before[1], ("name=\"id\"", b"after")];
    for (id, parts) in [("demo", &before), ("after", &after)] {
        let loaded = server.post_parts("/v1/workspaces/load", parts).await;
        assert_eq!((loaded.status, &loaded.json()["id"]), (201, &id.into()), "{loaded:?}");
        let read = json!({ "command": "sha256sum < /m/f" });
        let read = server.post(&format!("/v1/workspaces/{id}/execute"), read).await.json();
        assert_eq!(read["stdout"], format!("{}  -\n", sha256_hex(&content)), "{read}");
    }
    let twice = server.post_parts("/v1/workspaces/load", &[before[2], before[2]]).await;
    assert!(twice.status == 400 && twice.detail().contains("twice"), "{twice:?}");
}

#[tokio::test]
async fn only_the_archive_itself_may_be_long() {
    let server = Server::start().await;
    let long = vec![b'x'; 5 << 20];
    let parameter = server.post_parts("/v1/workspaces/load", &[("name=\"id\"", &long)]).await;
    assert!(parameter.status == 413 && parameter.detail().contains("4194304"), "{parameter:?}");
    let multipart = [("content-type", "multipart/form-data; boundary=xYx")];
    let no_part = server.send(Method::POST, "/v1/workspaces/load", &multipart, vec![b'x'; 16 << 20]).await;
    assert!(no_part.status == 400 && no_part.detail().contains("without a part's content"), "{no_part:?}");
    let head = [&b"--xYx\r\nContent-Disposition: form-data; "[..], &vec![b'x'; 16 << 20]].concat();
    let head = server.send(Method::POST, "/v1/workspaces/load", &multipart, head).await;
    assert!(head.status == 400 && head.detail().starts_with("bad multipart body"), "{head:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_take_turns_and_all_are_answered() {
    let server = Server::with(|api, _| api.max_uploads = 2).await;
    let whole = archive(&[("f", &noise(300_000))]);
    let load = |n: usize| {
        let (server, whole) = (&server, whole.clone());
        async move { server.send(Method::POST, &format!("/v1/workspaces/load?id=w{n}"), &[TAR], whole).await.status }
    };
    let answers = futures_util::future::join_all((0..16).map(load)).await;
    assert_eq!(answers, [201; 16]);
    assert_eq!(server.get("/v1/workspaces").await.json().as_array().unwrap().len(), 16);
    // One that was given up frees its turn.
    let mut silent = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(chunked_load("").as_bytes()).await.unwrap();
        silent.push(stream);
    }
    drop(silent);
    wait_until("a load has its turn", async || match load(99).await {
        201 => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
}

#[tokio::test]
async fn a_workspace_is_loaded_up_to_its_own_limit() {
    let options = waypost::workspace::Options { max_workspace_bytes: 100_000, ..Default::default() };
    let workspaces = waypost::workspace::Workspaces::open(None, options).await.unwrap();
    let server = Server::of(workspaces, |_, engine| engine.load_limits.max_manifest_bytes = 1000).await;
    let load = async |size: usize| {
        let whole = archive(&[("f", &noise(size))]);
        server.send(Method::POST, "/v1/workspaces/load", &[TAR], whole).await
    };
    assert_eq!(load(100_000).await.status, 201);
    for size in [100_001, 200_000] {
        let refused = load(size).await;
        assert_eq!(refused.status, 413, "{refused:?}");
    }
    let demo = server.post("/v1/workspaces", json!({ "id": "demo", "config": demo_config() })).await;
    assert_eq!(demo.status, 201);
}
