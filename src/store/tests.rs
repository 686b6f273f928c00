//! What the store promises, over real directories.

use super::SqliteStore;
use super::layers::{self, MAX_DEPTH};
use crate::base::Durability;
use crate::workspace::{
    Change, Content, Delta, Node, NodeKind, SessionRecord, Store, StoredWorkspace, Tree, WorkspaceRecord,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const LARGE: usize = 100_000;

fn file(bytes: impl Into<Vec<u8>>) -> Node {
    Node { kind: NodeKind::File(Content::new(bytes.into())), mode: 0o644, modified_ms: 1_700_000_000_123 }
}

fn dir() -> Node {
    Node { kind: NodeKind::Directory, mode: 0o700, modified_ms: -5 }
}

fn large(byte: u8) -> Node {
    file(vec![byte; LARGE])
}

fn session(id: &str, cwd: &str) -> SessionRecord {
    SessionRecord {
        id: id.into(),
        cwd: cwd.into(),
        allowed_mounts: None,
        mount_modes: Default::default(),
        shell: json!({"x": [1, null]}),
    }
}

fn record(id: &str) -> WorkspaceRecord {
    WorkspaceRecord {
        id: id.into(),
        config: json!({"mounts": {"/data/": {"resource": "ram"}}, "a": 1}),
        created_ms: 42,
        sessions: vec![session("z-default", "/"), session("a", "/data")],
    }
}

fn workspace(id: &str, nodes: &[(&str, Node)]) -> StoredWorkspace {
    let mut tree = Tree::new();
    for (path, node) in nodes {
        tree.insert(path, node.clone());
    }
    StoredWorkspace { record: record(id), trees: BTreeMap::from([("/data/".to_owned(), tree)]) }
}

fn put(path: &str, node: Node) -> Change {
    Change::Put(path.into(), node)
}

fn removed(path: &str) -> Change {
    Change::Removed(path.into())
}

fn delta(changes: Vec<Change>) -> Delta {
    Delta { files: vec![("/data/".to_owned(), changes)], ..Delta::default() }
}

async fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir).await.unwrap()
}

async fn load(store: &SqliteStore, id: &str) -> StoredWorkspace {
    store.load_all().await.unwrap().into_iter().find(|found| found.record.id == id).unwrap()
}

/// Every path and node of `/data/`.
fn listing(workspace: &StoredWorkspace) -> Vec<(String, Node)> {
    workspace.trees["/data/"].walk("").map(|(path, node)| (path.to_string(), node.clone())).collect()
}

fn paths(workspace: &StoredWorkspace) -> Vec<String> {
    listing(workspace).into_iter().map(|(path, _)| path).collect()
}

fn blobs(dir: &Path) -> Vec<PathBuf> {
    let subdirs = fs::read_dir(dir.join("blobs")).unwrap().map(|subdir| subdir.unwrap().path());
    subdirs.flat_map(|subdir| fs::read_dir(subdir).unwrap()).map(|file| file.unwrap().path()).collect()
}

async fn count(store: &SqliteStore, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(store.inner.database.read()).await.unwrap()
}

#[tokio::test]
async fn everything_comes_back_in_order_after_a_kill() {
    let temp = tempfile::tempdir().unwrap();
    let mut kept = workspace(
        "second-by-name",
        &[
            ("bin", file((0..=255u8).cycle().take(LARGE).collect::<Vec<_>>())),
            ("empty", file("")),
            ("dir", dir()),
            ("dir/ünïcödé \n\"name'", file("x")),
            ("dir/link", Node { kind: NodeKind::Symlink("../bin".into()), mode: 0o777, modified_ms: 7 }),
            ("run.sh", Node { mode: 0o755, ..file("#!") }),
        ],
    );
    kept.trees.insert("/empty/".to_owned(), Tree::new());
    let store = open(temp.path()).await;
    store.create(&kept).await.unwrap();
    store.create(&workspace("a", &[])).await.unwrap();
    drop(store); // nothing is closed or flushed

    let loaded = open(temp.path()).await.load_all().await.unwrap();
    assert_eq!(loaded.iter().map(|found| found.record.id.as_str()).collect::<Vec<_>>(), ["second-by-name", "a"]);
    assert_eq!(loaded[0].record, kept.record);
    assert_eq!(loaded[0].record.config.to_string(), kept.record.config.to_string(), "the order of keys is kept");
    assert_eq!(listing(&loaded[0]), listing(&kept));
    assert_eq!(loaded[0].trees.keys().collect::<Vec<_>>(), ["/data/", "/empty/"]);
    assert_eq!(blobs(temp.path()).len(), 1);
}

