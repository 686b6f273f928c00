//! Archives that do not compress, and what is in them.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// File → SHA-256 of its content.
pub type Contents = BTreeMap<String, String>;

/// A tar on disk, the same for all tests of a run.
pub struct Archive {
    _dir: tempfile::TempDir,
    pub path: PathBuf,
    pub size: u64,
    pub contents: Contents,
}

impl Archive {
    /// The one for transfers: `WAYPOST_LINK_MB` megabytes in files of various sizes.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Archive> = OnceLock::new();
        SHARED.get_or_init(|| {
            let megabytes =
                std::env::var("WAYPOST_LINK_MB").map_or(200, |text| text.parse().expect("a number of megabytes"));
            Self::new(megabytes * 1_000_000)
        })
    }

    fn new(size: u64) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("big.tar");
        let mut tar = tar::Builder::new(std::io::BufWriter::new(std::fs::File::create(&path).expect("a file")));
        let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
        // A big one, some of middling size, many small ones.
        let sizes = [(1, size / 2), (10, size / 25), (500, size / 5000)];
        for (of_size, (count, bytes)) in sizes.into_iter().enumerate() {
            for n in 0..count {
                let mut header = tar::Header::new_ustar();
                header.set_size(bytes);
                header.set_mode(0o644);
                header.set_cksum();
                tar.append_data(&mut header, format!("s{of_size}/f{n}"), noise.by_ref().take(bytes)).expect("written");
            }
        }
        drop(tar.into_inner().expect("an archive").into_inner().expect("written"));
        let size = std::fs::metadata(&path).expect("the archive").len();
        Self { contents: contents(&path), _dir: dir, path, size }
    }
}

/// The files of an archive. Those of a snapshot, which has only one mount with files, are named as they are in that mount.
pub fn contents(archive: &Path) -> Contents {
    let mut archive = tar::Archive::new(std::io::BufReader::new(std::fs::File::open(archive).expect("the archive")));
    let mut contents = Contents::new();
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("a member of the archive");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        if !entry.header().entry_type().is_file() || path == "manifest.json" {
            continue;
        }
        let path = path.split_once("/files/").map_or(path.as_str(), |(_, path)| path).to_owned();
        let mut hash = Hashing(Sha256::new());
        std::io::copy(&mut entry, &mut hash).expect("its content");
        assert!(contents.insert(path.clone(), hex::encode(hash.0.finalize())).is_none(), "{path} is there twice");
    }
    contents
}

/// What one lacks or has otherwise than the other, in a few words; none when they are the same.
pub fn difference(got: &Contents, wanted: &Contents) -> Option<String> {
    let missing = wanted.keys().find(|path| !got.contains_key(*path)).map(|path| format!("{path} is missing"));
    let more = || got.keys().find(|path| !wanted.contains_key(*path)).map(|path| format!("{path} is more"));
    let other = || wanted.iter().find(|(path, hash)| got[*path] != **hash).map(|(path, _)| format!("{path} differs"));
    let first = missing.or_else(more).or_else(other)?;
    Some(format!("{first}; {} files, wanted {}", got.len(), wanted.len()))
}

/// Bytes that look random, the same each time.
struct Noise(u64);

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for chunk in buffer.chunks_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            chunk.copy_from_slice(&self.0.to_le_bytes()[..chunk.len()]);
        }
        Ok(buffer.len())
    }
}

struct Hashing(Sha256);

impl std::io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
