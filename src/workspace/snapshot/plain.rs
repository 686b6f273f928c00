//! Any tar that is not a snapshot, as a tree.

use super::build::Growing;
use super::limits::{Budget, LoadLimits};
use super::member::{Kind, Member, Members};
use super::name::{bad, clean, shown, stays_inside, target};
use crate::workspace::{Error, Node, NodeKind, Tree};

/// The archive's files, directories and links from `first` on.
pub(super) fn tree(first: Option<Member>, members: &mut Members<'_, '_>, limits: &LoadLimits) -> Result<Tree, Error> {
    let mut budget = Budget::new(limits);
    let mut growing = Growing::new(&mut budget);
    let mut next = first;
    while let Some(member) = next {
        add(&mut growing, &member, members)?;
        next = members.next()?;
    }
    // Only now are all links known.
    for (path, node) in growing.tree().walk("") {
        if let NodeKind::Symlink(target) = &node.kind {
            stays_inside(growing.tree(), path, target)?;
        }
    }
    Ok(growing.into_tree())
}

fn add(growing: &mut Growing<'_, '_>, member: &Member, members: &mut Members<'_, '_>) -> Result<(), Error> {
    let (kind, mode) = match member.kind {
        Kind::File => (NodeKind::File(members.content(member)?), member.mode),
        Kind::Directory => (NodeKind::Directory, member.mode),
        Kind::Symlink => (NodeKind::Symlink(target(&member.name, &member.link)?.into()), 0o777),
        Kind::HardLink => {
            let original = clean(&member.link)?;
            match growing.tree().get(&original) {
                Some(Node { kind: NodeKind::File(content), mode, .. }) => (NodeKind::File(content.clone()), *mode),
                _ => {
                    return Err(bad(format!(
                        "hard link '{}' -> '{}' does not lead to a file before it",
                        shown(&member.name),
                        shown(&original)
                    )));
                }
            }
        }
    };
    growing.put(&member.name, Node { kind, mode, modified_ms: member.modified_ms })
}