#[tokio::test]
async fn changes_and_sessions_are_applied_in_their_order() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("w", &[("a", dir()), ("a/b", file("1")), ("c", file("2"))])).await.unwrap();
    let changes = vec![removed("a/b"), removed("a"), put("a", file("now a file")), put("c", large(3)), removed("none")];
    let changed = Delta {
        sessions: vec![session("z-default", "/moved"), session("new", "/")],
        removed_sessions: vec!["a".into()],
        ..delta(changes)
    };
    store.apply("w", &changed).await.unwrap();
    store.apply("w", &delta(vec![put("d", file("x")), removed("d")])).await.unwrap();
    drop(store);

    let found = load(&open(temp.path()).await, "w").await;
    assert_eq!(listing(&found), [("a".to_owned(), file("now a file")), ("c".to_owned(), large(3))]);
    assert_eq!(found.record.sessions, [session("z-default", "/moved"), session("new", "/")]);
}

#[tokio::test]
async fn a_taken_or_unknown_id_changes_nothing_and_a_deleted_one_is_free_again() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("w", &[("old", large(1))])).await.unwrap();
    assert!(store.create(&workspace("w", &[("new", file("x"))])).await.is_err());
    assert!(store.clone_from("w", &record("w")).await.is_err());
    assert!(store.clone_from("none", &record("x")).await.is_err());
    let error = store.apply("none", &delta(vec![put("a", file("x"))])).await.unwrap_err();
    assert_eq!(error.to_string(), "workspace store: save changes of 'none': the store has no such workspace");
    assert_eq!(paths(&load(&store, "w").await), ["old"]);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM layers").await, 1);

    store.delete("w").await.unwrap();
    store.delete("w").await.unwrap();
    assert_eq!(count(&store, "SELECT COUNT(*) FROM layers").await, 0);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM entries").await, 0);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM sessions").await, 0);
    store.create(&workspace("w", &[("new", file("x"))])).await.unwrap();
    assert_eq!(paths(&load(&store, "w").await), ["new"]);
}

#[tokio::test]
async fn clones_diverge_and_outlive_their_source() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("a", &[("both", file("1")), ("gone", file("2")), ("kept", large(1))])).await.unwrap();
    store.clone_from("a", &record("b")).await.unwrap();
    store.apply("a", &delta(vec![put("both", file("a"))])).await.unwrap();
    store.apply("b", &delta(vec![removed("gone"), put("own", file("b"))])).await.unwrap();
    store.clone_from("b", &record("c")).await.unwrap();
    store.apply("b", &delta(vec![put("gone", file("again"))])).await.unwrap();

    assert_eq!(listing(&load(&store, "a").await)[0], ("both".to_owned(), file("a")));
    assert_eq!(paths(&load(&store, "a").await), ["both", "gone", "kept"]);
    assert_eq!(paths(&load(&store, "b").await), ["both", "gone", "kept", "own"]);
    assert_eq!(paths(&load(&store, "c").await), ["both", "kept", "own"]);

    store.delete("a").await.unwrap();
    store.delete("b").await.unwrap();
    drop(store);
    let store = open(temp.path()).await;
    let left = load(&store, "c").await;
    assert_eq!(listing(&left)[0], ("both".to_owned(), file("1")));
    assert_eq!(paths(&left), ["both", "kept", "own"]);
    store.delete("c").await.unwrap();
    assert_eq!(count(&store, "SELECT COUNT(*) FROM entries").await, 0);
}

