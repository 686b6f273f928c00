//! Archives that are not what they seem.

use super::Siege;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use tar::EntryType;

/// Memory that a refused archive may take, MiB: what the longest body may hold, and as much again.
const MOST: u64 = 600;

/// One header with a name and a size of its own choice.
fn header(name: &[u8], kind: EntryType, size: u64, link: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    // By hand: the library itself refuses what is tested here.
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// `piece` many times, in little: gzip allows one after the other.
fn many(piece: &[u8], times: usize) -> Vec<u8> {
    gzip(piece).repeat(times)
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_refused_before_they_take_memory() {
    let siege = Siege::begin().await;
    let zeros = many(&vec![0; 32 << 20], 200); // 6.25 GiB
    let bombs = [
        ("a file of 6 GiB", [gzip(&header(b"big", EntryType::Regular, 6 << 30, b"")), zeros.clone()].concat()),
        (
            "an extended header of 6 GiB",
            [gzip(&header(b"x", EntryType::XHeader, 6 << 30, b"")), zeros.clone()].concat(),
        ),
        ("a name of 6 GiB", [gzip(&header(b"x", EntryType::GNULongName, 6 << 30, b"")), zeros].concat()),
        ("more than a million files", many(&header(b"f", EntryType::Regular, 0, b"").repeat(50_000), 22)),
        ("more than a million extended headers", many(&extended(), 22)),
        ("gzip in gzip", gzip(&gzip(&header(b"f", EntryType::Regular, 0, b"")))),
        ("a file beyond every number", header(b"f", EntryType::Regular, u64::MAX >> 1, b"")),
    ];
    for door in &siege.doors {
        for (name, bomb) in &bombs {
            let request = door.post("/v1/workspaces/load?id=evil").header("content-type", "application/x-tar");
            let (_, said) = door.refusal(name, request.body(bomb.clone())).await;
            assert!(said.starts_with("load failed") || said.contains("limit"), "{name}: {said}");
            assert!(door.peak() < MOST, "{name} at {}: {} MiB", door.what, door.peak());
        }
    }
    siege.end().await;
}

/// 50,000 extended headers that say something, and never a file.
fn extended() -> Vec<u8> {
    let mut record = b"30 comment=nobody reads this.\n".to_vec();
    record.resize(512, 0);
    [header(b"x", EntryType::XHeader, 30, b""), record].concat().repeat(50_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_out_is_refused_whole() {
    let siege = Siege::begin().await;
    let ok = header(b"ok", EntryType::Regular, 0, b"");
    let with = |name: &[u8], kind, link: &[u8]| [ok.clone(), header(name, kind, 0, link)].concat();
    let archives = [
        ("up", with(b"../out", EntryType::Regular, b"")),
        ("up in the middle", with(b"a/../../out", EntryType::Regular, b"")),
        ("up as a directory", with(b"a/..", EntryType::Directory, b"")),
        ("absolute", with(b"/etc/cron.d/out", EntryType::Regular, b"")),
        ("link up", with(b"l", EntryType::Symlink, b"../../../etc")),
        ("absolute link", with(b"l", EntryType::Symlink, b"/etc/passwd")),
        ("hard link out", with(b"l", EntryType::Link, b"/etc/passwd")),
        ("hard link up", with(b"l", EntryType::Link, b"../ok")),
        ("hard link to nothing", with(b"l", EntryType::Link, b"none")),
        ("block device", with(b"sda", EntryType::Block, b"")),
        ("character device", with(b"tty", EntryType::Char, b"")),
        ("pipe", with(b"pipe", EntryType::Fifo, b"")),
        ("no UTF-8", with(b"\xff\xfe", EntryType::Regular, b"")),
        ("link without UTF-8", with(b"l", EntryType::Symlink, b"\xff")),
        ("file as a directory", with(b"ok/below", EntryType::Regular, b"")),
        ("up with an escape sequence", with(b"../\x1b]0;owned\x07\x1b[2J", EntryType::Regular, b"")),
        ("cut", header(b"f", EntryType::Regular, 5000, b"")),
    ];
    for door in &siege.doors {
        for (name, archive) in &archives {
            let request = door.post("/v1/workspaces/load?id=evil").header("content-type", "application/x-tar");
            let (status, said) = door.refusal(name, request.body(archive.clone())).await;
            assert!(status == 400 && said.starts_with("load failed"), "{name}: {status}: {said}");
            assert!(!said.contains(char::is_control), "{name}: {said:?}");
        }
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_tiny_files_are_too_many() {
    let siege = Siege::begin().await;
    let mut archive = Vec::new();
    for number in 0..100_000 {
        let mut content = vec![b'x'];
        content.resize(512, 0);
        let name = format!("d{}/f{number}", number % 100);
        archive.extend(header(name.as_bytes(), EntryType::Regular, 1, b""));
        archive.extend(content);
    }
    archive.extend([0; 1024]);
    let archive = gzip(&archive);
    for door in &siege.doors {
        let request = door.post("/v1/workspaces/load?id=many").header("content-type", "application/x-tar");
        let (status, said) = door.refusal("tiny files", request.body(archive.clone())).await;
        assert_eq!((status, said.contains("more than 65536 entries")), (413, true), "{said}");
        assert!(door.peak() < MOST, "{}: {} MiB", door.what, door.peak());
    }
    siege.end().await;
}
