//! What is served without asking, and what makes it be asked again.

use crate::server::S3Server;
use serde_json::json;
use std::sync::{Arc, Barrier};
use waypost::workspace::mount::Refreshed;

#[test]
fn what_others_change_is_seen_when_the_mount_is_refreshed() {
    let server = S3Server::start();
    let (ours, theirs) = (server.filesystem(&server.block(), 1000), server.filesystem(&server.block(), 1000));
    theirs.make_dir("d").unwrap();
    theirs.write("d/f", "1".into()).unwrap();
    assert_eq!((ours.read("d/f").unwrap(), ours.list("d").unwrap().len()), ("1".into(), 1));
    theirs.write("d/f", "22".into()).unwrap();
    theirs.write("d/g", "3".into()).unwrap();
    assert_eq!((ours.read("d/f").unwrap(), ours.list("d").unwrap().len()), ("1".into(), 1));

    let refreshed = ours.refresh("d");
    assert_eq!(refreshed.file_entries, 1);
    assert!(refreshed.index_entries >= 2, "{refreshed:?}");
    assert_eq!((ours.read("d/f").unwrap(), ours.list("d").unwrap().len()), ("22".into(), 2));
    assert_eq!(ours.stat("d/f").unwrap().size, 2);
    ours.refresh("");
    assert_eq!(ours.refresh(""), Refreshed::default());
}

#[test]
fn a_fresh_mount_asks_each_time_and_a_pinned_one_never_again() {
    let server = S3Server::start();
    let reading = |read: &str| {
        let mut block = server.block();
        block["read"] = json!(read);
        server.filesystem(&block, 1000)
    };
    let (fresh, pinned, theirs) = (reading("fresh"), reading("pinned"), reading("bounded"));
    theirs.write("f", "1".into()).unwrap();
    assert_eq!((fresh.read("f").unwrap(), pinned.read("f").unwrap()), ("1".into(), "1".into()));
    theirs.write("f", "2".into()).unwrap();
    assert_eq!((fresh.read("f").unwrap(), pinned.read("f").unwrap()), ("2".into(), "1".into()));
    theirs.remove("f").unwrap();
    assert!(fresh.read("f").is_err() && pinned.read("f").is_ok());
    // What is written here is seen here, however it is cached.
    pinned.write("f", "3".into()).unwrap();
    assert_eq!((pinned.read("f").unwrap(), fresh.read("f").unwrap()), ("3".into(), "3".into()));
}

#[test]
fn threads_of_one_mount_do_not_disturb_each_other() {
    let server = S3Server::start();
    let bucket = server.filesystem(&server.block(), 10_000);
    let begin = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let (bucket, begin) = (bucket.clone(), begin.clone());
            std::thread::spawn(move || {
                begin.wait();
                for round in 0..5 {
                    let (name, content) = (format!("f-{thread}"), format!("{thread}-{round}"));
                    bucket.write(&name, content.clone().into()).unwrap();
                    assert_eq!(bucket.read(&name).unwrap(), content);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(bucket.list("").unwrap().len(), 8);
}