#[tokio::test]
async fn a_clone_is_a_few_rows_whatever_the_number_of_files() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    let nodes: Vec<_> = (0..10_000).map(|n| (format!("f{n}"), file(format!("{n}")))).collect();
    let nodes: Vec<_> = nodes.iter().map(|(path, node)| (path.as_str(), node.clone())).collect();
    store.create(&workspace("a", &nodes)).await.unwrap();
    let before = count(&store, "SELECT COUNT(*) FROM entries").await;
    assert_eq!(before, 10_001);
    for n in 0..3 {
        store.clone_from("a", &record(&format!("clone-{n}"))).await.unwrap();
    }
    assert_eq!(count(&store, "SELECT COUNT(*) FROM entries").await, before);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM layers").await, 1 + 1 + 3, "an unchanged source is frozen once");
    let loaded = store.load_all().await.unwrap();
    assert_eq!(loaded.len(), 4);
    assert!(loaded[0].trees["/data/"].same(&loaded[1].trees["/data/"]), "clones share their tree again");
    assert_eq!(listing(&loaded[3]).len(), 10_000);
}

#[tokio::test]
async fn a_long_chain_is_shortened_and_says_the_same() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("w", &[("f0", file("0")), ("gone", large(9))])).await.unwrap();
    let steps = MAX_DEPTH * 3;
    for n in 1..=steps {
        store.clone_from("w", &record(&format!("then-{n}"))).await.unwrap();
        let mut changes = vec![put(&format!("f{n}"), file(format!("{n}"))), removed(&format!("f{}", n - 1))];
        if n == 3 {
            changes.push(removed("gone"));
        }
        store.apply("w", &delta(changes)).await.unwrap();
    }
    drop(store);
    let store = open(temp.path()).await;
    assert_eq!(paths(&load(&store, "w").await), [format!("f{steps}")]);
    assert_eq!(paths(&load(&store, "then-2").await), ["f1", "gone"]);
    assert_eq!(paths(&load(&store, "then-90").await), ["f89"]);
    let mut writer = store.inner.database.write(Durability::Power).await.unwrap();
    let mut transaction = writer.begin().await.unwrap();
    let own = layers::of_workspace(&mut transaction, "w").await.unwrap().unwrap();
    let depth = layers::below(&mut transaction, own).await.unwrap().len();
    assert!(depth < MAX_DEPTH, "{depth} layers");
}

#[tokio::test]
async fn checkpoints_that_are_gone_leave_nothing_behind() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("w", &[("f0", large(0)), ("stays", file("x"))])).await.unwrap();
    for n in 1..=5 {
        store.clone_from("w", &record("checkpoint")).await.unwrap();
        let changes = vec![put(&format!("f{n}"), large(n)), removed(&format!("f{}", n - 1))];
        store.apply("w", &delta(changes)).await.unwrap();
        store.delete("checkpoint").await.unwrap();
    }
    assert_eq!(count(&store, "SELECT COUNT(*) FROM layers").await, 1);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM entries").await, 3, "the mount and two files");
    assert_eq!(paths(&load(&store, "w").await), ["f5", "stays"]);
    store.collect_garbage().await.unwrap();
    assert_eq!(blobs(temp.path()).len(), 1);
}

#[tokio::test]
async fn exactly_the_unreferenced_blobs_are_reclaimed() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("a", &[("1", large(1)), ("2", large(2)), ("same", large(2))])).await.unwrap();
    store.clone_from("a", &record("b")).await.unwrap();
    store.apply("a", &delta(vec![put("1", large(3)), removed("2")])).await.unwrap();
    assert_eq!(store.collect_garbage().await.unwrap(), 0, "the clone still has them");

    let stray = blobs(temp.path())[0].parent().unwrap().join(".new-0000000000000000-x");
    fs::write(&stray, "left by a killed process").unwrap();
    drop(store);
    let store = open(temp.path()).await;
    store.delete("b").await.unwrap();
    store.collect_garbage().await.unwrap();
    assert!(!stray.exists());
    assert_eq!(blobs(temp.path()).len(), 2, "contents 2 and 3 of the first workspace stay");
    assert_eq!(listing(&load(&store, "a").await)[0], ("1".to_owned(), large(3)));
    store.delete("a").await.unwrap();
    store.collect_garbage().await.unwrap();
    assert_eq!(blobs(temp.path()).len(), 0);
}

