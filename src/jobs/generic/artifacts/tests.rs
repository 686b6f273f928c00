//! Hostile paths and what is kept how long.

use super::ArtifactStore;
use crate::jobs::generic::options::GenericOptions;
use crate::jobs::generic::refusal::ArtifactProblem;
use crate::wire::node::generic::ArtifactUpload;
use std::path::Path;
use std::time::Duration;

fn store(dir: &Path, change: impl FnOnce(&mut GenericOptions)) -> ArtifactStore {
    let mut options = GenericOptions::new("shn_1".to_owned(), dir.join("artifacts"));
    change(&mut options);
    ArtifactStore::new(&options)
}

fn file(path: &str, content: &str) -> ArtifactUpload {
    ArtifactUpload { path: path.to_owned(), content_base64: content.to_owned(), ..ArtifactUpload::default() }
}

fn files_below(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { 1 }).sum()
}

#[test]
fn no_path_leads_out_and_what_is_sent_must_be_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), |options| options.max_upload_bytes = 5);
    let problem = |upload: &ArtifactUpload| store.upload("job", upload).unwrap_err().problem;
    for path in ["", "/etc/x", "../x", "a/../../x", "a//b", "a\\b", "./a", "a/.", "C:x", "a\0b"] {
        assert_eq!(problem(&file(path, "eA==")), ArtifactProblem::UnsafePath, "{path}");
    }
    assert_eq!(problem(&file("a", "!")), ArtifactProblem::NotBase64);
    assert_eq!(problem(&file("a", "MTIzNDU2")), ArtifactProblem::TooLarge);
    assert_eq!(problem(&ArtifactUpload { sha256: Some("00".into()), ..file("a", "eA==") }), ArtifactProblem::Mismatch);
    assert_eq!(problem(&ArtifactUpload { size_bytes: Some(2), ..file("a", "eA==") }), ArtifactProblem::Mismatch);
    assert_eq!(files_below(dir.path()), 0, "nothing stays of what was refused");
    store.upload("job", &file("a", "eA==")).unwrap();
    assert_eq!(problem(&file("a", "eA==")), ArtifactProblem::Exists);
    assert_eq!(problem(&file("a/b", "eA==")), ArtifactProblem::UnsafePath, "a file is no directory");
    for uri in
        ["artifact://local/job/../x", "artifact://local/job/%2e%2e/x", "artifact://else/job/a", "artifact://local/job"]
    {
        assert_eq!(store.resolve(uri).unwrap_err().problem, ArtifactProblem::UnsafePath, "{uri}");
    }
    assert_eq!(store.resolve("artifact://local/job/a").unwrap().1, 1);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), |_| {});
    store.upload("job", &file("a/b", "eA==")).unwrap();
    let job = std::fs::read_dir(dir.path().join("artifacts")).unwrap().next().unwrap().unwrap().path();
    symlink(dir.path(), job.join("uploads/out")).unwrap();
    symlink("a", job.join("uploads/inside")).unwrap();
    symlink("b", job.join("uploads/a/link")).unwrap();
    assert_eq!(store.upload("job", &file("out/x", "eA==")).unwrap_err().problem, ArtifactProblem::UnsafePath);
    assert_eq!(store.upload("job", &file("inside/x", "eA==")).unwrap_err().problem, ArtifactProblem::UnsafePath);
    assert!(store.resolve("artifact://local/job/inside/b").is_err());
    assert_eq!(store.resolve("artifact://local/job/a/link").unwrap_err().problem, ArtifactProblem::UnsafePath);
    assert!(!dir.path().join("x").exists());
}

#[test]
fn what_is_old_is_gone_before_and_after_it_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let young = store(dir.path(), |_| {});
    young.upload("job", &file("a/b", "eA==")).unwrap();
    young.upload("busy", &file("c", "eA==")).unwrap();
    young.sweep(Vec::new).unwrap();
    assert_eq!((young.list("job").len(), young.list("busy").len()), (1, 1));
    let old = store(dir.path(), |options| options.retention = Duration::ZERO);
    assert_eq!((old.list("job").len(), old.resolve("artifact://local/job/a/b").is_err()), (0, true));
    old.sweep(|| vec!["busy".to_owned()]).unwrap();
    assert_eq!((young.list("job").len(), young.list("busy").len()), (0, 1));
    assert_eq!(std::fs::read_dir(dir.path().join("artifacts")).unwrap().count(), 1);
}

#[test]
fn all_files_together_have_a_limit() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), |options| options.max_store_bytes = 1_000);
    let content = "A".repeat(800);
    store.upload("a", &file("x", &content)).unwrap();
    let full = store.upload("b", &file("x", &content)).unwrap_err();
    assert_eq!(full.problem, ArtifactProblem::Full);
    assert!(!full.message.contains(dir.path().to_str().unwrap()));
}
