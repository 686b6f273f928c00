//! The filesystem that a bucket is, held to what all do alike.

use crate::proxy::proxy;
use crate::server::{Moto, S3Server, filesystem};
use serde_json::{Value, json};
use std::sync::Mutex;
use waypost::workspace::mount::{Filesystem, Kind};

#[path = "../../../src/workspace/mount/conformance.rs"]
mod suite;

fn conforms_however_it_is_cached(block: &Value) {
    for read in ["fresh", "bounded", "pinned"] {
        let mut block = block.clone();
        block["read"] = json!(read);
        block["config"]["key_prefix"] = json!(format!("of/{read}"));
        suite::conforms(&*filesystem(&block, 1000), suite::Keeps { modes: false, times: false, links: false });
    }
}

#[test]
fn a_bucket_of_a_server_without_empty_directories_conforms() {
    let server = S3Server::start();
    conforms_however_it_is_cached(&server.block());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_a_server_with_all_of_s3_conforms() {
    let server = Moto::start().await;
    let block = server.block();
    tokio::task::spawn_blocking(move || conforms_however_it_is_cached(&block)).await.unwrap();
    // Empty directories are in the bucket itself.
    let block = server.block();
    let made = tokio::task::spawn_blocking(move || {
        filesystem(&block, 1000).make_dir("d").unwrap();
        filesystem(&block, 1000).stat("d").unwrap().kind
    });
    assert_eq!(made.await.unwrap(), Kind::Directory);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_another_overtakes_loses_neither() {
    let server = Moto::start().await;
    let direct = server.block();
    let others = Mutex::new(vec!["first\n", "second\n"]);
    let through = {
        let direct = direct.clone();
        proxy(server.address.clone(), move |bytes| {
            // Between our reading and our writing, twice: once the object is new, once it has changed.
            if bytes.starts_with(b"PUT ")
                && let Some(line) = others.lock().unwrap().pop()
            {
                filesystem(&direct, 1000).append("log", line.as_bytes()).unwrap();
            }
        })
    };
    let mut block = direct.clone();
    block["config"]["endpoint_url"] = json!(format!("http://{through}"));
    let log = tokio::task::spawn_blocking(move || {
        let ours = filesystem(&block, 1000);
        ours.append("log", b"ours\n").unwrap();
        (ours.read("log").unwrap(), filesystem(&direct, 1000).read("log").unwrap())
    });
    let wanted = "second\nfirst\nours\n";
    assert_eq!(log.await.unwrap(), (wanted.into(), wanted.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_is_read_without_the_rest() {
    let server = Moto::start().await;
    let direct = server.block();
    let ranges = std::sync::Arc::new(Mutex::new(Vec::new()));
    let through = {
        let ranges = ranges.clone();
        proxy(server.address.clone(), move |bytes| {
            let head = String::from_utf8_lossy(bytes).to_ascii_lowercase();
            if head.starts_with("get ") && head.contains("/f ") {
                let range = head.lines().find_map(|line| line.strip_prefix("range: "));
                ranges.lock().unwrap().push(range.unwrap_or("all").to_owned());
            }
        })
    };
    let mut block = direct.clone();
    block["config"]["endpoint_url"] = json!(format!("http://{through}"));
    let pieces = tokio::task::spawn_blocking(move || {
        filesystem(&direct, 1000).write("f", "0123456789".into()).unwrap();
        let files = filesystem(&block, 1000);
        let piece = files.read_at("f", 3, 4).unwrap();
        (piece, files.read_at("f", 20, 4).unwrap(), files.read("f").unwrap(), files.read_at("f", 8, 9).unwrap())
    });
    assert_eq!(pieces.await.unwrap(), ("3456".into(), "".into(), "0123456789".into(), "89".into()));
    assert_eq!(*ranges.lock().unwrap(), ["bytes=3-6", "all"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_the_middle_that_another_overtakes_loses_neither() {
    let server = Moto::start().await;
    let direct = server.block();
    let others = Mutex::new(vec![(0, "a"), (1, "b")]);
    let through = {
        let direct = direct.clone();
        proxy(server.address.clone(), move |bytes| {
            if bytes.starts_with(b"PUT ")
                && let Some((offset, byte)) = others.lock().unwrap().pop()
            {
                filesystem(&direct, 1000).write_at("f", offset, byte.as_bytes()).unwrap();
            }
        })
    };
    let mut block = direct.clone();
    block["config"]["endpoint_url"] = json!(format!("http://{through}"));
    let content = tokio::task::spawn_blocking(move || {
        let plain = filesystem(&direct, 1000);
        plain.write("f", "........".into()).unwrap();
        filesystem(&block, 1000).write_at("f", 2, b"c").unwrap();
        plain.refresh("");
        plain.read("f").unwrap()
    });
    assert_eq!(content.await.unwrap(), "abc.....");
}
