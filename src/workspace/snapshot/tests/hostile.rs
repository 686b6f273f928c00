//! Archives that must be refused, each with an error that names what is wrong.

use super::{Archive, header, load, read};
use crate::workspace::Error;
use crate::workspace::snapshot::LoadLimits;
use serde_json::{Value, json};
use tar::EntryType;

#[track_caller]
fn refused(bytes: &[u8], words: &[&str]) {
    let error = load(bytes).expect_err("must be refused");
    assert!(matches!(error, Error::BadArchive { .. }), "{error:?}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "'{word}' is not in: {text}");
    }
}

fn link(kind: EntryType, name: &str, to: &str) -> Archive {
    Archive::default().file("dir/file", b"x").member(kind, name, to, b"")
}

#[test]
fn names_that_leave_the_archive() {
    for name in ["../x", "a/../../x", "a/..", ".."] {
        refused(&Archive::default().file(name, b"").end(), &[name, "'..'"]);
        refused(&Archive::default().pax("path", name).file("fine", b"").end(), &[name, "'..'"]);
        refused(&Archive::default().member(EntryType::Directory, name, "", b"").end(), &[name]);
    }
    refused(&Archive::default().file("/etc/passwd", b"").end(), &["/etc/passwd", "absolute"]);
    refused(&Archive::default().pax("path", "a\0b").file("x", b"").end(), &["a\\0b", "NUL"]);
    refused(&Archive::default().member(EntryType::GNULongName, "l", "", b"a\0b\0").file("x", b"").end(), &["NUL"]);
    refused(&Archive::default().pax("path", &"x".repeat(9_000)).file("x", b"").end(), &["too long"]);
    refused(&Archive::default().file("", b"").end(), &["without a name"]);
    let invalid = Archive::default().raw(header(EntryType::Regular, b"a\xff", b"", 0), b"").end();
    refused(&invalid, &["not UTF-8"]);
}

#[test]
fn links_that_leave_the_archive() {
    for to in ["/etc/passwd", "../x", "a/../../x", "../../dir/file"] {
        refused(&link(EntryType::Symlink, "link", to).end(), &["'link'", to]);
        refused(&link(EntryType::Link, "link", to).end(), &[to]);
    }
    assert!(load(&link(EntryType::Symlink, "dir/link", "../dir/file").end()).is_ok());
    refused(&link(EntryType::Symlink, "dir/link", "../../x").end(), &["leaves the archive"]);
    refused(&link(EntryType::Link, "link", "none").end(), &["'link'", "'none'", "does not lead"]);
    refused(&link(EntryType::Link, "link", "dir").end(), &["does not lead"]);
    refused(&link(EntryType::Symlink, "link", "").end(), &["no target"]);
    refused(&Archive::default().pax("linkpath", "a\0b").member(EntryType::Symlink, "l", "x", b"").end(), &["NUL"]);
    // Each is inside when only its text is looked at.
    let chain = Archive::default()
        .member(EntryType::Symlink, "a/b/up", "../..", b"")
        .member(EntryType::Symlink, "a/b/out", "up/../..", b"")
        .end();
    refused(&chain, &["'a/b/out'", "behind another link"]);
}

#[test]
fn a_path_that_is_two_things() {
    let below_file = Archive::default().file("a", b"").file("a/b", b"").end();
    refused(&below_file, &["'a/b'", "below the file 'a'"]);
    let below_link = link(EntryType::Symlink, "link", "dir").file("link/x", b"").end();
    refused(&below_link, &["'link/x'", "below the symbolic link 'link'"]);
    refused(&Archive::default().file("a/b", b"").file("a", b"").end(), &["first a directory and then a file"]);
    let file_then_dir = Archive::default().file("a", b"").member(EntryType::Directory, "a", "", b"").end();
    refused(&file_then_dir, &["first a file and then a directory"]);
    refused(&link(EntryType::Symlink, "dir", "x").end(), &["first a directory and then a symbolic link"]);
    refused(&link(EntryType::Symlink, ".", "x").end(), &["root must be a directory"]);
}

#[test]
fn members_that_are_no_files() {
    for (kind, word) in [
        (EntryType::Char, "device"),
        (EntryType::Block, "device"),
        (EntryType::Fifo, "pipe"),
        (EntryType::GNUSparse, "sparse"),
        (EntryType::new(b'V'), "'V'"),
    ] {
        refused(&Archive::default().member(kind, "odd", "", b"").end(), &["'odd'", word]);
    }
    let full = Archive::default().member(EntryType::Directory, "dir", "", b"content").end();
    refused(&full, &["'dir'", "not a file"]);
    refused(&Archive::default().pax("GNU.sparse.major", "1").file("x", b"").end(), &["sparse"]);
    let global = super::super::pax::record("path", "all");
    refused(
        &Archive::default().member(EntryType::XGlobalHeader, "g", "", global.as_bytes()).file("x", b"").end(),
        &["global header"],
    );
}

