//! The filesystems that are in here, held to what all do alike.

use super::conformance::{Keeps, conforms};
use super::{DiskFilesystem, RamFilesystem, Usage};
use crate::workspace::{Sizes, Tree};

#[test]
fn ram_conforms() {
    let ram =
        RamFilesystem::new(Tree::new(), Usage::new(Sizes { max_bytes: 1000, max_file_bytes: 1000, max_entries: 1000 }));
    conforms(&ram, Keeps { modes: true, times: true, links: true });
}

#[test]
fn disk_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let disk = DiskFilesystem::open(dir.path(), &[dir.path().to_owned()], 1000).unwrap();
    conforms(&disk, Keeps { modes: cfg!(unix), times: true, links: cfg!(unix) });
}
