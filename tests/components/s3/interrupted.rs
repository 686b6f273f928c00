//! A server that goes away in the middle, and comes back.

use crate::node::MountingNode;
use crate::proxy::proxy;
use crate::server::S3Server;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A proxy that says when `after` bytes have been sent.
fn counting_proxy(target: String, after: u64) -> (String, Receiver<()>) {
    let (reached, when_reached) = channel();
    let sent = AtomicU64::new(0);
    let address = proxy(target, move |bytes| {
        let before = sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if before < after && before + bytes.len() as u64 >= after {
            let _ = reached.send(());
        }
    });
    (address, when_reached)
}

#[test]
fn a_write_that_is_cut_is_an_error_and_the_old_content_stays() {
    for size in [4 << 20, 100 << 20] {
        let mut server = S3Server::start();
        let (proxy, half) = counting_proxy(server.address.clone(), size as u64 / 2);
        let mut block = server.block();
        server.filesystem(&block, 1 << 30).write("f", "before".into()).unwrap();
        block["config"]["endpoint_url"] = format!("http://{proxy}").into();
        let bucket = server.filesystem(&block, 1 << 30);
        let writing = {
            let bucket = bucket.clone();
            std::thread::spawn(move || bucket.write("f", vec![7; size].into()))
        };
        half.recv_timeout(Duration::from_secs(60)).expect("half of it was sent");
        server.kill();
        let error = writing.join().unwrap().expect_err("the server is gone");
        assert!(matches!(error.kind(), ErrorKind::HostUnreachable | ErrorKind::TimedOut), "{error:?}");
        assert!(error.to_string().contains(&proxy) && error.to_string().contains("does not answer"), "{error}");

        server.restart();
        assert_eq!(bucket.read("f").unwrap(), "before");
        bucket.write("f", "after".into()).unwrap();
        assert_eq!(server.filesystem(&server.block(), 1 << 30).read("f").unwrap(), "after");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_script_was_told_is_written_is_there_after_the_server_died() {
    let mut server = S3Server::start();
    let node = MountingNode::start();
    let (proxy, some) = counting_proxy(server.address.clone(), 40_000);
    let mut block = server.block();
    block["config"]["endpoint_url"] = format!("http://{proxy}").into();
    block["config"]["timeout"] = 5.into();
    node.workspace("w", &block).await;
    let killer = tokio::task::spawn_blocking(move || {
        some.recv_timeout(Duration::from_secs(60)).expect("the script writes");
        server.kill();
        server
    });
    let script =
        "for i in $(seq 1 100000); do echo \"content $i\" > /s3/f-$i || break; echo $i; done; cat /s3/f-1 /s3/nothing";
    let ran = node.sh("w", script).await;
    let mut server = killer.await.unwrap();
    assert!(ran.stderr.contains("does not answer") && ran.stderr.contains(&proxy), "{ran:?}");
    let acknowledged: Vec<&str> = ran.stdout.lines().filter(|line| !line.starts_with("content")).collect();
    assert!(!acknowledged.is_empty(), "{ran:?}");

    server.restart();
    let bucket = server.filesystem(&server.block(), 1 << 20);
    let acknowledged: Vec<String> = acknowledged.into_iter().map(str::to_owned).collect();
    tokio::task::spawn_blocking(move || {
        for number in &acknowledged {
            let content = bucket.read(&format!("f-{number}")).unwrap();
            assert_eq!(content, format!("content {number}\n"), "{number}");
        }
    })
    .await
    .unwrap();
    // The mount itself goes on too.
    assert_eq!(node.out("w", "echo again > /s3/again; cat /s3/again").await, "again\n");
}
