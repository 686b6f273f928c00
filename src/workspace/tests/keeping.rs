//! What reaches the store, and when.

use super::*;
use crate::workspace::{
    Change, Delta, Error, StoreError, StoredMount, StoredVersion, StoredWorkspace, WorkspaceRecord,
};
use async_trait::async_trait;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A store that is correct, slow in no way, and fails on demand.
#[derive(Default)]
struct MemoryStore {
    kept: Mutex<Vec<StoredWorkspace>>,
    applied: Mutex<Vec<Delta>>,
    broken: AtomicBool,
}

impl MemoryStore {
    fn check(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError { what: "apply".into(), source: "disk full".into() });
        }
        Ok(())
    }

    fn calls(&self) -> usize {
        self.applied.lock().unwrap().len()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load_all(&self) -> Result<Vec<StoredWorkspace>, StoreError> {
        Ok(self.kept.lock().unwrap().clone())
    }

    async fn create(&self, workspace: &StoredWorkspace) -> Result<(), StoreError> {
        self.check()?;
        self.kept.lock().unwrap().push(workspace.clone());
        Ok(())
    }

    async fn clone_from(&self, source: &str, record: &WorkspaceRecord) -> Result<(), StoreError> {
        let mut kept = self.kept.lock().unwrap();
        let trees = kept.iter().find(|kept| kept.record.id == source).unwrap().trees.clone();
        kept.push(StoredWorkspace { record: record.clone(), trees });
        Ok(())
    }

    async fn apply(&self, id: &str, delta: &Delta) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        self.check()?;
        let mut kept = self.kept.lock().unwrap();
        let workspace = kept.iter_mut().find(|kept| kept.record.id == id).expect("applied to a workspace that is kept");
        for (prefix, changes) in &delta.files {
            let tree = workspace.trees.entry(prefix.clone()).or_default();
            for change in changes {
                match change {
                    Change::Put(path, node) => tree.insert(path, node.clone()),
                    Change::Removed(path) => drop(tree.remove(path)),
                }
            }
        }
        let sessions = &mut workspace.record.sessions;
        sessions.retain(|session| !delta.removed_sessions.contains(&session.id));
        for record in &delta.sessions {
            match sessions.iter_mut().find(|session| session.id == record.id) {
                Some(session) => session.clone_from(record),
                None => sessions.push(record.clone()),
            }
        }
        self.applied.lock().unwrap().push(delta.clone());
        Ok(())
    }

    async fn delete(&self, id: &str) -> Result<(), StoreError> {
        self.kept.lock().unwrap().retain(|kept| kept.record.id != id);
        Ok(())
    }
}

async fn kept() -> (Arc<MemoryStore>, Workspaces, Arc<Workspace>) {
    let store = Arc::new(MemoryStore::default());
    let workspaces = open(Options::default(), Some(store.clone())).await;
    let config = json!({"mounts": {"/data": {"resource": "ram"}}, "env": {"FROM": "config"}});
    let config = WorkspaceConfig::from_json(&config).unwrap();
    let workspace = workspaces.create(Some("w".into()), config).await.unwrap();
    (store, workspaces, workspace)
}

async fn reopened(store: &Arc<MemoryStore>) -> (Workspaces, Arc<Workspace>) {
    let workspaces = open(Options::default(), Some(store.clone())).await;
    let workspace = workspaces.get("w").unwrap();
    (workspaces, workspace)
}

#[tokio::test]
async fn an_execution_that_changes_nothing_makes_no_call() {
    let (store, _all, ws) = kept().await;
    for command in
        ["echo hi", "echo hi | cat", "false", "nosuch", "ls / > /dev/null; cat /etc/hostname; (cd /tmp)", "if"]
    {
        run(&ws, command).await;
        assert_eq!(store.calls(), 0, "{command}: {:?}", store.applied.lock().unwrap());
    }
    run(&ws, "echo hi > /data/f").await;
    assert_eq!(store.calls(), 1);
    let delta = store.applied.lock().unwrap()[0].clone();
    assert_eq!((delta.files.len(), delta.files[0].1.len(), delta.sessions.len()), (1, 1, 0));
}

