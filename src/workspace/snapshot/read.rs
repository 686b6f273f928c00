//! The way in: what kind of archive it is.

use super::limits::LoadLimits;
use super::member::{CHUNK, Kind, Members, failed};
use super::name::bad;
use super::restore::{self, Snapshot};
use super::{manifest, plain};
use crate::workspace::{Error, Tree};
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

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

/// Reads an archive whole, also one that is compressed with gzip or bzip2. Nothing of a refused one is kept, and nothing is
/// held beside what it holds: contents are taken from the buffer of `input` to where they stay.
///
/// # Errors
/// [`Error::BadArchive`] names the member and what is wrong with it, [`Error::TooLarge`] the limit; [`Error::Io`] when
/// `input` fails.
pub fn read(input: &mut dyn BufRead, limits: &LoadLimits) -> Result<Loaded, Error> {
    match compression_of(start(input)?) {
        None => {
            refuse_other_formats(input)?;
            tar(input, limits)
        }
        Some(compression) => {
            let mut plain: Box<dyn Read + '_> = match compression {
                Compression::Gzip => Box::new(MultiGzDecoder::new(input)),
                Compression::Bzip2 => Box::new(MultiBzDecoder::new(input)),
            };
            let left = limits.max_archive_bytes().min(MAX_UNPACKED);
            let mut plain = BufReader::with_capacity(CHUNK, Bounded { input: &mut plain, left });
            // A tar inside, and nothing that would have to be unpacked again.
            if compression_of(start(&mut plain)?).is_some() {
                return Err(bad("the archive is compressed twice"));
            }
            refuse_other_formats(&mut plain)?;
            tar(&mut plain, limits)
        }
    }
}

fn tar(input: &mut dyn BufRead, limits: &LoadLimits) -> Result<Loaded, Error> {
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

#[derive(Clone, Copy)]
enum Compression {
    Gzip,
    Bzip2,
}

fn compression_of(start: &[u8]) -> Option<Compression> {
    match start {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Some(Compression::Bzip2),
        _ => None,
    }
}

fn start(input: &mut dyn BufRead) -> Result<&[u8], Error> {
    input.fill_buf().map_err(failed)
}

/// What a compressed archive may unpack to, whatever else is allowed: a few bytes of it can ask for any amount of memory,
/// while a larger workspace can always come uncompressed.
const MAX_UNPACKED: u64 = 2 << 30;

/// Reads on until there was too much.
struct Bounded<'a> {
    input: &'a mut dyn Read,
    left: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "it unpacks to more than an archive may have"))?;
        Ok(count)
    }
}

fn refuse_other_formats(input: &mut dyn BufRead) -> Result<(), Error> {
    let compressed =
        |by| Err(bad(format!("the archive is compressed with {by}: uncompress it first, or use gzip or bzip2")));
    match start(input)? {
        [] => Err(bad("the archive is empty")),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => compressed("xz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => compressed("zstd"),
        [b'P', b'K', 3, 4, ..] => Err(bad("the archive is a zip, not a tar")),
        [b'{', b'"' | b'\n' | b' ' | b'\r', ..] => Err(bad("the archive is a JSON document, not a tar")),
        _ => Ok(()),
    }
}
