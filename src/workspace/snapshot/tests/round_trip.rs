//! What is written comes back, can be listed, and is the same for equal states; what the reference writes is read.

use super::{Archive, file, listing, load_snapshot};
use crate::workspace::snapshot::{DiskEntry, DiskFiles, DiskKind, REDACTED, write};
use crate::workspace::{Node, NodeKind, SessionRecord, StoredWorkspace, Tree, WorkspaceRecord};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Read};

struct Disk;

impl DiskFiles for Disk {
    fn prefix(&self) -> &str {
        "/disk/"
    }

    fn entries(&self) -> io::Result<Vec<DiskEntry>> {
        let entry = |path: &str, kind, mode| DiskEntry { path: path.into(), kind, mode, modified_ms: 5_000 };
        Ok(vec![
            entry("sub/b", DiskKind::File(3), 0o600),
            entry("link", DiskKind::Symlink("sub/b".into()), 0o777),
            entry("sub", DiskKind::Directory, 0o755),
        ])
    }

    fn open(&self, _: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(&b"bbb, and what was appended meanwhile"[..]))
    }
}

struct Shrinking;

impl DiskFiles for Shrinking {
    fn prefix(&self) -> &str {
        "/disk/"
    }

    fn entries(&self) -> io::Result<Vec<DiskEntry>> {
        Ok(vec![DiskEntry { path: "f".into(), kind: DiskKind::File(3), mode: 0o644, modified_ms: 0 }])
    }

    fn open(&self, _: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(&b"b"[..]))
    }
}

fn session(id: &str) -> SessionRecord {
    SessionRecord {
        id: id.into(),
        cwd: "/data".into(),
        allowed_mounts: Some(vec!["/data/".into()]),
        mount_modes: [("/data/".into(), crate::workspace::Mode::Read)].into(),
        shell: json!({"v": 1}),
    }
}

fn sample() -> StoredWorkspace {
    let long = format!("{}/{}", "d".repeat(200), "f".repeat(150));
    let mut tree = Tree::new();
    let nodes = [
        ("bin", file((0..=255u8).cycle().take(300_000).collect::<Vec<_>>())),
        ("block", file(vec![b'x'; 512])),
        ("dir", Node { kind: NodeKind::Directory, mode: 0o700, modified_ms: 12_345 }),
        ("dir/ein \"Name\" mit ü\nund Zeilenende", file("x")),
        ("empty", Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: 0 }),
        ("link", Node { kind: NodeKind::Symlink("/data/bin".into()), mode: 0o777, modified_ms: 9 }),
        ("nothing", file("")),
        ("old", Node { modified_ms: -1, ..file("before 1970") }),
        ("run.sh", Node { mode: 0o755, ..file("#!") }),
        ("manifest.json", file("{}")),
        (&"d".repeat(200), Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: 0 }),
        (&long, file("long")),
    ];
    for (path, node) in nodes {
        tree.insert(path, node);
    }
    let config = json!({"mode": "write", "mounts": {
        "/data": {"resource": "ram", "mode": "exec"},
        "/empty/": {"resource": "ram"},
        "disk": {"resource": "disk", "config": {"root": "/srv"}},
        "/s3/": {"resource": "s3", "mode": "read", "config": {"bucket": "b", "aws_secret_access_key": "hush"}},
    }});
    let sessions = vec![session("main"), session("a")];
    StoredWorkspace {
        record: WorkspaceRecord { id: "w".into(), config, created_ms: 1_234, sessions },
        trees: BTreeMap::from([("/data/".to_owned(), tree), ("/empty/".to_owned(), Tree::new())]),
    }
}

fn written(workspace: &StoredWorkspace) -> Vec<u8> {
    let mut out = Vec::new();
    write(workspace, &[&Disk], &mut out).unwrap();
    out
}

fn manifest(archive: &[u8]) -> Value {
    let mut archive = tar::Archive::new(archive);
    serde_json::from_reader(archive.entries().unwrap().next().unwrap().unwrap()).unwrap()
}

#[test]
fn a_workspace_comes_back() {
    let saved = sample();
    let loaded = load_snapshot(&written(&saved));
    assert_eq!(loaded.id.as_deref(), Some("w"));
    assert_eq!(loaded.created_ms, Some(1_234));
    assert_eq!(loaded.sessions.iter().map(|session| session.record.clone()).collect::<Vec<_>>(), saved.record.sessions);

    let mounts: Vec<_> = loaded
        .mounts
        .iter()
        .map(|mount| (mount.prefix.as_str(), mount.resource, mount.mode.as_deref().unwrap(), mount.needs_override))
        .collect();
    assert_eq!(
        mounts,
        [
            ("/data/", "ram", "exec", false),
            ("/disk/", "disk", "write", false),
            ("/empty/", "ram", "write", false),
            ("/s3/", "s3", "read", true)
        ]
    );
    assert_eq!(listing(&loaded.mounts[0].tree), listing(&saved.trees["/data/"]));
    let disk = listing(&loaded.mounts[1].tree);
    assert_eq!(disk.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["link", "sub", "sub/b"]);
    assert_eq!(disk[0].1.kind, NodeKind::Symlink("sub/b".into()));
    assert_eq!(disk[2].1, Node { mode: 0o600, modified_ms: 5_000, ..file("bbb") });
    assert!(loaded.mounts[2].tree.is_empty());
    assert_eq!(loaded.mounts[3].config, json!({"bucket": "b", "aws_secret_access_key": REDACTED}));

    let mut config = saved.record.config.clone();
    config["mounts"]["/s3/"]["config"]["aws_secret_access_key"] = REDACTED.into();
    assert_eq!(loaded.config, config);
}

