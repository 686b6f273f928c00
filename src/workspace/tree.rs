//! The `ram` filesystem's state: a persistent map of paths to inodes.
//!
//! A [`Tree`] is a value. Cloning one is O(1) whatever its size, because the map shares its structure and every file
//! shares its content; that is what makes cloning a workspace, a checkpoint and the start of a snapshot free. Pure data:
//! no locks, no modes of mounts, no host.

use bytes::Bytes;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use sha2::{Digest, Sha256};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

/// A file's bytes, shared by every tree that holds them, with their SHA-256 computed at most once.
#[derive(Debug, Clone)]
pub struct Content(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bytes: Bytes,
    hash: OnceLock<[u8; 32]>,
}

impl Content {
    /// Content of these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(Arc::new(Inner { bytes: bytes.into(), hash: OnceLock::new() }))
    }

    /// The bytes; cheap to clone.
    pub fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    /// SHA-256 of the bytes.
    pub fn hash(&self) -> &[u8; 32] {
        self.0.hash.get_or_init(|| Sha256::digest(&self.0.bytes).into())
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// A regular file.
    File(Content),
    /// A directory. The root has no node of its own.
    Directory,
    /// A symbolic link and its target, as written.
    Symlink(Arc<str>),
}

/// An inode: what is there, its permission bits, and when it was last changed (milliseconds since 1970 UTC).
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What is at the path.
    pub kind: NodeKind,
    /// Permission bits, e.g. `0o644`.
    pub mode: u32,
    /// Last change of the content, milliseconds since 1970 UTC.
    pub modified_ms: i64,
}

impl Node {
    /// The length `stat` shows: bytes of a file, length of a link's target, 0 for a directory.
    pub fn len(&self) -> u64 {
        match &self.kind {
            NodeKind::File(content) => content.bytes().len() as u64,
            NodeKind::Symlink(target) => target.len() as u64,
            NodeKind::Directory => 0,
        }
    }

    /// Whether [`Node::len`] is 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, NodeKind::Directory)
    }
}

/// One difference between two trees. Paths are relative, as in [`Tree`].
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The path is new or its node differs.
    Put(Arc<str>, Node),
    /// The path is gone.
    Removed(Arc<str>),
}

