//! One session's sight of the mounts: routing, modes, narrowing, and the directories that exist only because something
//! is mounted below them.

use super::filesystem::{Entry, Kind, Metadata, errno, parent};
use super::table::{Mount, Table};
use super::transfer;
use crate::workspace::config::Mode;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Longest path and longest name, as Linux has them.
pub(in crate::workspace) const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;

/// The mounts as one session may use them. Paths are absolute and normalised.
pub struct View {
    table: Arc<Table>,
    session: String,
    allowed: Option<BTreeSet<String>>,
    modes: BTreeMap<String, Mode>,
    revoked: AtomicBool,
}

impl View {
    /// The mounts for `session`, narrowed to the prefixes `allowed` when given.
    pub fn new(table: Arc<Table>, session: &str, allowed: Option<&[String]>) -> Self {
        let allowed = allowed.map(|prefixes| prefixes.iter().cloned().collect());
        Self { table, session: session.to_owned(), allowed, modes: BTreeMap::new(), revoked: AtomicBool::new(false) }
    }

    /// The same with weaker modes for some mounts, by prefix.
    #[must_use]
    pub fn with_modes(mut self, modes: BTreeMap<String, Mode>) -> Self {
        self.modes = modes;
        self
    }

    /// What may be done in `mount`: what it allows itself, or less.
    fn mode(&self, mount: &Mount) -> Mode {
        self.modes.get(&mount.prefix).map_or(mount.mode, |narrowed| mount.mode.min(*narrowed))
    }

    /// Ends the view: a script that does not stop when told must at least stop changing files.
    pub fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    /// The table behind it.
    pub fn table(&self) -> &Table {
        &self.table
    }

