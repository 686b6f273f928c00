//! Moving between two filesystems: a copy of everything, taken back when it fails halfway.

use super::filesystem::{Filesystem, Kind, errno};
use std::io::{self, ErrorKind};

/// Copies what is at `from`, with everything below it, to `to`, which may be a file or an empty directory. On an error
/// nothing of it stays.
pub(super) fn copy_tree(source: &dyn Filesystem, from: &str, target: &dyn Filesystem, to: &str) -> io::Result<()> {
    let top = source.stat(from)?;
    match target.stat(to) {
        Ok(there) if there.kind == Kind::Directory => {
            if top.kind != Kind::Directory {
                return Err(errno(ErrorKind::IsADirectory));
            }
            target.remove(to)?;
        }
        Ok(_) if top.kind == Kind::Directory => return Err(errno(ErrorKind::NotADirectory)),
        Ok(_) if top.kind == Kind::File => return copy_file(source, from, target, to),
        Ok(_) => target.remove(to)?,
        Err(_) => {}
    }
    copy_all(source, from, target, to).inspect_err(|_| {
        // Best effort: the copy's own error is the one that matters.
        let _ = target.remove_all(to);
    })
}

fn copy_all(source: &dyn Filesystem, from: &str, target: &dyn Filesystem, to: &str) -> io::Result<()> {
    let mut pending = vec![(from.to_owned(), to.to_owned())];
    let mut directories = Vec::new();
    while let Some((from, to)) = pending.pop() {
        let metadata = source.stat(&from)?;
        match metadata.kind {
            Kind::File => copy_file(source, &from, target, &to)?,
            Kind::Symlink => target.symlink(&source.read_link(&from)?, &to)?,
            Kind::Directory => {
                target.make_dir(&to)?;
                for entry in source.list(&from)? {
                    pending.push((format!("{from}/{}", entry.name), format!("{to}/{}", entry.name)));
                }
                directories.push((to, metadata));
            }
        }
    }
    // Modes and times of directories last: a read-only one could not be filled, and filling changes the time.
    for (path, metadata) in directories.iter().rev() {
        target.set_mode(path, metadata.mode)?;
        target.set_modified(path, metadata.modified_ms)?;
    }
    Ok(())
}

fn copy_file(source: &dyn Filesystem, from: &str, target: &dyn Filesystem, to: &str) -> io::Result<()> {
    let metadata = source.stat(from)?;
    target.write(to, source.read(from)?)?;
    target.set_mode(to, metadata.mode)?;
    target.set_modified(to, metadata.modified_ms)
}

/// Whether a link at `link` (relative to its mount) with this target leads out of the mount.
pub(super) fn leaves(link: &str, target: &str) -> bool {
    if target.starts_with('/') {
        return true;
    }
    let mut depth = link.matches('/').count();
    for component in target.split('/') {
        match component {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_leaves_when_it_is_absolute_or_climbs_over_the_root() {
        assert!(leaves("l", "/etc") && leaves("l", "..") && leaves("d/l", "../../x") && leaves("d/l", "a/../../../x"));
        assert!(!leaves("l", "x") && !leaves("d/l", "../x") && !leaves("d/l", "./a/.."));
    }
}
