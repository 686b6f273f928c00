//! Which paths of a mount nobody can see, because another mount lies over them.
//!
//! A file belongs to the mount with the longest prefix, and only to it.

/// The places of all mounts of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nesting {
    prefixes: Vec<String>,
}

/// What lies over one mount.
#[derive(Debug, Clone, Default)]
pub struct Covered {
    /// Where other mounts are, relative to this one, without slashes at the ends.
    inner: Vec<String>,
}

impl Nesting {
    /// Mounts at these prefixes (`/data/`), and the one at `/dev/` that every workspace has.
    pub fn new(prefixes: impl IntoIterator<Item = String>) -> Self {
        let mut prefixes: Vec<String> = prefixes.into_iter().chain(["/dev/".to_owned()]).collect();
        prefixes.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        prefixes.dedup();
        Self { prefixes }
    }

    /// What lies over the mount at `prefix`.
    pub fn over(&self, prefix: &str) -> Covered {
        let inside = self.prefixes.iter().filter(|other| other.len() > prefix.len());
        let inner = inside.filter_map(|other| other.strip_prefix(prefix)).map(|rest| rest.trim_end_matches('/').into());
        Covered { inner: inner.collect() }
    }

    /// The mount of an absolute path without its first slash (`data/f`), and the path in it.
    pub fn route<'a, 'p>(&'a self, path: &'p str) -> Option<(&'a str, &'p str)> {
        self.prefixes.iter().find_map(|prefix| Some((prefix.as_str(), path.strip_prefix(&prefix[1..])?)))
    }
}

impl Covered {
    /// Whether the node at `path`, relative to the mount, is out of sight: at or below another mount, or a file where a
    /// mount needs a directory on the way to it.
    pub fn hides(&self, path: &str, is_dir: bool) -> bool {
        let below = |path: &str, top: &str| path.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'));
        self.inner.iter().any(|mount| path == mount || below(path, mount) || (!is_dir && below(mount, path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_longest_prefix_only() {
        let nesting = Nesting::new(["/", "/a/", "/a/b/"].map(str::to_owned));
        assert_eq!(nesting.route("a/b/y"), Some(("/a/b/", "y")));
        assert_eq!(nesting.route("a/bc"), Some(("/a/", "bc")));
        assert_eq!(nesting.route("ab"), Some(("/", "ab")));
        let (root, a) = (nesting.over("/"), nesting.over("/a/"));
        assert!(root.hides("a", true) && root.hides("a/x", false) && root.hides("dev/null", false));
        assert!(!root.hides("ab", false) && !root.hides("x/a", false));
        assert!(a.hides("b", false) && a.hides("b/y", false) && !a.hides("c", false));
        let deep = Nesting::new(["/", "/x/y/"].map(str::to_owned)).over("/");
        assert!(deep.hides("x", false) && !deep.hides("x", true) && !deep.hides("x/z", false));
    }
}