#[test]
fn the_archive_lists_the_files_by_their_names_after_the_manifest() {
    let bytes = written(&sample());
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut names = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(
            (header.mode().unwrap(), header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()),
            (0o644, 0, 0, 0)
        );
        names.push(entry.path().unwrap().to_str().unwrap().to_owned());
    }
    assert_eq!(names[0], "manifest.json");
    for name in ["mounts/0/files/bin", "mounts/0/files/dir/ein \"Name\" mit ü\nund Zeilenende", "mounts/1/files/sub/b"]
    {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
    assert!(names.contains(&format!("mounts/0/files/{}/{}", "d".repeat(200), "f".repeat(150))));

    let manifest = manifest(&bytes);
    assert_eq!(manifest["version"], 2);
    let state = &manifest["mounts"][0]["resource_state"];
    assert_eq!(state["files"]["/bin"], json!({"__file": "mounts/0/files/bin"}));
    assert_eq!(state["modified"]["/bin"], "2023-11-14T22:13:20.123Z");
    assert_eq!(state["dirs"], json!(["/", format!("/{}", "d".repeat(200)), "/dir", "/empty"]));
    assert_eq!(manifest["mounts"][1]["resource_state"]["files"]["sub/b"]["__file"], "mounts/1/files/sub/b");
    assert_eq!(manifest["default_session_id"], "main");
    for empty in ["history", "jobs", "fingerprints", "live_only_mounts"] {
        assert_eq!(manifest[empty], json!([]));
    }
    assert!(!String::from_utf8_lossy(&bytes).contains("hush"));
}

#[test]
fn equal_states_give_equal_bytes() {
    let first = written(&sample());
    assert_eq!(first, written(&sample()));
    let mut other = sample();
    other.trees.get_mut("/data/").unwrap().insert("run.sh", Node { mode: 0o700, ..file("#!") });
    assert_ne!(first, written(&other));
}

#[test]
fn a_disk_file_that_shrinks_is_an_error_and_not_a_broken_archive() {
    let error = write(&sample(), &[&Shrinking], &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "'mounts/1/files/f' became shorter while it was saved");
}

fn reference(version: u32, key: &str, class: &str) -> Vec<u8> {
    let mount = json!({
        "index": 0, "prefix": "/data", "mode": "write", "consistency": "lazy",
        format!("{key}_class"): class, format!("{key}_ref"): null,
        format!("{key}_state"): {
            "type": "ram", "needs_override": false, "redacted_fields": [],
            "files": {"/x": {"__file": "mounts/0/files/0.bin"}, "/sub/y": {"__file": "mounts/0/files/1.bin"}},
            "dirs": ["/", "/sub"], "modified": {"/x": "2026-01-02T03:04:05.678901+00:00", "/sub/y": "when?"}, "attrs": {},
        },
    });
    let manifest = json!({
        "version": version, "mirage_version": "0.0.2", "mounts": [mount],
        "sessions": [{"session_id": "s1", "cwd": "/", "env": {}, "created_at": 1.5},
                     {"session_id": "default", "cwd": "/data", "env": {"A": "b", "N": 1}, "created_at": 1.5, "generation": 3}],
        "default_session_id": "default", "default_agent_id": null, "current_agent_id": "x",
        "cache": {"limit": 5, "max_drain_bytes": null, "entries": [{"key": "k", "data": {"__file": "cache/blobs/_cache/0.bin"}}]},
        "history": [{"agent": "a", "stdin": null}], "jobs": [{}], "fingerprints": [1], "live_only_mounts": ["x"], "env": {},
    });
    Archive::default()
        .file("manifest.json", manifest.to_string().as_bytes())
        .file("mounts/0/files/0.bin", b"xx")
        .file("mounts/0/files/1.bin", b"yy")
        .file("cache/blobs/_cache/0.bin", b"cached")
        .end()
}

#[test]
fn snapshots_of_the_reference_are_read() {
    for (version, key, class) in [
        (2, "resource", "some.package.resource.ram.RAMResource"),
        (3, "resource", "some.package.ram:RAMResource"),
        (5, "vfs", "some.package.ram.RamVFS"),
    ] {
        let loaded = load_snapshot(&reference(version, key, class));
        assert_eq!((loaded.id, loaded.created_ms), (None, None));
        assert_eq!(
            loaded.config,
            json!({"mounts": {"/data/": {"resource": "ram", "mode": "write", "consistency": "lazy"}}})
        );
        let tree = listing(&loaded.mounts[0].tree);
        assert_eq!(tree.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["sub", "sub/y", "x"]);
        assert_eq!(tree[2].1, Node { modified_ms: 1_767_323_045_678, ..file("xx") });
        assert_eq!(tree[1].1, Node { modified_ms: 0, ..file("yy") });
        assert_eq!(loaded.sessions[0].record.id, "default");
        assert_eq!(loaded.sessions[0].env, BTreeMap::from([("A".to_owned(), "b".to_owned())]));
        assert_eq!(loaded.sessions[1].record.id, "s1");
    }
}
