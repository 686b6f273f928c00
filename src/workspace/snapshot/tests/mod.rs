//! Archives that come back, archives of others, and archives that must be refused.

mod hostile;
mod plain;
mod round_trip;

use super::{LoadLimits, Loaded, read};
use crate::workspace::{Content, Error, Node, NodeKind, Tree};
use tar::{EntryType, Header};

/// A tar, member by member, as hostile as need be.
#[derive(Default)]
struct Archive(Vec<u8>);

impl Archive {
    fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(EntryType::Regular, name, "", content)
    }

    fn member(self, kind: EntryType, name: &str, link: &str, content: &[u8]) -> Self {
        self.raw(header(kind, name.as_bytes(), link.as_bytes(), content.len() as u64), content)
    }

    fn pax(self, key: &str, value: &str) -> Self {
        let record = super::pax::record(key, value);
        self.member(EntryType::XHeader, "pax", "", record.as_bytes())
    }

    fn raw(mut self, header: Header, content: &[u8]) -> Self {
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

/// A header with these very bytes, which a builder would refuse or correct.
fn header(kind: EntryType, name: &[u8], link: &[u8], size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link);
    header.set_entry_type(kind);
    header.set_mode(0o640);
    header.set_mtime(7);
    header.set_size(size);
    header.set_cksum();
    header
}

fn file(content: impl Into<Vec<u8>>) -> Node {
    Node { kind: NodeKind::File(Content::new(content.into())), mode: 0o644, modified_ms: 1_700_000_000_123 }
}

fn load(bytes: &[u8]) -> Result<Loaded, Error> {
    read(&mut &*bytes, &LoadLimits::default())
}

fn load_plain(bytes: &[u8]) -> Tree {
    match load(bytes).unwrap() {
        Loaded::Plain(tree) => tree,
        Loaded::Snapshot(_) => panic!("not a plain tar"),
    }
}

fn load_snapshot(bytes: &[u8]) -> super::Snapshot {
    match load(bytes).unwrap() {
        Loaded::Snapshot(snapshot) => *snapshot,
        Loaded::Plain(_) => panic!("a plain tar"),
    }
}

fn listing(tree: &Tree) -> Vec<(String, Node)> {
    tree.walk("").map(|(path, node)| (path.to_string(), node.clone())).collect()
}
