//! Names of members and targets of links: what is accepted, and how a refused one is shown.

use crate::workspace::{Error, NodeKind, Tree};

/// The longest name that is accepted, in bytes: twice what Linux accepts for a path.
const MAX: usize = 8192;

/// `name` without `.` components and slashes at its ends, as [`Tree`] wants it; empty for the root.
pub(super) fn clean(name: &[u8]) -> Result<String, Error> {
    let refused = |why: &str| Err(bad(format!("member '{}' {why}", shown(&String::from_utf8_lossy(name)))));
    let Ok(text) = std::str::from_utf8(name) else { return refused("has a name that is not UTF-8") };
    if text.len() > MAX {
        return refused("has a name that is too long");
    }
    if text.contains('\0') {
        return refused("has a name with a NUL");
    }
    if text.starts_with('/') {
        return refused("has an absolute path");
    }
    let mut clean = String::with_capacity(text.len());
    for part in text.split('/') {
        match part {
            "" | "." => continue,
            ".." => return refused("has '..' in its path"),
            _ => {}
        }
        if !clean.is_empty() {
            clean.push('/');
        }
        clean.push_str(part);
    }
    Ok(clean)
}

/// A link's target as text that a [`NodeKind::Symlink`] may hold, wherever it points.
pub(super) fn target(path: &str, target: &[u8]) -> Result<String, Error> {
    let refused = |why: &str| Err(bad(format!("link '{}' {why}", shown(path))));
    match std::str::from_utf8(target) {
        Err(_) => refused("has a target that is not UTF-8"),
        Ok("") => refused("has no target"),
        Ok(text) if text.len() > MAX => refused("has a target that is too long"),
        Ok(text) if text.contains('\0') => refused("has a target with a NUL"),
        Ok(text) => Ok(text.to_owned()),
    }
}

/// Refuses a symbolic link at `path` that would leave the root of `tree`. `..` behind another link is refused too: where
/// that leads cannot be said without following links.
pub(super) fn stays_inside(tree: &Tree, path: &str, target: &str) -> Result<(), Error> {
    let refused = |why: &str| Err(bad(format!("link '{}' -> '{}' {why}", shown(path), shown(target))));
    if target.starts_with('/') {
        return refused("is absolute");
    }
    let mut at = path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
    let mut through_link = false;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if through_link => return refused("goes up behind another link"),
            ".." if at.is_empty() => return refused("leaves the archive"),
            ".." => at.truncate(at.rfind('/').unwrap_or(0)),
            part => {
                if !at.is_empty() {
                    at.push('/');
                }
                at.push_str(part);
                through_link |= tree.get(&at).is_some_and(|node| matches!(node.kind, NodeKind::Symlink(_)));
            }
        }
    }
    Ok(())
}

/// An untrusted name as it may stand in an error: escaped, and not longer than a line.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 160;
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

pub(super) fn bad(reason: impl Into<String>) -> Error {
    Error::BadArchive { reason: reason.into() }
}
