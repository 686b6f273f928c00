//! The way in: what kind of archive it is.

use super::limits::LoadLimits;
use super::member::{CHUNK, Kind, Members};
use super::name::bad;
use super::restore::{self, Snapshot};
use super::{manifest, plain};
use crate::workspace::{Error, Tree};
use std::io::{self, BufRead, BufReader, Read};

/// What an archive held.
#[derive(Debug)]
pub enum Loaded {
    /// A snapshot of a workspace.
    Snapshot(Box<Snapshot>),
    /// Any other tar: its files, directories and symbolic links.
    Plain(Tree),
}

/// Padding behind the end mark that is read too, so that a sender is not cut off: tar programs fill up 10 KiB.
const PADDING: u64 = 64 * 1024;

/// Reads an archive whole. Nothing of a refused one is kept.
///
/// # Errors
/// [`Error::BadArchive`] names the member and what is wrong with it, [`Error::TooLarge`] the limit; [`Error::Io`] when
/// `input` fails.
pub fn read(input: &mut dyn Read, limits: &LoadLimits) -> Result<Loaded, Error> {
    let mut input = BufReader::with_capacity(CHUNK, input);
    refuse_other_formats(&mut input)?;
    let mut members = Members::new(input, limits);
    let first = members.next()?;
    let loaded = match first {
        Some(member) if member.name == manifest::NAME && member.kind == Kind::File => {
            if member.size > limits.max_manifest_bytes {
                return Err(Error::TooLarge { what: manifest::NAME, limit: limits.max_manifest_bytes });
            }
            let manifest = members.content(&member)?;
            Loaded::Snapshot(Box::new(restore::snapshot(manifest.bytes(), &mut members, limits)?))
        }
        first => Loaded::Plain(plain::tree(first, &mut members, limits)?),
    };
    members.drain(PADDING);
    Ok(loaded)
}

fn refuse_other_formats(input: &mut dyn BufRead) -> Result<(), Error> {
    let start =
        input.fill_buf().map_err(|source: io::Error| Error::Io { what: "read the archive".to_owned(), source })?;
    let compressed = |by| Err(bad(format!("the archive is compressed with {by}: uncompress it first")));
    match start {
        [] => Err(bad("the archive is empty")),
        [0x1f, 0x8b, ..] => compressed("gzip"),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => compressed("bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => compressed("xz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => compressed("zstd"),
        [b'P', b'K', 3, 4, ..] => Err(bad("the archive is a zip, not a tar")),
        [b'{', b'"' | b'\n' | b' ' | b'\r', ..] => Err(bad("the archive is a JSON document, not a tar")),
        _ => Ok(()),
    }
}
