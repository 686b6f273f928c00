//! Writes the members of a tar, one after the other. Equal contents under equal names give equal bytes.

use super::member::{BLOCK, CHUNK, padded};
use super::name::shown;
use super::pax;
use super::write::SnapshotOut;
use bytes::Bytes;
use std::io::{self, Read};
use tar::{EntryType, Header};

/// Writes a member of exactly `size` bytes. Its mode is 0644, its owner 0 and its time 1970, whatever the original's were.
pub(super) fn stream(out: &mut dyn SnapshotOut, name: &str, size: u64, content: &mut dyn Read) -> io::Result<()> {
    put_header(out, name, size)?;
    let mut buffer = vec![0; size.min(CHUNK as u64) as usize];
    let mut left = size;
    while left > 0 {
        let room = left.min(buffer.len() as u64) as usize;
        match content.read(&mut buffer[..room]) {
            Ok(0) => return Err(io::Error::other(format!("'{}' became shorter while it was saved", shown(name)))),
            Ok(read) => {
                out.write_all(&buffer[..read])?;
                left -= read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    pad(out, size)
}

/// [`stream`] for bytes at hand, in one piece.
pub(super) fn bytes(out: &mut dyn SnapshotOut, name: &str, content: &Bytes) -> io::Result<()> {
    put_header(out, name, content.len() as u64)?;
    out.write_shared(content)?;
    pad(out, content.len() as u64)
}

/// Writes the archive's end mark.
pub(super) fn finish(out: &mut dyn SnapshotOut) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK as usize])
}

fn put_header(out: &mut dyn SnapshotOut, name: &str, size: u64) -> io::Result<()> {
    let mut header = header_of(EntryType::Regular, size);
    let mut records = String::new();
    if !set_name(&mut header, name) {
        records.push_str(&pax::record("path", name));
    }
    if size >= 1 << 33 {
        records.push_str(&pax::record("size", &size.to_string()));
    }
    if !records.is_empty() {
        let mut extended = header_of(EntryType::XHeader, records.len() as u64);
        set_name(&mut extended, "PaxHeaders/member");
        extended.set_cksum();
        out.write_all(extended.as_bytes())?;
        out.write_all(records.as_bytes())?;
        pad(out, records.len() as u64)?;
    }
    header.set_cksum();
    out.write_all(header.as_bytes())
}

fn header_of(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}

/// Puts the name where a ustar header has room for it; says whether all of it is there and plain ASCII. What programs that
/// do not know extended headers then see is its beginning.
fn set_name(header: &mut Header, name: &str) -> bool {
    let Some(fields) = header.as_ustar_mut() else { return false };
    let bytes = name.as_bytes();
    let fits = |slash: &usize| *slash <= fields.prefix.len() && bytes.len() - slash - 1 <= fields.name.len();
    if bytes.len() <= fields.name.len() {
        fields.name[..bytes.len()].copy_from_slice(bytes);
        return name.is_ascii();
    }
    if let Some(slash) = name.match_indices('/').map(|(at, _)| at).find(fits) {
        let (prefix, rest) = (&bytes[..slash], &bytes[slash + 1..]);
        if !rest.is_empty() {
            fields.prefix[..prefix.len()].copy_from_slice(prefix);
            fields.name[..rest.len()].copy_from_slice(rest);
            return name.is_ascii();
        }
    }
    let room = fields.name.len();
    fields.name.copy_from_slice(&bytes[..room]);
    false
}

fn pad(out: &mut dyn SnapshotOut, size: u64) -> io::Result<()> {
    out.write_all(&[0; BLOCK as usize][..(padded(size) - size) as usize])
}
