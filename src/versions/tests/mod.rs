//! What the adapter does, through the port.

mod keeping;
mod namesakes;

use super::GitVersions;
use crate::workspace::{
    Captured, CapturedFiles, CapturedMount, Content, Differences, Nesting, Node, NodeKind, Owner, SessionRecord, Side,
    Tree, Versions, VersionsError,
};
use serde_json::{Value, json};

/// Versions in a directory that is gone at the end.
fn versions() -> (tempfile::TempDir, GitVersions) {
    let dir = tempfile::tempdir().unwrap();
    let versions = GitVersions::new(dir.path().join("repos"));
    (dir, versions)
}

fn owner(id: &str, created_ms: i64) -> Owner {
    Owner { id: id.to_owned(), created_ms: Some(created_ms) }
}

fn file(text: &str) -> Node {
    Node { kind: NodeKind::File(Content::new(text.to_owned())), mode: 0o644, modified_ms: 7 }
}

/// A `ram` mount at `/data/` with these files.
fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(path, file(text));
    }
    tree
}

fn captured(tree: &Tree) -> Captured {
    Captured {
        config: json!({"mounts": {"/data/": {"resource": "ram"}, "/s3/": {"resource": "s3"}}}),
        sessions: vec![SessionRecord {
            id: "default".into(),
            cwd: "/".into(),
            allowed_mounts: None,
            mount_modes: Default::default(),
            shell: Value::Null,
        }],
        mounts: vec![
            CapturedMount { prefix: "/data/".into(), resource: "ram".into(), files: CapturedFiles::Ram(tree.clone()) },
            CapturedMount { prefix: "/s3/".into(), resource: "s3".into(), files: CapturedFiles::Elsewhere },
        ],
        nesting: Nesting::new(["/data/", "/s3/"].map(str::to_owned)),
        max_disk_bytes: 1 << 20,
    }
}

fn commit(versions: &GitVersions, owner: &Owner, tree: &Tree) -> Result<String, VersionsError> {
    versions.commit(owner, "main", "", &|| captured(tree))
}

/// The files of `/data/` in a version.
fn read(versions: &GitVersions, owner: &Owner, reference: &str) -> Result<Tree, VersionsError> {
    versions.read(owner, reference).map(|mut version| version.mounts.remove("/data/").unwrap().tree)
}

fn texts(tree: &Tree) -> Vec<(String, String)> {
    let text = |node: &Node| match &node.kind {
        NodeKind::File(content) => String::from_utf8(content.bytes().to_vec()).unwrap(),
        other => format!("{other:?}"),
    };
    tree.walk("").map(|(path, node)| (path.to_string(), text(node))).collect()
}