/// Paths to inodes. A path is relative to the mount, `/`-separated, without leading or trailing slash, without `.` and
/// `..`; the root is `""`, always there, and not stored.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    nodes: OrdMap<Arc<str>, Node>,
    bytes: u64,
}

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The node at `path`; none for the root, which has no node.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// Whether `path` is the root or an existing directory.
    pub fn is_dir(&self, path: &str) -> bool {
        path.is_empty() || self.get(path).is_some_and(Node::is_dir)
    }

    /// Puts a node at `path`, replacing what was there. The caller has seen to it that the parent is a directory.
    pub fn insert(&mut self, path: &str, node: Node) {
        self.bytes += node.len();
        if let Some(old) = self.nodes.insert(path.into(), node) {
            self.bytes -= old.len();
        }
    }

    /// Takes the node at `path` away, without looking below it.
    pub fn remove(&mut self, path: &str) -> Option<Node> {
        let old = self.nodes.remove(path)?;
        self.bytes -= old.len();
        Some(old)
    }

    /// Takes away everything below `path` and `path` itself (the root: everything below it). Returns how many nodes went.
    pub fn remove_all(&mut self, path: &str) -> usize {
        let doomed: Vec<Arc<str>> = self.walk(path).map(|(path, _)| path.clone()).collect();
        let mut removed = doomed.len();
        for path in doomed {
            self.remove(&path);
        }
        removed += usize::from(self.remove(path).is_some());
        removed
    }

    /// Moves `from` and everything below it to `to`, replacing what is at `to`.
    pub fn rename(&mut self, from: &str, to: &str) {
        let moved: Vec<(String, Node)> =
            self.walk(from).map(|(path, node)| (format!("{to}{}", &path[from.len()..]), node.clone())).collect();
        let top = self.get(from).cloned();
        self.remove_all(from);
        self.remove_all(to);
        if let Some(node) = top {
            self.insert(to, node);
        }
        for (path, node) in moved {
            self.insert(&path, node);
        }
    }

    /// The direct children of a directory, `(name, node)`, in byte order of their names' paths.
    pub fn children<'a>(&'a self, dir: &str) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let mut next = prefix.clone();
        std::iter::from_fn(move || {
            loop {
                let (path, node) =
                    self.nodes.range::<_, str>((Bound::Included(next.as_str()), Bound::Unbounded)).next()?;
                let name = path.strip_prefix(prefix.as_str())?;
                if let Some((child, _)) = name.split_once('/') {
                    // Below a child already seen: jump behind its subtree ('0' follows '/').
                    next = format!("{prefix}{child}0");
                    continue;
                }
                next = format!("{path}\0");
                return Some((name, node));
            }
        })
    }

    /// Everything below `path`, not `path` itself, parents before children.
    pub fn walk<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a Arc<str>, &'a Node)> + use<'a> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        self.nodes
            .range::<_, str>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .take_while(move |(path, _)| path.starts_with(prefix.as_str()))
    }

    /// Number of nodes, the root not counted.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Sum of all [`Node::len`].
    pub fn total_bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether both are the very same value: O(1), may say no for equal trees that were built apart.
    pub fn same(&self, other: &Self) -> bool {
        self.nodes.ptr_eq(&other.nodes)
    }

    /// What turns `older` into `self`. Shared parts are skipped, so the cost is that of the difference.
    pub fn changes_since(&self, older: &Self) -> Vec<Change> {
        older
            .nodes
            .diff(&self.nodes)
            .map(|item| match item {
                DiffItem::Add(path, node) => Change::Put(path.clone(), node.clone()),
                DiffItem::Update { new: (path, node), .. } => Change::Put(path.clone(), node.clone()),
                DiffItem::Remove(path, _) => Change::Removed(path.clone()),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Node {
        Node { kind: NodeKind::File(Content::new(text.to_owned())), mode: 0o644, modified_ms: 1 }
    }

    fn dir() -> Node {
        Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: 1 }
    }

    fn sample() -> Tree {
        let mut tree = Tree::new();
        tree.insert("a", dir());
        tree.insert("a/b", dir());
        tree.insert("a/b/c", file("ccc"));
        tree.insert("a-x", file("x"));
        tree.insert("a/d", file("dd"));
        tree
    }

    #[test]
    fn children_are_direct_and_a_name_that_sorts_between_does_not_hide_any() {
        let tree = sample();
        assert_eq!(tree.children("").map(|(name, _)| name).collect::<Vec<_>>(), ["a", "a-x"]);
        assert_eq!(tree.children("a").map(|(name, _)| name).collect::<Vec<_>>(), ["b", "d"]);
        assert_eq!(tree.children("a/d").count(), 0);
    }

    #[test]
    fn rename_moves_the_subtree_and_only_it() {
        let mut tree = sample();
        tree.rename("a", "z");
        let paths: Vec<_> = tree.walk("").map(|(path, _)| path.to_string()).collect();
        assert_eq!(paths, ["a-x", "z", "z/b", "z/b/c", "z/d"]);
        assert_eq!(tree.total_bytes(), 6);
    }

    #[test]
    fn changes_are_what_was_put_and_removed() {
        let older = sample();
        let mut newer = older.clone();
        assert!(newer.same(&older));
        newer.insert("a/d", file("new"));
        newer.remove_all("a/b");
        assert_eq!(
            newer.changes_since(&older),
            [Change::Removed("a/b".into()), Change::Removed("a/b/c".into()), Change::Put("a/d".into(), file("new")),]
        );
        assert_eq!(newer.total_bytes(), 4);
    }
}
