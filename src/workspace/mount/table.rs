//! Which mount a path belongs to.

use super::Filesystem;
use crate::workspace::config::Mode;
use std::sync::Arc;

/// A filesystem at its place.
pub struct Mount {
    /// `/` or `/data/`.
    pub prefix: String,
    /// What may be done there.
    pub mode: Mode,
    /// What is there.
    pub filesystem: Arc<dyn Filesystem>,
}

/// The mounts of a workspace.
pub struct Table {
    /// Longest prefix first, so that the first match is the right one.
    mounts: Vec<Mount>,
}

impl Table {
    /// A table of these mounts, whose prefixes differ.
    pub fn new(mut mounts: Vec<Mount>) -> Self {
        mounts.sort_by_key(|mount| std::cmp::Reverse(mount.prefix.len()));
        Self { mounts }
    }

    /// Every mount, longest prefix first.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The mount that `path` (absolute, normalised) is in, and the path relative to it.
    pub fn route<'a>(&self, path: &'a str) -> Option<(&Mount, &'a str)> {
        self.mounts.iter().find_map(|mount| {
            let rest = match path.strip_prefix(mount.prefix.trim_end_matches('/'))? {
                "" => "",
                rest => rest.strip_prefix('/')?,
            };
            Some((mount, rest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::mount::DevFilesystem;

    #[test]
    fn the_longest_prefix_wins_and_a_common_beginning_is_not_a_prefix() {
        let mount =
            |prefix: &str| Mount { prefix: prefix.to_owned(), mode: Mode::Read, filesystem: Arc::new(DevFilesystem) };
        let table = Table::new(vec![mount("/"), mount("/a/"), mount("/a/b/")]);
        let route = |path: &'static str| table.route(path).map(|(mount, rest)| (mount.prefix.as_str(), rest)).unwrap();
        assert_eq!(route("/"), ("/", ""));
        assert_eq!(route("/a"), ("/a/", ""));
        assert_eq!(route("/a/c/d"), ("/a/", "c/d"));
        assert_eq!(route("/a/b/x"), ("/a/b/", "x"));
        assert_eq!(route("/ab"), ("/", "ab"));
    }
}