#[test]
fn archives_that_end_too_early_or_are_damaged() {
    let whole = Archive::default().file("first", b"").file("second", &[7; 2_000]).end();
    for len in [1, 511, 512, 513, 1_024, 1_100, 3_071, 3_072, 3_500] {
        refused(&whole[..len], &["ends too early"]);
    }
    refused(&whole[..2_000], &["'second'"]);
    assert!(load(&whole[..whole.len() - 512]).is_ok(), "one block of zeros says it too");
    refused(&[], &["empty"]);
    let mut flipped = whole.clone();
    flipped[512] ^= 1;
    refused(&flipped, &["damaged", "'first'"]);
    refused(&[b'x'; 2_000], &["not a tar"]);
    for (start, word) in [
        (&b"\x1f\x8b\x08\0"[..], "damaged"),
        (&b"BZh91AY&SY garbage"[..], "damaged"),
        (b"BZh91AY&SY", "damaged"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PK\x03\x04", "zip"),
        (b"{\"version\": 2}", "JSON"),
    ] {
        refused(start, &[word]);
    }
    let endless = (0..20).fold(Archive::default(), |archive, _| archive.pax("comment", "x")).file("x", b"").end();
    refused(&endless, &["too many extended headers"]);
    let huge = Archive::default().raw(header(EntryType::XHeader, b"x", b"", 1 << 40), b"").end();
    refused(&huge, &["extended header of 1099511627776 bytes"]);
}

#[test]
fn what_exceeds_a_limit() {
    let limits = LoadLimits { max_bytes: 100, max_entries: 4, max_file_bytes: 50, max_manifest_bytes: 10 };
    let load = |bytes: Vec<u8>| read(&mut bytes.as_slice(), &limits).unwrap_err();
    // The declared size decides: the content is not even there.
    let declared = load(Archive::default().raw(header(EntryType::Regular, b"big", b"", 51), b"").end());
    assert_eq!(declared.to_string(), "load failed: member 'big' has 51 bytes; a file is limited to 50");
    let declared = load(Archive::default().raw(header(EntryType::Regular, b"big", b"", u64::MAX), b"").end());
    assert!(declared.to_string().contains("'big'"), "{declared}");
    let by_pax = load(Archive::default().pax("size", "51").file("big", b"").end());
    assert!(by_pax.to_string().contains("'big'"), "{by_pax}");

    let total = load(Archive::default().file("a", &[0; 50]).file("b", &[0; 49]).end());
    assert!(matches!(total, Error::TooLarge { limit: 100, .. }), "{total:?}");
    // A hard link costs no bytes in the archive, but each place where the file is counts.
    let links = Archive::default().file("a", &[0; 50]).member(EntryType::Link, "b", "a", b"").end();
    assert!(matches!(load(links), Error::TooLarge { .. }));
    let many = (0..5).fold(Archive::default(), |archive, n| archive.file(&n.to_string(), b""));
    assert!(load(many.end()).to_string().contains("more than 4 entries, at '4'"));
    let deep = load(Archive::default().file("a/b/c/d/e", b"").end());
    assert!(deep.to_string().contains("more than 4 entries"), "implied directories count: {deep}");
    let manifest = load(Archive::default().file("manifest.json", &[b' '; 11]).end());
    assert!(matches!(manifest, Error::TooLarge { what: "manifest.json", limit: 10 }), "{manifest:?}");
}

/// A manifest that can be loaded, changed by `change`.
fn with(change: impl FnOnce(&mut Value)) -> Archive {
    let mut manifest = json!({"version": 2, "mounts": [{
        "index": 0, "prefix": "/data/", "mode": "write", "resource_class": "ram",
        "resource_state": {"type": "ram", "files": {"/x": {"__file": "mounts/0/files/x"}}, "dirs": ["/"]},
    }], "sessions": [{"session_id": "default"}]});
    change(&mut manifest);
    Archive::default().file("manifest.json", manifest.to_string().as_bytes()).file("mounts/0/files/x", b"x")
}

#[test]
fn manifests_that_make_no_sense() {
    assert!(load(&with(|_| ()).end()).is_ok());
    let state = |manifest: &mut Value, key: &str, value: Value| manifest["mounts"][0]["resource_state"][key] = value;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for (text, word) in [
        ("{", "EOF"),
        ("[]", "manifest.json"),
        ("{}", "version"),
        ("\u{1}", "expected value"),
        (deep.as_str(), "manifest.json"),
        (&format!("{{\"mirage_version\": {deep}}}"), "recursion"),
    ] {
        refused(&Archive::default().file("manifest.json", text.as_bytes()).end(), &["manifest.json", word]);
    }
    refused(&with(|m| m["version"] = 4.into()).end(), &["version 4"]);
    refused(&with(|m| m["version"] = "2".into()).end(), &["manifest.json"]);
    refused(&with(|m| m["mounts"] = json!({})).end(), &["manifest.json"]);
    refused(&with(|m| m["mounts"][0]["resource_class"] = "os.system".into()).end(), &["'os.system'"]);
    refused(&with(|m| m["mounts"][0]["resource_class"] = Value::Null).end(), &["'/data/'", "no resource class"]);
    refused(&with(|m| m["mounts"][0]["prefix"] = "/../x/".into()).end(), &["'..'"]);
    refused(&with(|m| m["mounts"] = json!([m["mounts"][0], m["mounts"][0]])).end(), &["two mounts at '/data/'"]);
    refused(&with(|m| m["sessions"] = json!([m["sessions"][0], m["sessions"][0]])).end(), &["two sessions 'default'"]);
    refused(&with(|m| state(m, "files", json!({"/x": "bytes"}))).end(), &["'/data/'"]);
    let to = |member: &str| json!({"/x": {"__file": member}});
    refused(&with(|m| state(m, "files", to("mounts/0/files/none"))).end(), &["missing member 'mounts/0/files/none'"]);
    refused(&with(|m| state(m, "files", to("../../etc/passwd"))).end(), &["'..'"]);
    refused(&with(|m| state(m, "files", json!({"/a/../../x": {"__file": "mounts/0/files/x"}}))).end(), &["'..'"]);
    refused(&with(|m| state(m, "files", json!({"//x": {"__file": "mounts/0/files/x"}}))).end(), &["absolute"]);
    refused(&with(|m| state(m, "dirs", json!(["/x"]))).end(), &["first a directory and then a file"]);
    refused(&with(|_| ()).file("mounts/0/files/x", b"again").end(), &["'mounts/0/files/x'", "twice"]);
    refused(&with(|_| ()).member(EntryType::Symlink, "l", "x", b"").end(), &["'l'", "is a link"]);
    refused(&with(|_| ()).file("../outside", b"").end(), &["'..'"]);

    let ours = |change: fn(&mut Value)| {
        with(|m| {
            let mut ours = json!({"format": 1, "id": "w", "created_ms": 1, "config": {}, "sessions": [],
                "mounts": {"/data/": {"modes": {}, "symlinks": {}, "modified_ms": {}}}});
            change(&mut ours);
            m["waypost"] = ours;
        })
    };
    assert!(load(&ours(|_| ()).end()).is_ok());
    refused(&ours(|o| o["format"] = 2.into()).end(), &["newer version"]);
    refused(&ours(|o| o["mounts"]["/data/"]["modes"] = json!({"x": "0999"})).end(), &["'x'", "'0999'"]);
    refused(&ours(|o| o["mounts"]["/data/"]["symlinks"] = json!({"../l": "x"})).end(), &["'..'"]);
    refused(&ours(|o| o["mounts"]["/data/"]["symlinks"] = json!({"x": "y"})).end(), &["symbolic link"]);
    refused(&ours(|o| o["mounts"]["/data/"]["symlinks"] = json!({"l": "a\u{0}"})).end(), &["NUL"]);
}

/// One file referred to many times is little in the archive and much in a workspace.
#[test]
fn a_manifest_that_multiplies_a_file() {
    let archive = with(|m| {
        let files = (0..1_000).map(|n| (format!("/{n}"), json!({"__file": "mounts/0/files/x"})));
        m["mounts"][0]["resource_state"]["files"] = files.collect();
    });
    let limits = LoadLimits { max_bytes: 100_000, ..LoadLimits::default() };
    assert!(read(&mut archive.end().as_slice(), &limits).is_ok());
    let archive = with(|m| {
        let files = (0..1_000).map(|n| (format!("/{n}"), json!({"__file": "mounts/0/files/big"})));
        m["mounts"][0]["resource_state"]["files"] = files.collect();
    })
    .file("mounts/0/files/big", &[1; 1_000]);
    assert!(matches!(read(&mut archive.end().as_slice(), &limits), Err(Error::TooLarge { .. })));
}

/// Any change of a byte gives a workspace or an error, never a panic.
#[test]
fn every_flipped_byte() {
    let whole = with(|_| ()).pax("path", "a/b").file("x", b"content").member(EntryType::Directory, "d", "", b"").end();
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let _ = load(&bytes);
        }
        let _ = load(&whole[..at]);
    }
}
