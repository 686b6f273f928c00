//! Grows a [`Tree`] from untrusted paths: parents are made, nothing is turned into something else, everything is counted.

use super::limits::Budget;
use super::name::{bad, shown};
use crate::workspace::{Error, Node, NodeKind, Tree};

/// A tree that grows. Every parent of a node in it is a directory.
pub(super) struct Growing<'b, 'l> {
    tree: Tree,
    budget: &'b mut Budget<'l>,
}

impl<'b, 'l> Growing<'b, 'l> {
    pub(super) fn new(budget: &'b mut Budget<'l>) -> Self {
        Self { tree: Tree::new(), budget }
    }

    /// Puts a node at a clean path. A second node of the same kind replaces the first, as when a tar was appended to.
    pub(super) fn put(&mut self, path: &str, node: Node) -> Result<(), Error> {
        if path.is_empty() {
            return match node.kind {
                NodeKind::Directory => Ok(()),
                _ => Err(bad("the root must be a directory")),
            };
        }
        if let Some(there) = self.tree.get(path) {
            let (was, is) = (word(there), word(&node));
            if was != is {
                return Err(bad(format!("'{}' is first a {was} and then a {is}", shown(path))));
            }
        }
        self.make_parents(path)?;
        self.budget.take(path, node.len())?;
        self.tree.insert(path, node);
        Ok(())
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(super) fn into_tree(self) -> Tree {
        self.tree
    }

    fn make_parents(&mut self, path: &str) -> Result<(), Error> {
        let mut missing = Vec::new();
        let mut at = path;
        // The nearest one that is there has all of its own parents.
        while let Some((parent, _)) = at.rsplit_once('/') {
            match self.tree.get(parent) {
                Some(node) if node.is_dir() => break,
                Some(node) => {
                    return Err(bad(format!("'{}' is below the {} '{}'", shown(path), word(node), shown(parent))));
                }
                None => missing.push(parent),
            }
            at = parent;
        }
        for parent in missing.into_iter().rev() {
            self.budget.take(parent, 0)?;
            self.tree.insert(parent, Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: 0 });
        }
        Ok(())
    }
}

fn word(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::File(_) => "file",
        NodeKind::Directory => "directory",
        NodeKind::Symlink(_) => "symbolic link",
    }
}
