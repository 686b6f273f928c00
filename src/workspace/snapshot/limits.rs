//! How much an archive may ask for, and the count of what it has.

use super::member::BLOCK;
use crate::workspace::{Error, Sizes};

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

impl LoadLimits {
    /// The longest archive that may be within the limits, in bytes: contents, and headers as that many entries have them.
    /// A longer one is not read to its end. Without this a few bytes could unpack to any length of extended headers.
    pub fn max_archive_bytes(&self) -> u64 {
        let headers = self.max_entries.saturating_mul(4 * BLOCK);
        self.max_bytes.saturating_add(self.max_manifest_bytes).saturating_add(headers)
    }

    /// These, or stricter ones where a workspace may not have as much anyway: what cannot be kept is not read. Paths count
    /// in [`LoadLimits::max_bytes`] and not in a workspace, so there is room for them.
    #[must_use]
    pub fn within(self, sizes: Sizes) -> Self {
        let with_paths = sizes.max_bytes.saturating_add(self.max_manifest_bytes);
        Self {
            max_bytes: self.max_bytes.min(with_paths),
            max_entries: self.max_entries.min(sizes.max_entries),
            max_file_bytes: self.max_file_bytes.min(sizes.max_file_bytes),
            ..self
        }
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
            return Err(Error::TooMany { limit: self.limits.max_entries, at: super::name::shown(path) });
        }
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(path.len() as u64);
        if self.bytes > self.limits.max_bytes {
            return Err(Error::TooLarge { what: "the content of an archive", limit: self.limits.max_bytes });
        }
        Ok(())
    }
}
