//! Tars of anybody: what becomes of their members.

use super::{Archive, listing, load, load_plain};
use crate::workspace::{Node, NodeKind};
use tar::EntryType;

fn text(node: &Node) -> &str {
    match &node.kind {
        NodeKind::File(content) => std::str::from_utf8(content.bytes()).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_directories_and_links_become_a_tree() {
    let archive = Archive::default()
        .member(EntryType::Directory, "./", "", b"")
        .member(EntryType::Regular, "old-style/", "", b"")
        .file("./a//b/./c", b"first")
        .file("a/b/c", b"second")
        .member(EntryType::Link, "hard", "./a/b/c", b"")
        .member(EntryType::Symlink, "a/up", "../hard", b"")
        .member(EntryType::Directory, "a", "", b"")
        .member(EntryType::XGlobalHeader, "pax_global_header", "", super::super::pax::record("comment", "x").as_bytes())
        .member(EntryType::Continuous, "contiguous", "", b"c")
        .end();
    let tree = load_plain(&archive);
    let paths: Vec<_> = listing(&tree).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["a", "a/b", "a/b/c", "a/up", "contiguous", "hard", "old-style"]);
    assert_eq!(text(tree.get("a/b/c").unwrap()), "second");
    assert_eq!(text(tree.get("hard").unwrap()), "second");
    assert_eq!(tree.get("a/up").unwrap().kind, NodeKind::Symlink("../hard".into()));
    let Node { mode, modified_ms, .. } = tree.get("hard").unwrap();
    assert_eq!((*mode, *modified_ms), (0o640, 7_000));
    assert!(tree.is_dir("old-style"));
    assert_eq!(tree.get("a/b").unwrap().mode, 0o755);
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let long = format!("{}ü", "x/".repeat(120));
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_mode(0o644);
    builder.append_data(&mut header, &long, &b"g"[..]).unwrap();
    assert_eq!(text(load_plain(&builder.into_inner().unwrap()).get(&long).unwrap()), "g");

    let archive =
        Archive::default().pax("path", &long).pax("mtime", "1.5").file("short", b"p").file("next", b"n").end();
    let tree = load_plain(&archive);
    assert_eq!(text(tree.get(&long).unwrap()), "p");
    assert_eq!(tree.get(&long).unwrap().modified_ms, 1_500);
    assert_eq!(text(tree.get("next").unwrap()), "n");
}

#[test]
fn an_archive_without_members_is_an_empty_tree_and_a_manifest_that_is_not_first_is_a_file() {
    assert!(load_plain(&Archive::default().end()).is_empty());
    let tree = load_plain(&Archive::default().file("a", b"").file("manifest.json", b"{}").end());
    assert_eq!(text(tree.get("manifest.json").unwrap()), "{}");
}

#[test]
fn padding_behind_the_end_is_read_too() {
    let mut bytes = Archive::default().file("a", b"1").end();
    bytes.resize(10_240, 0);
    let mut input = bytes.as_slice();
    super::read(&mut input, &super::LoadLimits::default()).unwrap();
    assert!(input.is_empty());
    assert!(load(&bytes).is_ok());
}
