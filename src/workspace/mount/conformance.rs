//! What every writable filesystem does alike. Also used by the tests against real storage, outside of this crate.

use super::{Filesystem, Kind};
use std::io::{self, ErrorKind};

/// What a filesystem keeps beside names and contents. Where it does not, it takes a mode or a time without effect, and
/// refuses a link.
#[derive(Debug, Clone, Copy)]
pub struct Keeps {
    /// Permission bits.
    pub modes: bool,
    /// The time of the last change, as set.
    pub times: bool,
    /// Symbolic links.
    pub links: bool,
}

/// Holds an empty writable filesystem, whose largest file is 1000 bytes, to what scripts rely on.
pub fn conforms(fs: &dyn Filesystem, keeps: Keeps) {
    files(fs, keeps);
    parts(fs);
    directories(fs);
    renames(fs);
    if keeps.links {
        links(fs);
    }
    refusals(fs);
}

fn files(fs: &dyn Filesystem, keeps: Keeps) {
    fs.write("f", "abc".into()).unwrap();
    fs.set_mode("f", 0o600).unwrap();
    fs.write("f", "xy".into()).unwrap();
    fs.append("f", b"z").unwrap();
    fs.append("new", b"n").unwrap();
    fs.set_modified("f", 1_600_000_000_000).unwrap();
    let there = fs.stat("f").unwrap();
    assert_eq!((there.kind, there.size), (Kind::File, 3));
    assert!(!keeps.times || there.modified_ms == 1_600_000_000_000);
    assert!(!keeps.modes || there.mode == 0o600);
    assert_eq!((fs.read("f").unwrap(), fs.read("new").unwrap()), ("xyz".into(), "n".into()));
    let mut streamed = String::new();
    fs.open("f").unwrap().read_to_string(&mut streamed).unwrap();
    assert_eq!(streamed, "xyz");
    fs.remove("new").unwrap();
}

fn parts(fs: &dyn Filesystem) {
    fs.write("p", "0123456789".into()).unwrap();
    assert_eq!((fs.read_at("p", 3, 4).unwrap(), fs.read_at("p", 8, u64::MAX).unwrap()), ("3456".into(), "89".into()));
    assert!(fs.read_at("p", 10, 1).unwrap().is_empty() && fs.read_at("p", u64::MAX, u64::MAX).unwrap().is_empty());
    fs.write_at("p", 8, b"abc").unwrap();
    fs.write_at("p", 1, b"-").unwrap();
    fs.write_at("p", 900, b"").unwrap();
    assert_eq!(fs.read("p").unwrap(), "0-234567abc");
    fs.set_len("p", 2).unwrap();
    fs.write_at("p", 4, b"x").unwrap();
    fs.set_len("p", 6).unwrap();
    assert_eq!(fs.read("p").unwrap(), "0-\0\0x\0");
    assert_eq!(kind(fs.write_at("p", 1000, b"x")), ErrorKind::FileTooLarge);
    assert_eq!(kind(fs.write_at("p", u64::MAX, b"x")), ErrorKind::FileTooLarge);
    assert_eq!(kind(fs.set_len("p", u64::MAX)), ErrorKind::FileTooLarge);
    assert_eq!(kind(fs.write_at("no", 0, b"x")), ErrorKind::NotFound);
    assert_eq!(kind(fs.set_len("no", 0)), ErrorKind::NotFound);
    assert_eq!(kind(fs.set_len("", 0)), ErrorKind::IsADirectory);
    assert_eq!(fs.read("p").unwrap(), "0-\0\0x\0");
    fs.remove("p").unwrap();
}

fn directories(fs: &dyn Filesystem) {
    fs.make_dir("d").unwrap();
    fs.make_dir("d/e").unwrap();
    fs.write("d/e/g", "1".into()).unwrap();
    fs.write("d-x", "2".into()).unwrap();
    let names = |dir: &str| fs.list(dir).unwrap().into_iter().map(|entry| entry.name).collect::<Vec<_>>();
    assert_eq!((names(""), names("d")), (vec!["d".into(), "d-x".into(), "f".into()], vec!["e".to_owned()]));
    assert_eq!(fs.stat("").unwrap().kind, Kind::Directory);
    fs.remove("d-x").unwrap();
}

fn renames(fs: &dyn Filesystem) {
    fs.rename("d", "moved").unwrap();
    assert_eq!(fs.read("moved/e/g").unwrap(), "1");
    fs.write("other", "o".into()).unwrap();
    fs.rename("other", "f").unwrap();
    assert_eq!((fs.read("f").unwrap(), kind(fs.stat("other"))), ("o".into(), ErrorKind::NotFound));
    fs.make_dir("empty").unwrap();
    fs.rename("moved", "empty").unwrap();
    fs.rename("empty", "d").unwrap();
}

fn links(fs: &dyn Filesystem) {
    fs.symlink("f", "l").unwrap();
    assert_eq!((fs.stat("l").unwrap().kind, &*fs.read_link("l").unwrap()), (Kind::Symlink, "f"));
    assert!(fs.read("l").is_err() && fs.write("l", "x".into()).is_err());
    fs.remove("l").unwrap();
    assert_eq!(fs.read("f").unwrap(), "o");
}

fn refusals(fs: &dyn Filesystem) {
    assert_eq!(kind(fs.write("no/f", "".into())), ErrorKind::NotFound);
    assert_eq!(kind(fs.read("no")), ErrorKind::NotFound);
    assert_eq!(kind(fs.write("f/g", "".into())), ErrorKind::NotADirectory);
    assert_eq!(kind(fs.write("d", "".into())), ErrorKind::IsADirectory);
    assert_eq!(kind(fs.read("d")), ErrorKind::IsADirectory);
    assert_eq!(kind(fs.list("f")), ErrorKind::NotADirectory);
    assert_eq!(kind(fs.remove("d")), ErrorKind::DirectoryNotEmpty);
    assert_eq!(kind(fs.rename("d", "d/e/x")), ErrorKind::InvalidInput);
    assert_eq!(kind(fs.make_dir("d")), ErrorKind::AlreadyExists);
    assert_eq!(kind(fs.write("f", vec![0; 1001].into())), ErrorKind::FileTooLarge);
    assert_eq!(fs.read("f").unwrap(), "o");
    fs.remove_all("d").unwrap();
    assert_eq!(kind(fs.remove("d")), ErrorKind::NotFound);
}

fn kind<T>(result: io::Result<T>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}