#[tokio::test]
async fn everything_acknowledged_is_there_after_a_restart() {
    let (store, all, ws) = kept().await;
    out(&ws, "echo 1 > /data/f; mkdir -p /tmp/d; cd /tmp/d; V=v; export E=e; f() { echo fn; }; declare -A m=([k]=x)")
        .await;
    ws.create_session(Some("s2".into()), Some(vec!["/data".into()])).await.unwrap();
    ws.create_session(Some("s3".into()), None).await.unwrap();
    ws.delete_session("s3").await.unwrap();
    drop((all, ws));
    let (_all, ws) = reopened(&store).await;
    assert_eq!(
        ws.sessions().iter().map(|s| (&*s.id, &*s.cwd)).collect::<Vec<_>>(),
        [("default", "/tmp/d"), ("s2", "/")]
    );
    assert_eq!(out(&ws, "pwd; cat /data/f; echo $V $E ${m[k]} $FROM; f").await, "/tmp/d\n1\nv e x config\nfn\n");
    let narrowed = ExecuteRequest { session_id: Some("s2".into()), ..request("cat /tmp/x") };
    assert_ne!(execute(&ws, narrowed).await.exit_code, 0);
}

#[tokio::test]
async fn changes_before_a_cancel_are_kept_and_variables_are_not() {
    let (store, _all, ws) = kept().await;
    let cancel = CancellationToken::new();
    let stop = async {
        while ws.state().trees["/data/"].is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let script = ws.execute(request("V=v; echo 1 > /data/f; sleep 100"), None, cancel.clone());
    let (outcome, ()) = tokio::join!(script, stop);
    assert_eq!(outcome.unwrap().end, crate::workspace::End::Cancelled);
    let (_all, ws) = reopened(&store).await;
    assert_eq!(out(&ws, "cat /data/f; echo [$V]").await, "1\n[]\n");
}

#[tokio::test]
async fn a_failed_store_is_an_error_and_the_next_call_catches_up() {
    let (store, _all, ws) = kept().await;
    store.broken.store(true, Ordering::SeqCst);
    let failed = ws.execute(request("echo 1 > /data/f; V=v"), None, CancellationToken::new()).await;
    assert!(matches!(failed, Err(Error::Store(_))));
    store.broken.store(false, Ordering::SeqCst);
    out(&ws, "echo 2 > /data/g").await;
    let (_all, ws) = reopened(&store).await;
    assert_eq!(out(&ws, "cat /data/f /data/g; echo $V").await, "1\n2\nv\n");
}

#[tokio::test]
async fn parallel_executions_lose_nothing() {
    let (store, _all, ws) = kept().await;
    for n in 0..4 {
        ws.create_session(Some(format!("s{n}")), None).await.unwrap();
    }
    let one = async |n: usize| {
        for i in 0..20 {
            let script = format!("echo {i} > /data/{n}-{i}; rm -f /data/{n}-{}; N={i}", i.max(1) - 1);
            execute(&ws, ExecuteRequest { session_id: Some(format!("s{n}")), ..request(&script) }).await;
        }
    };
    tokio::join!(one(0), one(1), one(2), one(3));
    let state = ws.state();
    let stored = store.kept.lock().unwrap()[0].clone();
    assert_eq!(stored.trees["/data/"].changes_since(&state.trees["/data/"]), []);
    assert_eq!(stored.trees["/data/"].len(), 4);
    drop(stored);
    let (_all, ws) = reopened(&store).await;
    let outcome = execute(&ws, ExecuteRequest { session_id: Some("s3".into()), ..request("echo $N") }).await;
    assert_eq!(outcome.stdout, "19\n");
}

#[tokio::test]
async fn deleting_cancels_and_nothing_is_written_afterwards() {
    let (store, all, ws) = kept().await;
    let (started, mut has_started) = tokio::sync::mpsc::unbounded_channel();
    struct Tell(tokio::sync::mpsc::UnboundedSender<()>);
    impl crate::workspace::OutputSink for Tell {
        fn write(&self, _: crate::workspace::Stream, _: &[u8]) {
            let _ = self.0.send(());
        }
    }
    let script = request("echo 1 > /data/f; echo started; sleep 1000");
    let running = ws.execute(script, Some(Arc::new(Tell(started))), CancellationToken::new());
    let delete = async {
        has_started.recv().await;
        all.delete("w").await
    };
    let (outcome, deleted) = tokio::join!(running, delete);
    deleted.unwrap();
    assert_eq!(outcome.unwrap().end, crate::workspace::End::Cancelled);
    assert!(store.kept.lock().unwrap().is_empty());
    let after = ws.execute(request(":"), None, CancellationToken::new()).await;
    assert!(matches!(after, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_clone_is_kept_with_what_its_source_has_now() {
    let (store, all, ws) = kept().await;
    out(&ws, "echo 1 > /data/f; V=v").await;
    all.clone_workspace("w", Some("c".into())).await.unwrap();
    out(&ws, "echo 2 > /data/f").await;
    let (all, _) = reopened(&store).await;
    assert_eq!(out(&all.get("c").unwrap(), "cat /data/f; echo $V").await, "1\nv\n");
}

#[tokio::test]
async fn adopting_is_checked_like_creating() {
    let (_store, all, ws) = kept().await;
    out(&ws, "echo 1 > /data/f").await;
    let mut stored = ws.state();
    assert!(matches!(all.adopt(stored.clone()).await, Err(Error::Exists { .. })));
    stored.record.id = "adopted".into();
    let adopted = all.adopt(stored.clone()).await.unwrap();
    assert_eq!(out(&adopted, "cat /data/f").await, "1\n");
    stored.record.id = "other".into();
    stored.record.config = json!({"mounts": {"/d": {"resource": "disk", "config": {"root": "/"}}}});
    assert!(matches!(all.adopt(stored).await, Err(Error::Refused { rule: "disk_roots", .. })));
}

/// The workspace as it is, as a version of it would be read back.
fn version_of(ws: &Workspace) -> StoredVersion {
    let state = ws.state();
    let mount = |(prefix, tree)| (prefix, StoredMount { resource: "ram".into(), tree });
    StoredVersion {
        id: "1".into(),
        config: state.record.config,
        sessions: state.record.sessions,
        mounts: state.trees.into_iter().map(mount).collect(),
    }
}

#[tokio::test]
async fn what_is_restored_is_in_the_store_before_anyone_hears_of_it_or_not_at_all() {
    let (store, _all, ws) = kept().await;
    run(&ws, "echo old > /data/f; echo old > /tmp/f; mkdir /data/d; cd /data/d").await;
    let version = version_of(&ws);
    run(&ws, "echo new > /data/f; rm -r /data/d; echo more > /data/g; echo new > /tmp/f; cd /tmp").await;
    let shown = "cat /data/f /tmp/f; ls /data; pwd";
    let new = out(&ws, shown).await;
    store.broken.store(true, Ordering::SeqCst);
    assert!(matches!(ws.restore(version.clone()).await, Err(Error::Store(_))));
    assert_eq!(out(&ws, shown).await, new);
    store.broken.store(false, Ordering::SeqCst);
    let calls = store.calls();
    ws.restore(version).await.unwrap();
    assert_eq!(store.calls(), calls + 1);
    assert_eq!(out(&ws, shown).await, "old\nold\nd\nf\n/data/d\n");
    let (_all, reopened) = reopened(&store).await;
    assert_eq!(out(&reopened, shown).await, "old\nold\nd\nf\n/data/d\n");
    run(&ws, "echo after > /data/f").await;
    assert_eq!(out(&ws, "cat /data/f").await, "after\n");
}

#[tokio::test]
async fn limits_hold_for_what_is_restored_and_room_is_counted_once() {
    let options = Options { max_workspace_bytes: 1000, max_file_bytes: 600, ..Options::default() };
    let workspaces = open(options, None).await;
    let config = WorkspaceConfig::from_json(&json!({"mounts": {"/data": {"resource": "ram"}}})).unwrap();
    let ws = workspaces.create(Some("w".into()), config).await.unwrap();
    run(&ws, "printf '%0500d' 1 > /data/f; printf '%0400d' 1 > /data/g").await;
    let version = version_of(&ws);
    for _ in 0..5 {
        run(&ws, "rm /data/f").await;
        ws.restore(version.clone()).await.unwrap();
    }
    assert_eq!(run(&ws, "printf '%0050d' 1 > /data/h").await.0, 0);
    assert_ne!(run(&ws, "printf '%0100d' 1 > /data/i").await.0, 0);
    let mut large = version.clone();
    let node = large.mounts["/data/"].tree.get("f").unwrap().clone();
    for name in ["x", "y"] {
        large.mounts.get_mut("/data/").unwrap().tree.insert(name, node.clone());
    }
    let before = out(&ws, "ls /data").await;
    assert!(matches!(ws.restore(large).await, Err(Error::TooLarge { .. })));
    assert_eq!(out(&ws, "ls /data").await, before);
}