#[tokio::test]
async fn a_file_that_changes_often_does_not_fill_the_disk() {
    let temp = tempfile::tempdir().unwrap();
    let mut store = open(temp.path()).await;
    while Arc::strong_count(&store.inner) > 1 {
        tokio::task::yield_now().await; // the collection after opening
    }
    let inner = Arc::get_mut(&mut store.inner).unwrap();
    Arc::get_mut(&mut inner.blobs).unwrap().patience = 10 * LARGE as u64;
    store.collect_garbage().await.unwrap();
    store.create(&workspace("w", &[])).await.unwrap();
    for n in 0..100 {
        store.apply("w", &delta(vec![put("f", large(n))])).await.unwrap();
        while blobs(temp.path()).len() > 30 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(listing(&load(&store, "w").await), [("f".to_owned(), large(99))]);
}

#[tokio::test]
async fn a_blob_that_is_about_to_be_referred_to_is_not_reclaimed() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("w", &[])).await.unwrap();
    let pins = store.inner.blobs.keep(&[Content::new(vec![7; LARGE])]).unwrap();
    assert_eq!(store.collect_garbage().await.unwrap(), 0);
    drop(pins);
    assert_eq!(store.collect_garbage().await.unwrap(), 1);

    // Deleting and writing the same content at once, many times: whatever the order, what is referred to is there.
    for n in 0..20 {
        store.create(&workspace("other", &[("f", large(n))])).await.unwrap();
        let written = delta(vec![put("f", large(n))]);
        let (deleted, applied) = tokio::join!(store.delete("other"), store.apply("w", &written));
        deleted.unwrap();
        applied.unwrap();
        store.collect_garbage().await.unwrap();
        assert_eq!(listing(&load(&store, "w").await), [("f".to_owned(), large(n))]);
    }
}

#[tokio::test]
async fn a_damaged_blob_is_named_and_takes_only_its_own_workspaces_along() {
    let temp = tempfile::tempdir().unwrap();
    let store = open(temp.path()).await;
    store.create(&workspace("hurt", &[("dir", dir()), ("dir/f", large(1))])).await.unwrap();
    store.create(&workspace("well", &[("f", large(2))])).await.unwrap();
    store.clone_from("hurt", &record("mended")).await.unwrap();
    store.apply("mended", &delta(vec![put("dir/f", file("new"))])).await.unwrap();
    let name = hex::encode(Content::new(vec![1; LARGE]).hash());
    let path = blobs(temp.path()).into_iter().find(|path| path.ends_with(&name)).unwrap();

    let ids = |loaded: Vec<StoredWorkspace>| loaded.into_iter().map(|found| found.record.id).collect::<Vec<_>>();
    for (harm, word) in
        [(vec![1; LARGE - 1], "99999 bytes instead of 100000"), (vec![3; LARGE], "its content has SHA-256")]
    {
        fs::write(&path, harm).unwrap();
        assert_eq!(ids(store.load_all().await.unwrap()), ["well", "mended"]);
        let damage = store.damages().remove(0).to_string();
        for part in ["workspace 'hurt'", "/data/dir/f", name.as_str(), word] {
            assert!(damage.contains(part), "{damage}");
        }
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(ids(store.load_all().await.unwrap()), ["well", "mended"]);

    // The right content is at hand again: the damage heals.
    store.apply("well", &delta(vec![put("again", large(1))])).await.unwrap();
    assert_eq!(ids(store.load_all().await.unwrap()), ["hurt", "well", "mended"]);
    assert!(store.damages().is_empty());
}
