//! Makes a filesystem equal to a tree, through the [`Filesystem`] trait only: strictly below its root.

use super::filesystem::{Filesystem, Kind, Metadata};
use super::transfer;
use crate::workspace::{Covered, Node, NodeKind, Tree};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};

/// The bits that a host keeps.
const MODE: u32 = 0o777;

/// What is at each path of a filesystem.
type Listing = BTreeMap<String, Metadata>;

/// Makes `filesystem` hold what `tree` does and nothing else, but for what is covered. What is right already is not touched.
/// A link that leads out of the mount is left out where links are confined, unless it is there.
///
/// # Errors
/// The path and what was wrong there. Some of the files are those of `tree` then, and the next call goes on.
pub(in crate::workspace) fn make_equal(
    filesystem: &dyn Filesystem,
    tree: &Tree,
    covered: &Covered,
) -> Result<(), (String, io::Error)> {
    let visible = tree.walk("").map(|(path, node)| (&**path, node));
    let wanted: Vec<(&str, &Node)> = visible.filter(|(path, node)| !covered.hides(path, node.is_dir())).collect();
    let mut live = list(filesystem, covered)?;
    clear(filesystem, tree, covered, &mut live)?;
    for (path, node) in &wanted {
        put(filesystem, path, node, live.get(*path)).map_err(|error| ((*path).to_owned(), error))?;
    }
    // Children before parents, and after all contents: a directory may come to forbid changes.
    for (path, node) in wanted.iter().rev().filter(|(_, node)| !matches!(node.kind, NodeKind::Symlink(_))) {
        let set = filesystem.stat(path).and_then(|now| match (now.mode ^ node.mode) & MODE {
            0 => Ok(()),
            _ => filesystem.set_mode(path, node.mode),
        });
        set.map_err(|error| ((*path).to_owned(), error))?;
    }
    Ok(())
}

fn list(filesystem: &dyn Filesystem, covered: &Covered) -> Result<Listing, (String, io::Error)> {
    let mut found = Listing::new();
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        let entries = filesystem.list(&directory).map_err(|error| (directory.clone(), error))?;
        for entry in entries {
            let path = if directory.is_empty() { entry.name } else { format!("{directory}/{}", entry.name) };
            let is_dir = entry.metadata.kind == Kind::Directory;
            if covered.hides(&path, is_dir) {
                continue;
            }
            if is_dir {
                directories.push(path.clone());
            }
            found.insert(path, entry.metadata);
        }
    }
    Ok(found)
}

/// Takes away what is not wanted, or is of another kind.
fn clear(
    filesystem: &dyn Filesystem,
    tree: &Tree,
    covered: &Covered,
    live: &mut Listing,
) -> Result<(), (String, io::Error)> {
    let unwanted: Vec<String> = live
        .iter()
        .filter(|(path, metadata)| {
            let wanted = tree.get(path).filter(|node| !covered.hides(path, node.is_dir()));
            wanted.is_none_or(|node| kind(node) != metadata.kind)
        })
        .map(|(path, _)| path.clone())
        .collect();
    for path in unwanted.into_iter().rev() {
        let replaced = tree.get(&path).is_some();
        match filesystem.remove(&path) {
            Ok(()) => drop(live.remove(&path)),
            // It holds what cannot be seen in here: another mount's place, or a name that is not UTF-8.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && !replaced => {}
            Err(error) => return Err((path, error)),
        }
    }
    Ok(())
}

fn put(filesystem: &dyn Filesystem, path: &str, node: &Node, live: Option<&Metadata>) -> io::Result<()> {
    match (&node.kind, live) {
        (NodeKind::Directory, Some(_)) => Ok(()),
        (NodeKind::Directory, None) => filesystem.make_dir(path),
        (NodeKind::File(content), Some(metadata)) => {
            if metadata.size == node.len() && filesystem.read(path).is_ok_and(|bytes| bytes == content.bytes()) {
                return Ok(());
            }
            if metadata.mode & 0o200 == 0 {
                filesystem.remove(path)?;
            }
            filesystem.write(path, content.bytes().clone())
        }
        (NodeKind::File(content), None) => filesystem.write(path, content.bytes().clone()),
        (NodeKind::Symlink(target), live) => {
            if live.is_some() {
                if filesystem.read_link(path).is_ok_and(|there| there == **target) {
                    return Ok(());
                }
                filesystem.remove(path)?;
            }
            if filesystem.confines_links() && transfer::leaves(path, target) {
                tracing::warn!(path, "a link that leads out of its mount is not put back");
                return Ok(());
            }
            filesystem.symlink(target, path)
        }
    }
}

fn kind(node: &Node) -> Kind {
    match node.kind {
        NodeKind::File(_) => Kind::File,
        NodeKind::Directory => Kind::Directory,
        NodeKind::Symlink(_) => Kind::Symlink,
    }
}
