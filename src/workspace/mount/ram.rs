//! The `ram` filesystem: a lock around a [`Tree`].
//!
//! Readers clone a `Content`, which shares the bytes. Appending keeps the file's end open in a growing buffer until
//! something else looks at it, so that a loop of `>>` costs what it writes and not the square of it.

use super::filesystem::{Entry, Filesystem, Kind, Metadata, errno, parent, resized, spliced};
use super::usage::Usage;
use crate::base::unix_ms;
use crate::workspace::{Content, Node, NodeKind, Tree};
use bytes::Bytes;
use std::io::{self, ErrorKind};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Files in memory.
pub struct RamFilesystem {
    state: RwLock<State>,
    usage: Arc<Usage>,
}

struct State {
    tree: Tree,
    /// The file that is being appended to; the tree still has its older, shorter content.
    open: Option<Open>,
}

struct Open {
    path: String,
    bytes: Vec<u8>,
    modified_ms: i64,
}

impl State {
    /// Brings the tree up to date: the buffer becomes the content, without the room that it had left to grow.
    fn close(&mut self) {
        if let Some(mut open) = self.open.take()
            && let Some(node) = self.tree.get(&open.path)
        {
            let mode = node.mode;
            open.bytes.shrink_to_fit();
            let kind = NodeKind::File(Content::new(open.bytes));
            self.tree.insert(&open.path, Node { kind, mode, modified_ms: open.modified_ms });
        }
    }

    fn open_at(&self, path: &str) -> Option<&Open> {
        self.open.as_ref().filter(|open| open.path == path)
    }

    fn metadata(&self, path: &str) -> io::Result<Metadata> {
        let node = match self.tree.get(path) {
            Some(node) => node,
            None if path.is_empty() => return Ok(directory(0)),
            None => return Err(self.missing(path)),
        };
        let mut metadata = describe(node);
        if let Some(open) = self.open_at(path) {
            metadata.size = open.bytes.len() as u64;
            metadata.modified_ms = open.modified_ms;
        }
        Ok(metadata)
    }

    /// Why `path` is not there: an ancestor is a file, or it just is not.
    fn missing(&self, path: &str) -> io::Error {
        let mut at = parent(path);
        while !at.is_empty() {
            if let Some(node) = self.tree.get(at) {
                let is_file = matches!(node.kind, NodeKind::File(_));
                return errno(if is_file { ErrorKind::NotADirectory } else { ErrorKind::NotFound });
            }
            at = parent(at);
        }
        errno(ErrorKind::NotFound)
    }

    /// Refuses a new path whose parent is not a directory.
    fn below_a_directory(&self, path: &str) -> io::Result<()> {
        if self.tree.is_dir(parent(path)) { Ok(()) } else { Err(self.missing(path)) }
    }