    fn visible(&self, mount: &Mount) -> bool {
        mount.prefix == "/dev/" || self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&mount.prefix))
    }

    /// Names in `dir` that are visible mount points or on the way to one.
    fn mount_points_in(&self, dir: &str) -> BTreeSet<&str> {
        let base = if dir == "/" { "/".to_owned() } else { format!("{dir}/") };
        let visible = self.table.mounts().iter().filter(|mount| self.visible(mount));
        visible
            .filter_map(|mount| mount.prefix.strip_prefix(&base))
            .filter_map(|rest| rest.split('/').next().filter(|name| !name.is_empty()))
            .collect()
    }

    /// Whether `path` is a directory at least because a visible mount is below it. The root always is.
    fn leads_to_mount(&self, path: &str) -> bool {
        !self.revoked.load(Ordering::Acquire) && (path == "/" || !self.mount_points_in(path).is_empty())
    }

    /// Whether a mount point is at `path` or below it: it cannot be moved or taken away then.
    fn holds_mount_point(&self, path: &str) -> bool {
        let base = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        self.table.mounts().iter().any(|mount| mount.prefix.starts_with(&base))
    }

    fn locate<'a>(&self, path: &'a str) -> io::Result<(&Mount, &'a str)> {
        if self.revoked.load(Ordering::Acquire) {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "the execution has ended"));
        }
        if path.len() > MAX_PATH || path.split('/').any(|name| name.len() > MAX_NAME) {
            return Err(errno(ErrorKind::InvalidFilename));
        }
        if path.contains('\0') {
            return Err(errno(ErrorKind::InvalidInput));
        }
        let (mount, rest) = self.table.route(path).ok_or_else(|| errno(ErrorKind::NotFound))?;
        if !self.visible(mount) {
            let prefix = if mount.prefix == "/" { "/" } else { mount.prefix.trim_end_matches('/') };
            let text = format!("session '{}' not allowed to access mount '{prefix}'", self.session);
            return Err(io::Error::new(ErrorKind::PermissionDenied, text));
        }
        Ok((mount, rest))
    }

    fn writable<'a>(&self, path: &'a str) -> io::Result<(&Mount, &'a str)> {
        let (mount, rest) = self.locate(path)?;
        if self.mode(mount) == Mode::Read {
            return Err(errno(ErrorKind::ReadOnlyFilesystem));
        }
        Ok((mount, rest))
    }

    /// [`View::writable`] for a path that may be new: a parent that only a mount point below it makes visible is made
    /// real first.
    fn creatable<'a>(&self, path: &'a str) -> io::Result<(&Mount, &'a str)> {
        let (mount, rest) = self.writable(path)?;
        let dir = parent(rest);
        if !dir.is_empty() && mount.filesystem.stat(dir).is_err() && !self.mount_points_in(parent(path)).is_empty() {
            for (end, _) in dir.match_indices('/').chain([(dir.len(), "")]) {
                match mount.filesystem.make_dir(&dir[..end]) {
                    Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                    _ => {}
                }
            }
        }
        Ok((mount, rest))
    }

    /// What is at `path`, a link shown as a link.
    pub fn stat(&self, path: &str) -> io::Result<Metadata> {
        let found = self.locate(path).and_then(|(mount, rest)| mount.filesystem.stat(rest));
        match found {
            Err(_) if self.leads_to_mount(path) => {
                Ok(Metadata { kind: Kind::Directory, size: 0, mode: 0o755, modified_ms: 0 })
            }
            other => other,
        }
    }

    /// A file's bytes.
    pub fn read(&self, path: &str) -> io::Result<Bytes> {
        let (mount, rest) = self.locate(path)?;
        mount.filesystem.read(rest)
    }

    /// At most `size` bytes of a file from `offset` on.
    pub fn read_at(&self, path: &str, offset: u64, size: u64) -> io::Result<Bytes> {
        let (mount, rest) = self.locate(path)?;
        mount.filesystem.read_at(rest, offset, size)
    }

    /// A file's bytes as a stream.
    pub fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let (mount, rest) = self.locate(path)?;
        mount.filesystem.open(rest)
    }

    /// Replaces bytes of a file that is there, from `offset` on.
    pub fn write_at(&self, path: &str, offset: u64, content: &[u8]) -> io::Result<()> {
        let (mount, rest) = self.writable(path)?;
        mount.filesystem.write_at(rest, offset, content)
    }

    /// Cuts or extends a file that is there.
    pub fn set_len(&self, path: &str, size: u64) -> io::Result<()> {
        let (mount, rest) = self.writable(path)?;
        mount.filesystem.set_len(rest, size)
    }

    /// The prefix of the mount that `path` is in, when the session may look there, or change something there.
    pub fn reach(&self, path: &str, changing: bool) -> io::Result<&str> {
        let (mount, _) = if changing { self.writable(path)? } else { self.locate(path)? };
        Ok(&mount.prefix)
    }

    /// Creates a file or replaces its content.
    pub fn write(&self, path: &str, content: Bytes) -> io::Result<()> {
        let (mount, rest) = self.creatable(path)?;
        mount.filesystem.write(rest, content)
    }

    /// Adds to a file's end.
    pub fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let (mount, rest) = self.creatable(path)?;
        mount.filesystem.append(rest, content)
    }

    /// A directory's members, mount points included.
    pub fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        let points = self.mount_points_in(path);
        let listed = self.locate(path).and_then(|(mount, rest)| mount.filesystem.list(rest));
        let mut entries = match listed {
            Err(_) if self.leads_to_mount(path) => Vec::new(),
            other => other?,
        };
        entries.retain(|entry| !points.contains(entry.name.as_str()));
        for name in points {
            let at = format!("{}/{name}", path.trim_end_matches('/'));
            entries.push(Entry { name: name.to_owned(), metadata: self.stat(&at)? });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Creates one directory.
    pub fn make_dir(&self, path: &str) -> io::Result<()> {
        let (mount, rest) = self.locate(path)?;
        if self.holds_mount_point(path) {
            return Err(errno(ErrorKind::AlreadyExists));
        }
        match mount.filesystem.stat(rest) {
            Ok(_) => Err(errno(ErrorKind::AlreadyExists)),
            Err(_) => {
                let (mount, rest) = self.creatable(path)?;
                mount.filesystem.make_dir(rest)
            }
        }
    }

    /// Takes away a file, a link or an empty directory; with `recursive` whatever is there.
    pub fn remove(&self, path: &str, recursive: bool) -> io::Result<()> {
        let (mount, rest) = self.locate(path)?;
        if self.holds_mount_point(path) {
            return Err(errno(ErrorKind::ResourceBusy));
        }
        mount.filesystem.stat(rest)?;
        self.writable(path)?;
        if recursive { mount.filesystem.remove_all(rest) } else { mount.filesystem.remove(rest) }
    }

    /// Moves a file, a link or a directory, also from one mount to another.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (source, _) = self.locate(from)?;
        if self.holds_mount_point(from) || self.holds_mount_point(to) {
            return Err(errno(ErrorKind::ResourceBusy));
        }
        let (_, old) = self.writable(from)?;
        source.filesystem.stat(old)?;
        let (target, new) = self.creatable(to)?;
        if source.prefix == target.prefix {
            return source.filesystem.rename(old, new);
        }
        transfer::copy_tree(&*source.filesystem, old, &*target.filesystem, new)?;
        source.filesystem.remove_all(old)
    }

    /// Copies one file with its mode. Between `ram` mounts the bytes are shared.
    pub fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        let (source, old) = self.locate(from)?;
        let content = source.filesystem.read(old)?;
        let (target, new) = self.creatable(to)?;
        let is_new = target.filesystem.stat(new).is_err();
        target.filesystem.write(new, content)?;
        if is_new {
            target.filesystem.set_mode(new, source.filesystem.stat(old)?.mode)?;
        }
        Ok(())
    }

    /// Creates a link. In a host directory it must stay inside, because the host would follow it too.
    pub fn symlink(&self, target: &str, link: &str) -> io::Result<()> {
        let (mount, rest) = self.creatable(link)?;
        if mount.filesystem.confines_links() && transfer::leaves(rest, target) {
            return Err(errno(ErrorKind::PermissionDenied));
        }
        mount.filesystem.symlink(target, rest)
    }

    /// A link's target. A host's link that leaves its mount is refused: it would mean another file in here.
    pub fn read_link(&self, path: &str) -> io::Result<String> {
        let (mount, rest) = self.locate(path)?;
        let target = mount.filesystem.read_link(rest)?;
        if mount.filesystem.confines_links() && transfer::leaves(rest, &target) {
            return Err(errno(ErrorKind::PermissionDenied));
        }
        Ok(target)
    }

    /// Sets permission bits.
    pub fn set_mode(&self, path: &str, mode: u32) -> io::Result<()> {
        self.stat(path)?;
        let (mount, rest) = self.writable(path)?;
        mount.filesystem.set_mode(rest, mode)
    }

    /// Sets the time of the last change.
    pub fn set_modified(&self, path: &str, unix_ms: i64) -> io::Result<()> {
        self.stat(path)?;
        let (mount, rest) = self.writable(path)?;
        mount.filesystem.set_modified(rest, unix_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::mount::{RamFilesystem, Usage};
    use crate::workspace::{Options, Tree};

    #[test]
    fn a_session_s_mode_narrows_and_never_widens() {
        let mount = |prefix: &str, mode| {
            let filesystem = Arc::new(RamFilesystem::new(Tree::new(), Usage::new(Options::default().sizes())));
            Mount { prefix: prefix.to_owned(), mode, filesystem }
        };
        let table = Arc::new(Table::new(vec![mount("/", Mode::Write), mount("/ro/", Mode::Read)]));
        let modes = BTreeMap::from([("/".to_owned(), Mode::Read), ("/ro/".to_owned(), Mode::Exec)]);
        let narrowed = View::new(table.clone(), "s", None).with_modes(modes);
        for path in ["/f", "/ro/f"] {
            let refused = narrowed.write(path, "x".into()).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ReadOnlyFilesystem, "{path}");
        }
        View::new(table, "t", None).write("/f", "x".into()).unwrap();
        assert_eq!(&narrowed.read("/f").unwrap()[..], b"x");
    }

    #[test]
    fn a_revoked_view_neither_shows_nor_changes_anything() {
        let filesystem = Arc::new(RamFilesystem::new(Tree::new(), Usage::new(Options::default().sizes())));
        let mount = Mount { prefix: "/".to_owned(), mode: Mode::Write, filesystem: filesystem.clone() };
        let view = View::new(Arc::new(Table::new(vec![mount])), "s", None);
        view.write("/f", "1".into()).unwrap();
        view.revoke();
        assert!(view.write("/f", "2".into()).is_err() && view.append("/f", b"2").is_err());
        assert!(view.read("/f").is_err() && view.stat("/").is_err() && view.list("/").is_err());
        assert!(view.remove("/f", true).is_err() && view.rename("/f", "/g").is_err());
        assert_eq!(filesystem.tree().get("f").unwrap().len(), 1);
    }
}
