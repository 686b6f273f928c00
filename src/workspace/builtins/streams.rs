//! Compressed streams.

use bzip2::read::MultiBzDecoder;
use bzip2::write::BzEncoder;
use flate2::GzBuilder;
use flate2::read::MultiGzDecoder;
use std::io::{self, Read, Write};

/// The most that a stream may grow to.
pub const MAX_UNPACKED: u64 = 1 << 30;

/// How a stream is compressed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Method {
    Gzip,
    Bzip2,
}

impl Method {
    /// What `content` begins with.
    pub fn of(content: &[u8]) -> Option<Self> {
        match content {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// Compresses, with the name and the time that `gzip` keeps.
    pub fn pack(self, content: &[u8], level: u32, origin: Option<(&str, i64)>) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut builder = GzBuilder::new();
                if let Some((name, time)) = origin {
                    builder = builder.mtime(u32::try_from(time).unwrap_or(0));
                    if !name.contains('\0') {
                        builder = builder.filename(name);
                    }
                }
                let mut encoder = builder.write(Vec::new(), flate2::Compression::new(level));
                encoder.write_all(content)?;
                encoder.finish()
            }
            Self::Bzip2 => {
                let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::new(level.max(1)));
                encoder.write_all(content)?;
                encoder.finish()
            }
        }
    }

    /// Takes the compression away.
    pub fn unpack(self, content: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let read = match self {
            Self::Gzip => MultiGzDecoder::new(content).take(MAX_UNPACKED + 1).read_to_end(&mut out)?,
            Self::Bzip2 => MultiBzDecoder::new(content).take(MAX_UNPACKED + 1).read_to_end(&mut out)?,
        };
        if read as u64 > MAX_UNPACKED {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "File too large"));
        }
        Ok(out)
    }
}
