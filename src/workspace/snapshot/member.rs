//! Reads the members of a tar, one after the other. Knows the container and nothing of what is in it.
//!
//! Trusts nothing: names are cleaned, sizes are held against the limits before memory is taken, and whatever is
//! not a file, a directory or a link is refused.

use super::limits::{Budget, LoadLimits};
use super::name::{bad, clean, shown};
use super::pax::Extensions;
use crate::workspace::{Content, Error};
use std::io::{self, BufRead, Read};
use tar::{EntryType, Header};

/// Bytes of a block, in which everything in a tar is counted.
pub(super) const BLOCK: u64 = 512;

/// The most bytes of an extended header.
const MAX_EXTENSION: u64 = 1 << 20;

/// The most extended headers in a row.
const MAX_EXTENSIONS: usize = 8;

/// Memory that is taken on the word of a header alone; more is taken only after this much has really arrived.
const TRUSTED: u64 = 16 << 20;

/// Bytes that are read or written at once, however small the members are.
pub(super) const CHUNK: usize = 256 * 1024;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Symlink,
    HardLink,
}

/// A member's header. `name` is clean; `link` is the target of a link as written.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) modified_ms: i64,
    pub(super) link: Vec<u8>,
}

/// Reads members. The content of one is read, or else skipped, before the next.
pub(super) struct Members<'i, 'l> {
    input: &'i mut dyn BufRead,
    limits: &'l LoadLimits,
    budget: Budget<'l>,
    /// Bytes of the current member's content and padding that were not read yet.
    unread: u64,
    /// The current member, for errors; empty before the first.
    name: String,
}

impl<'i, 'l> Members<'i, 'l> {
    pub(super) fn new(input: &'i mut dyn BufRead, limits: &'l LoadLimits) -> Self {
        Self { input, limits, budget: Budget::new(limits), unread: 0, name: String::new() }
    }

    /// The next member; none at the archive's end mark.
    pub(super) fn next(&mut self) -> Result<Option<Member>, Error> {
        let mut extensions = Extensions::default();
        for _ in 0..=MAX_EXTENSIONS {
            self.skip()?;
            let Some(header) = self.header()? else { return Ok(None) };
            let size = header.entry_size().map_err(|_| bad(format!("a bad size after '{}'", shown(&self.name))))?;
            match header.entry_type() {
                EntryType::XHeader => extensions.add(&self.extension(size)?)?,
                EntryType::GNULongName => extensions.path = Some(self.text(size)?),
                EntryType::GNULongLink => extensions.link = Some(self.text(size)?),
                EntryType::XGlobalHeader => {
                    let mut global = Extensions::default();
                    global.add(&self.extension(size)?)?;
                    if global.are_of_one_member() {
                        return Err(bad("a global header gives every member the same name or size"));
                    }
                }
                _ => return self.member(&header, extensions.size.unwrap_or(size), extensions).map(Some),
            }
        }
        Err(bad(format!("too many extended headers after '{}'", shown(&self.name))))
    }

    /// The content of the member that [`Members::next`] just gave.
    pub(super) fn content(&mut self, member: &Member) -> Result<Content, Error> {
        let bytes = self.bytes(member.size)?;
        Ok(Content::new(bytes))
    }

    /// Reads up to `limit` bytes behind the end mark; what they are, or whether that fails, does not matter any more.
    pub(super) fn drain(&mut self, limit: u64) {
        let _ = io::copy(&mut (&mut self.input).take(limit), &mut io::sink());
    }

