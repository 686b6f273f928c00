//! Archives that somebody sends: plain tars and snapshots, compressed or not.
//!
//! The first byte says how the rest is wrapped, so that changes get past checksums and compression.
#![no_main]

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use std::io::Write as _;
use waypost::workspace::snapshot::{LoadLimits, Loaded, read};

const BLOCK: usize = 512;
const CHECKSUM: std::ops::Range<usize> = 148..156;
const SIZE: std::ops::Range<usize> = 124..136;

fuzz_target!(|data: &[u8]| {
    let Some((how, archive)) = data.split_first() else { return };
    let mut archive = archive.to_vec();
    if how & 1 == 0 {
        mend_checksums(&mut archive);
    }
    if how & 2 != 0 {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&archive).unwrap();
        archive = gzip.finish().unwrap();
    }
    let limits = LoadLimits {
        max_bytes: 1 << 20,
        max_file_bytes: 1 << 19,
        max_entries: 1000,
        max_manifest_bytes: 1 << 18,
        ..LoadLimits::default()
    };
    let trees = match read(&mut &archive[..], &limits) {
        Ok(Loaded::Plain(tree)) => vec![tree],
        Ok(Loaded::Snapshot(snapshot)) => snapshot.mounts.into_iter().map(|mount| mount.tree).collect(),
        Err(refused) => {
            // What is told is one line that any terminal can show.
            assert!(!refused.to_string().contains(|letter: char| letter.is_control()), "{refused:?}");
            return;
        }
    };
    for (path, node) in trees.iter().flat_map(|tree| tree.walk("")) {
        assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{path:?}");
        assert!(node.len() <= limits.max_file_bytes);
    }
    assert!(trees.iter().map(|tree| tree.total_bytes()).sum::<u64>() <= limits.max_bytes);
});

/// Makes every header's checksum right, as far as the members follow each other.
fn mend_checksums(archive: &mut [u8]) {
    let mut at = 0;
    while let Some(header) = archive.get_mut(at..at + BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            return;
        }
        header[CHECKSUM].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits = header[SIZE].iter().take_while(|byte| (b'0'..=b'7').contains(byte));
        let size = digits.fold(0usize, |size, digit| (size << 3) | usize::from(digit - b'0'));
        at = at.saturating_add(BLOCK).saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK));
        if at > archive.len() {
            return;
        }
    }
}
