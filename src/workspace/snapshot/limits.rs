//! How much an archive may ask for, and the count of what it has.

use crate::workspace::Error;

/// Limits on an archive that is loaded. What exceeds one is refused before memory is taken for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadLimits {
    /// Bytes of all files together, and of the paths they are at; a file counts once per place where it is.
    pub max_bytes: u64,
    /// Files, directories and links, directories that are only implied by a path included.
    pub max_entries: u64,
    /// Bytes of one file.
    pub max_file_bytes: u64,
    /// Bytes of `manifest.json`. A file takes about 220 there, so the default is enough for as many as the default
    /// [`LoadLimits::max_entries`].
    pub max_manifest_bytes: u64,
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self { max_bytes: 8 << 30, max_entries: 1_000_000, max_file_bytes: 2 << 30, max_manifest_bytes: 256 << 20 }
    }
}

/// What is left of [`LoadLimits::max_bytes`] and [`LoadLimits::max_entries`].
#[derive(Debug)]
pub(super) struct Budget<'a> {
    limits: &'a LoadLimits,
    bytes: u64,
    entries: u64,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a LoadLimits) -> Self {
        Self { limits, bytes: 0, entries: 0 }
    }

    /// Counts one entry and what it takes.
    pub(super) fn take(&mut self, path: &str, bytes: u64) -> Result<(), Error> {
        self.entries += 1;
        if self.entries > self.limits.max_entries {
            return Err(Error::BadArchive {
                reason: format!("more than {} entries, at '{}'", self.limits.max_entries, super::name::shown(path)),
            });
        }
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(path.len() as u64);
        if self.bytes > self.limits.max_bytes {
            return Err(Error::TooLarge { what: "the content of an archive", limit: self.limits.max_bytes });
        }
        Ok(())
    }
}
