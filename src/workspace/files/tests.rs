//! What ends a call early, and what two calls at once may not do to each other.

use super::{Errno, Search};
use crate::workspace::{Error, Options, Workspace, WorkspaceConfig, Workspaces};
use regex::bytes::Regex;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

async fn workspace(options: Options) -> (Workspaces, Arc<Workspace>) {
    let workspaces = Workspaces::open(None, options).await.unwrap();
    let config = json!({"mounts": {"/data": {"resource": "ram"}}, "mode": "write"});
    let workspace = workspaces.create(None, WorkspaceConfig::from_json(&config).unwrap()).await.unwrap();
    (workspaces, workspace)
}

/// Says to stop at the `n`th question, and how often it was asked.
fn stop_at(n: usize) -> (Arc<AtomicUsize>, impl Fn() -> bool + Send + 'static) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    (asked, move || count.fetch_add(1, Ordering::Relaxed) + 1 >= n)
}

#[tokio::test]
async fn a_walk_asks_whether_to_stop_and_does() {
    let (_all, workspace) = workspace(Options::default()).await;
    let files = workspace.files(None).unwrap();
    for number in 0..20 {
        files.make_dir(format!("/data/{number}")).await.unwrap();
        files.write(format!("/data/{number}/f"), "x\n".repeat(10_000).into()).await.unwrap();
    }
    let (asked, stop) = stop_at(5);
    assert!(matches!(files.glob("/data/**".to_owned(), None, stop).await, Err(Error::Cancelled)));
    assert_eq!(asked.load(Ordering::Relaxed), 5);
    let search = |path: &str| Search {
        path: path.to_owned(),
        regex: Regex::new("x").unwrap(),
        include: None,
        context: 0,
        max_count: None,
        lines: false,
        all_files: false,
    };
    let (asked, stop) = stop_at(5);
    assert!(matches!(files.search(search("/data"), stop).await, Err(Error::Cancelled)));
    assert_eq!(asked.load(Ordering::Relaxed), 5);
    // Within one file too.
    let (asked, stop) = stop_at(2);
    assert!(matches!(files.search(search("/data/1/f"), stop).await, Err(Error::Cancelled)));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let (_, never) = stop_at(usize::MAX);
    let (found, complete) = files.search(search("/data"), never).await.unwrap();
    assert_eq!((found.len(), found[0].count, complete), (20, 10_000, true));
}

#[tokio::test]
async fn the_limits_of_a_workspace_hold_for_direct_calls() {
    let options = Options { max_file_bytes: 1000, max_workspace_bytes: 1500, ..Options::default() };
    let (_all, workspace) = workspace(options).await;
    let files = workspace.files(None).unwrap();
    let errno = |result: Result<(), Error>| match result {
        Err(Error::File(error)) => Some(error.errno),
        Ok(()) => None,
        Err(other) => panic!("{other}"),
    };
    let path = || "/data/f".to_owned();
    assert_eq!(errno(files.write(path(), vec![b'x'; 1001].into()).await), Some(Errno::EFBIG));
    assert_eq!(errno(files.write(path(), vec![b'x'; 1000].into()).await), None);
    assert_eq!(errno(files.append(path(), "x".into()).await), Some(Errno::EFBIG));
    assert_eq!(errno(files.write_at(path(), 1000, "x".into()).await), Some(Errno::EFBIG));
    assert_eq!(errno(files.truncate(path(), 1001).await), Some(Errno::EFBIG));
    assert_eq!(errno(files.write("/data/g".to_owned(), vec![b'x'; 501].into()).await), Some(Errno::ENOSPC));
    let grown = files.edit(path(), "x".to_owned(), "xx".to_owned(), true).await.map(drop);
    assert_eq!(errno(grown), Some(Errno::EFBIG));
    assert_eq!(errno(files.read(path(), 0, None, 999).await.map(drop)), Some(Errno::EFBIG));
    assert_eq!(files.read(path(), 998, None, 999).await.unwrap(), "xx");
}

#[tokio::test]
async fn edits_at_the_same_time_do_not_lose_each_other() {
    let (_all, workspace) = workspace(Options::default()).await;
    let files = workspace.files(None).unwrap();
    let text: String = (0..50).map(|number| format!("<{number}>")).collect();
    files.write("/data/f".to_owned(), text.into()).await.unwrap();
    let edits = (0..50).map(|number| {
        let files = files.clone();
        tokio::spawn(async move {
            files.edit("/data/f".to_owned(), format!("<{number}>"), format!("[{number}]"), false).await
        })
    });
    for edit in edits.collect::<Vec<_>>() {
        assert_eq!(edit.await.unwrap().unwrap(), Ok(1));
    }
    let after = files.read("/data/f".to_owned(), 0, None, 1000).await.unwrap();
    assert!(!after.contains(&b'<'), "{after:?}");
}

#[tokio::test]
async fn a_deleted_workspace_has_no_files() {
    let (all, workspace) = workspace(Options::default()).await;
    all.delete(workspace.id()).await.unwrap();
    assert!(matches!(workspace.files(None), Err(Error::NotFound { .. })));
}
