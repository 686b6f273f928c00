//! Whose versions are whose.

use super::*;
use std::fs;

#[test]
fn a_namesake_starts_anew_and_what_was_there_is_put_aside() {
    let (dir, versions) = versions();
    let (older, newer) = (owner("demo", 1), owner("demo", 2));
    let gone = Owner { created_ms: None, ..older.clone() };
    let first = commit(&versions, &older, &tree(&[("f", "old")])).unwrap();
    versions.forget("demo");
    assert_eq!(versions.log(&gone, "main", 9).unwrap().len(), 1);
    assert_eq!(texts(&read(&versions, &gone, &first).unwrap()), [("f".into(), "old".into())]);

    assert!(versions.log(&newer, "main", 9).unwrap().is_empty());
    assert!(matches!(versions.read(&newer, &first), Err(VersionsError::VersionNotFound { .. })));
    assert!(matches!(versions.branch(&newer, "x", "main"), Err(VersionsError::BranchNotFound { .. })));
    let all_new =
        versions.diff(&newer, &Side::Head("main".into()), &Side::Live(captured(&tree(&[("f", "old")])))).unwrap();
    assert_eq!(all_new, Differences { added: vec!["data/f".into()], ..Differences::default() });

    commit(&versions, &newer, &tree(&[("f", "new")])).unwrap();
    assert_eq!(versions.log(&newer, "main", 9).unwrap().len(), 1);
    assert!(dir.path().join("repos/~former/demo.1/objects").is_dir());
    assert!(versions.read(&gone, &first).is_err());
}

#[test]
fn a_repository_that_is_not_ours_is_neither_used_nor_changed() {
    let (dir, versions) = versions();
    let foreign = dir.path().join("repos/demo");
    fs::create_dir_all(&foreign).unwrap();
    gix::init_bare(&foreign).unwrap();
    let before = fs::read(foreign.join("config")).unwrap();
    let refused = commit(&versions, &owner("demo", 1), &Tree::new()).unwrap_err();
    assert!(refused.to_string().contains("not ours; move it away"), "{refused}");
    assert_eq!(fs::read(foreign.join("config")).unwrap(), before);
    fs::write(foreign.join("config"), "[waypost]\n\tworkspace = Demo\n\tcreated = 1\n").unwrap();
    let refused = commit(&versions, &owner("demo", 1), &Tree::new()).unwrap_err();
    assert!(refused.to_string().contains("'Demo'"), "{refused}");
}

#[test]
fn an_id_that_is_none_names_no_directory() {
    let (dir, versions) = versions();
    commit(&versions, &owner("demo", 1), &Tree::new()).unwrap();
    for id in ["../repos/demo", "", ".", "..", "~former", "/etc", "demo/../demo"] {
        let nobody = Owner { id: id.to_owned(), created_ms: None };
        assert!(versions.log(&nobody, "main", 9).unwrap().is_empty(), "{id}");
        assert!(matches!(versions.read(&nobody, "main"), Err(VersionsError::VersionNotFound { .. })), "{id}");
    }
    assert_eq!(fs::read_dir(dir.path().join("repos")).unwrap().count(), 1);
}