    fn member(&mut self, header: &Header, size: u64, extensions: Extensions) -> Result<Member, Error> {
        let raw = extensions.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let name = clean(&raw)?;
        self.name.clone_from(&name);
        let refused = |why: String| Err(bad(format!("member '{}' {why}", shown(&name))));
        let kind = match header.entry_type() {
            // Before there was a type for them, directories were files whose name ends in a slash.
            EntryType::Regular if raw.ends_with(b"/") => Kind::Directory,
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Symlink,
            EntryType::Link => Kind::HardLink,
            EntryType::Char | EntryType::Block => return refused("is a device".to_owned()),
            EntryType::Fifo => return refused("is a pipe".to_owned()),
            EntryType::GNUSparse => return refused("is a sparse file, which is not supported".to_owned()),
            other => return refused(format!("is of the unknown type {:?}", char::from(other.as_byte()))),
        };
        if kind != Kind::File && size != 0 {
            return refused("has content but is not a file".to_owned());
        }
        if kind == Kind::File && name.is_empty() {
            return refused("is a file without a name".to_owned());
        }
        if size > self.limits.max_file_bytes {
            return refused(format!("has {size} bytes; a file is limited to {}", self.limits.max_file_bytes));
        }
        self.budget.take(&name, size)?;
        self.unread = padded(size);
        let seconds = header.mtime().unwrap_or(0).min(i64::MAX as u64 / 1000) as i64;
        Ok(Member {
            kind,
            size,
            mode: header.mode().unwrap_or(0o644) & 0o777,
            modified_ms: extensions.modified_ms.unwrap_or(seconds * 1000),
            link: extensions.link.unwrap_or_else(|| header.link_name_bytes().unwrap_or_default().into_owned()),
            name,
        })
    }

    fn header(&mut self) -> Result<Option<Header>, Error> {
        let mut header = Header::new_old();
        self.fill(header.as_mut_bytes())?;
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u32 = header.as_bytes().iter().map(|byte| u32::from(*byte)).sum();
        let field: u32 = header.as_old().cksum.iter().map(|byte| u32::from(*byte)).sum();
        // The checksum is taken with its own field full of blanks.
        if header.cksum().ok() != Some(sum - field + 8 * u32::from(b' ')) {
            return Err(bad(match self.name.as_str() {
                "" => "this is not a tar archive: no valid header is at its start".to_owned(),
                name => format!("no valid header after '{}': damaged", shown(name)),
            }));
        }
        Ok(Some(header))
    }

    /// The content of an extended header.
    fn extension(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        if size > MAX_EXTENSION {
            return Err(bad(format!("an extended header of {size} bytes after '{}'", shown(&self.name))));
        }
        self.unread = padded(size);
        self.bytes(size)
    }

    /// The content of a GNU long name, which ends with a NUL.
    fn text(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        let mut text = self.extension(size)?;
        if text.last() == Some(&0) {
            text.pop();
        }
        Ok(text)
    }

    fn bytes(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let too_large = |_| Error::TooLarge { what: "a file in memory", limit: size };
        while (bytes.len() as u64) < size {
            let left = size - bytes.len() as u64;
            if bytes.len() == bytes.capacity() {
                let step = if bytes.is_empty() { left.min(TRUSTED) } else { left };
                bytes.try_reserve_exact(usize::try_from(step).unwrap_or(usize::MAX)).map_err(too_large)?;
            }
            let room = (bytes.capacity() - bytes.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
            let here = match self.input.fill_buf() {
                Ok([]) => return Err(self.truncated()),
                Ok(here) => &here[..here.len().min(room)],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            // Straight to where it stays.
            bytes.extend_from_slice(here);
            let read = here.len();
            self.input.consume(read);
            self.unread -= read as u64;
        }
        Ok(bytes)
    }

    fn skip(&mut self) -> Result<(), Error> {
        while self.unread > 0 {
            let here = match self.input.fill_buf() {
                Ok([]) => return Err(self.truncated()),
                Ok(here) => self.unread.min(here.len() as u64),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            self.input.consume(here as usize);
            self.unread -= here;
        }
        Ok(())
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        self.input.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.truncated(),
            _ => failed(error),
        })
    }

    fn truncated(&self) -> Error {
        bad(match self.name.as_str() {
            "" => "this is not a tar archive, or it ends too early to hold a file".to_owned(),
            name => format!("the archive ends too early, at or after '{}'", shown(name)),
        })
    }
}

/// `size` rounded up to whole blocks. Sizes that come here are below a limit or were checked by `u64` arithmetic.
pub(super) fn padded(size: u64) -> u64 {
    size.saturating_add(BLOCK - 1) / BLOCK * BLOCK
}

/// A failure of the archive's source, or of what uncompresses it: that one is the archive's own fault.
pub(super) fn failed(source: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    if matches!(source.kind(), InvalidData | InvalidInput | UnexpectedEof) {
        return bad(format!("the archive is damaged: {source}"));
    }
    Error::Io { what: "read the archive".to_owned(), source }
}
