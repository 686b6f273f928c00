//! Objects that are moved in parts.

use crate::node::MountingNode;
use crate::server::S3Server;
use sha2::{Digest, Sha256};

const SIZE: usize = 200 << 20;

/// Bytes that do not repeat in any part.
fn content() -> bytes::Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(SIZE);
    while bytes.len() < SIZE {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    bytes.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_megabytes_come_back_as_they_were() {
    let server = S3Server::start();
    let content = content();
    let sum = hex::encode(Sha256::digest(&content));
    let (writer, reader) = (server.filesystem(&server.block(), 1 << 30), server.filesystem(&server.block(), 1 << 30));
    let (content, writer) = tokio::task::spawn_blocking(move || {
        writer.write("big", content.clone()).unwrap();
        (content, writer)
    })
    .await
    .unwrap();
    let read = tokio::task::spawn_blocking(move || reader.read("big").unwrap()).await.unwrap();
    assert!(read == content, "{} bytes came back", read.len());

    let node = MountingNode::start();
    node.workspace("w", &server.block()).await;
    assert_eq!(node.out("w", "sha256sum /s3/big").await, format!("{sum}  /s3/big\n"));
    assert_eq!(
        node.out("w", "mv /s3/big /s3/moved && cp /s3/moved /s3/copy && stat -c %s /s3/copy").await,
        format!("{SIZE}\n")
    );
    let copy = tokio::task::spawn_blocking(move || writer.read("copy").unwrap()).await.unwrap();
    assert!(copy == content);
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_moved() {
    let server = S3Server::start();
    let (large, small) = (server.filesystem(&server.block(), 100), server.filesystem(&server.block(), 10));
    large.write("f", vec![1; 50].into()).unwrap();
    let kind = |result: std::io::Result<()>| result.unwrap_err().kind();
    assert_eq!(kind(small.read("f").map(drop)), std::io::ErrorKind::FileTooLarge);
    assert_eq!(kind(small.write("g", vec![1; 11].into())), std::io::ErrorKind::FileTooLarge);
    assert_eq!(kind(large.append("f", &[1; 51])), std::io::ErrorKind::FileTooLarge);
    assert_eq!(large.read("f").unwrap().len(), 50);
}