    /// As [`State::below_a_directory`]; refuses one entry more than the limit, too.
    fn room_for(&self, path: &str, usage: &Usage) -> io::Result<()> {
        self.below_a_directory(path)?;
        if self.tree.len() as u64 >= usage.limits().max_entries {
            return Err(errno(ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn node(&self, path: &str) -> io::Result<&Node> {
        self.tree.get(path).ok_or_else(|| self.missing(path))
    }
}

impl RamFilesystem {
    /// A filesystem that starts with `tree`, which counts towards `usage` whatever its size.
    pub fn new(tree: Tree, usage: Arc<Usage>) -> Self {
        usage.add(tree.total_bytes());
        Self { state: RwLock::new(State { tree, open: None }), usage }
    }

    /// The files as they are now. O(1).
    pub fn tree(&self) -> Tree {
        let state = self.shared();
        if state.open.is_none() {
            return state.tree.clone();
        }
        drop(state);
        self.settled().tree.clone()
    }

    /// Replaces all files in one step, whatever the limits; returns what was there.
    pub fn swap(&self, tree: Tree) -> Tree {
        let mut state = self.settled();
        self.usage.add(tree.total_bytes());
        let old = std::mem::replace(&mut state.tree, tree);
        self.usage.give_back(old.total_bytes());
        old
    }

    // A poisoned lock means a panic between two complete values of the tree: nothing to repair.
    fn shared(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn exclusive(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn settled(&self) -> RwLockWriteGuard<'_, State> {
        let mut state = self.exclusive();
        state.close();
        state
    }

    fn put(&self, path: &str, content: Bytes) -> io::Result<()> {
        self.put_in(&mut self.settled(), path, content)
    }

    /// Replaces the content of a file that is there by what `edit` makes of it, with nobody in between.
    fn edit(&self, path: &str, largest: u64, edit: impl FnOnce(&Bytes) -> io::Result<Bytes>) -> io::Result<()> {
        let mut state = self.settled();
        if path.is_empty() {
            return Err(errno(ErrorKind::IsADirectory));
        }
        let old = file_bytes(state.node(path)?)?;
        // Before it is made: the length comes from outside.
        if largest > self.usage.limits().max_file_bytes.max(old.len() as u64) {
            return Err(errno(ErrorKind::FileTooLarge));
        }
        self.put_in(&mut state, path, edit(&old)?)
    }

    fn put_in(&self, state: &mut State, path: &str, content: Bytes) -> io::Result<()> {
        let (before, mode) = match state.tree.get(path) {
            Some(Node { kind: NodeKind::File(old), mode, .. }) => (old.bytes().len() as u64, *mode),
            Some(node) if node.is_dir() => return Err(errno(ErrorKind::IsADirectory)),
            Some(_) => return Err(errno(ErrorKind::NotFound)),
            None if path.is_empty() => return Err(errno(ErrorKind::IsADirectory)),
            None => {
                state.room_for(path, &self.usage)?;
                (0, 0o644)
            }
        };
        self.usage.resize(before, content.len() as u64)?;
        let kind = NodeKind::File(Content::new(content));
        state.tree.insert(path, Node { kind, mode, modified_ms: unix_ms() });
        Ok(())
    }
}

impl Drop for RamFilesystem {
    fn drop(&mut self) {
        let state = self.settled();
        self.usage.give_back(state.tree.total_bytes());
    }
}

impl Filesystem for RamFilesystem {
    fn stat(&self, path: &str) -> io::Result<Metadata> {
        self.shared().metadata(path)
    }

    fn read(&self, path: &str) -> io::Result<Bytes> {
        let state = self.shared();
        if state.open_at(path).is_some() {
            drop(state);
            return file_bytes(self.settled().node(path)?);
        }
        if path.is_empty() {
            return Err(errno(ErrorKind::IsADirectory));
        }
        file_bytes(state.node(path)?)
    }

    fn write(&self, path: &str, content: Bytes) -> io::Result<()> {
        self.put(path, content)
    }

    fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let mut state = self.exclusive();
        if state.open_at(path).is_none() {
            state.close();
            let old = match state.tree.get(path) {
                Some(Node { kind: NodeKind::File(old), .. }) => old.bytes().clone(),
                _ => {
                    drop(state);
                    return self.put(path, Bytes::copy_from_slice(content));
                }
            };
            let mut bytes = Vec::with_capacity((old.len() + content.len()) * 2);
            bytes.extend_from_slice(&old);
            state.open = Some(Open { path: path.to_owned(), bytes, modified_ms: unix_ms() });
        }
        if let Some(open) = &mut state.open {
            let before = open.bytes.len() as u64;
            self.usage.resize(before, before + content.len() as u64)?;
            open.bytes.extend_from_slice(content);
            open.modified_ms = unix_ms();
        }
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        let state = self.shared();
        if !state.tree.is_dir(path) {
            state.node(path)?;
            return Err(errno(ErrorKind::NotADirectory));
        }
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let entry = |(name, node): (&str, &Node)| {
            let metadata = match &state.open {
                Some(_) => state.metadata(&below(name)).unwrap_or_else(|_| describe(node)),
                None => describe(node),
            };
            Entry { name: name.to_owned(), metadata }
        };
        Ok(state.tree.children(path).map(entry).collect())
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        let mut state = self.exclusive();
        if path.is_empty() || state.tree.get(path).is_some() {
            return Err(errno(ErrorKind::AlreadyExists));
        }
        state.room_for(path, &self.usage)?;
        state.tree.insert(path, Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: unix_ms() });
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.settled();
        let node = state.node(path)?;
        if node.is_dir() && state.tree.children(path).next().is_some() {
            return Err(errno(ErrorKind::DirectoryNotEmpty));
        }
        if let Some(old) = state.tree.remove(path) {
            self.usage.give_back(old.len());
        }
        Ok(())
    }

    fn remove_all(&self, path: &str) -> io::Result<()> {
        let mut state = self.settled();
        state.node(path)?;
        let before = state.tree.total_bytes();
        state.tree.remove_all(path);
        self.usage.give_back(before - state.tree.total_bytes());
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.settled();
        let moved_dir = state.node(from)?.is_dir();
        if from == to {
            return Ok(());
        }
        if to.is_empty() || to.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
            return Err(errno(ErrorKind::InvalidInput));
        }
        match state.tree.get(to) {
            Some(node) if node.is_dir() && !moved_dir => return Err(errno(ErrorKind::IsADirectory)),
            Some(node) if node.is_dir() && state.tree.children(to).next().is_some() => {
                return Err(errno(ErrorKind::DirectoryNotEmpty));
            }
            Some(node) if !node.is_dir() && moved_dir => return Err(errno(ErrorKind::NotADirectory)),
            Some(_) => {}
            None => state.below_a_directory(to)?,
        }
        let before = state.tree.total_bytes();
        state.tree.rename(from, to);
        self.usage.give_back(before - state.tree.total_bytes());
        Ok(())
    }

    fn symlink(&self, target: &str, link: &str) -> io::Result<()> {
        let mut state = self.settled();
        if link.is_empty() || state.tree.get(link).is_some() {
            return Err(errno(ErrorKind::AlreadyExists));
        }
        state.room_for(link, &self.usage)?;
        self.usage.resize(0, target.len() as u64)?;
        let kind = NodeKind::Symlink(target.into());
        state.tree.insert(link, Node { kind, mode: 0o777, modified_ms: unix_ms() });
        Ok(())
    }

    fn read_link(&self, path: &str) -> io::Result<String> {
        match &self.shared().node(path)?.kind {
            NodeKind::Symlink(target) => Ok(target.to_string()),
            _ => Err(errno(ErrorKind::InvalidInput)),
        }
    }

    fn set_mode(&self, path: &str, mode: u32) -> io::Result<()> {
        if path.is_empty() {
            return Ok(()); // the root has no node to keep it
        }
        let mut state = self.settled();
        let node = Node { mode: mode & 0o7777, ..state.node(path)?.clone() };
        state.tree.insert(path, node);
        Ok(())
    }

    fn set_modified(&self, path: &str, modified_ms: i64) -> io::Result<()> {
        if path.is_empty() {
            return Ok(());
        }
        let mut state = self.settled();
        let node = Node { modified_ms, ..state.node(path)?.clone() };
        state.tree.insert(path, node);
        Ok(())
    }

    fn write_at(&self, path: &str, offset: u64, content: &[u8]) -> io::Result<()> {
        let end = if content.is_empty() { 0 } else { offset.saturating_add(content.len() as u64) };
        self.edit(path, end, |old| spliced(old, offset, content))
    }

    fn set_len(&self, path: &str, size: u64) -> io::Result<()> {
        self.edit(path, size, |old| resized(old, size))
    }

    fn bytes_held(&self) -> u64 {
        // Without closing the file that is being appended to: this is asked before every write.
        let state = self.shared();
        let grown = state
            .open
            .as_ref()
            .map_or(0, |open| open.bytes.len() as u64 - state.tree.get(&open.path).map_or(0, Node::len));
        state.tree.total_bytes() + grown
    }
}

fn file_bytes(node: &Node) -> io::Result<Bytes> {
    match &node.kind {
        NodeKind::File(content) => Ok(content.bytes().clone()),
        NodeKind::Directory => Err(errno(ErrorKind::IsADirectory)),
        NodeKind::Symlink(_) => Err(errno(ErrorKind::NotFound)), // the namespace follows it
    }
}

fn describe(node: &Node) -> Metadata {
    let kind = match node.kind {
        NodeKind::File(_) => Kind::File,
        NodeKind::Directory => Kind::Directory,
        NodeKind::Symlink(_) => Kind::Symlink,
    };
    Metadata { kind, size: node.len(), mode: node.mode, modified_ms: node.modified_ms }
}

fn directory(modified_ms: i64) -> Metadata {
    Metadata { kind: Kind::Directory, size: 0, mode: 0o755, modified_ms }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Sizes;

    fn ram(max_bytes: u64, max_file_bytes: u64) -> (RamFilesystem, Arc<Usage>) {
        let usage = Usage::new(Sizes { max_bytes, max_file_bytes, max_entries: 3 });
        (RamFilesystem::new(Tree::new(), usage.clone()), usage)
    }

    #[test]
    fn appending_is_seen_by_every_reader_and_by_the_tree() {
        let (fs, usage) = ram(100, 100);
        fs.append("a", b"1").unwrap();
        let older = fs.tree();
        fs.append("a", b"23").unwrap();
        fs.append("a", b"4").unwrap();
        assert_eq!(fs.stat("a").unwrap().size, 4);
        assert_eq!(fs.bytes_held(), 4);
        assert_eq!(fs.list("").unwrap()[0].metadata.size, 4);
        assert_eq!(fs.read("a").unwrap(), "1234");
        fs.append("a", b"5").unwrap();
        fs.write("b", "x".into()).unwrap();
        assert_eq!(fs.tree().get("a").unwrap().len(), 5);
        assert_eq!(older.get("a").unwrap().len(), 1);
        assert_eq!(usage.held(), 6);
    }

    #[test]
    fn what_is_full_takes_no_new_name_and_still_moves_and_writes_those_it_has() {
        let (fs, _) = ram(100, 100);
        fs.make_dir("d").unwrap();
        fs.write("d/a", "1".into()).unwrap();
        fs.symlink("d/a", "link").unwrap();
        assert_eq!(fs.write("b", "2".into()).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(fs.make_dir("e").unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(fs.symlink("a", "other").unwrap_err().kind(), ErrorKind::StorageFull);
        fs.write("d/a", "3".into()).unwrap();
        fs.rename("d/a", "b").unwrap();
        fs.remove("link").unwrap();
        fs.make_dir("e").unwrap();
    }

    #[test]
    fn limits_hold_and_what_is_removed_is_given_back() {
        let (fs, usage) = ram(10, 6);
        fs.write("a", "123456".into()).unwrap();
        assert_eq!(fs.append("a", b"7").unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(fs.write("b", "12345".into()).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(fs.read("a").unwrap(), "123456");
        fs.write("b", "1234".into()).unwrap();
        fs.rename("b", "a").unwrap();
        assert_eq!(usage.held(), 4);
        fs.remove("a").unwrap();
        assert_eq!(usage.held(), 0);
    }
}
