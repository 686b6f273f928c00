//! What is kept, and when it is refused.

use super::*;
use std::fs;

#[test]
fn a_version_made_from_what_changed_is_the_one_made_from_everything() {
    let (dir, hot) = versions();
    let demo = owner("demo", 1);
    let mut live = tree(&[("a", "1"), ("z", "1")]);
    live.insert("d", Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: 1 });
    live.insert("d/x", file("x"));
    let steps: &[&dyn Fn(&mut Tree)] = &[
        &|_| {},
        &|tree| tree.insert("a", file("2")),
        // A file becomes a directory, a directory becomes a file.
        &|tree| {
            tree.remove("a");
            tree.insert("a", Node { kind: NodeKind::Directory, mode: 0o700, modified_ms: 1 });
            tree.insert("a/b", file("b"));
            tree.remove_all("d");
            tree.insert("d", file("d"));
        },
        &|tree| {
            tree.remove_all("a/b");
        },
        &|tree| {
            tree.remove_all("a");
        },
        &|tree| tree.insert("z", Node { mode: 0o750, ..file("1") }),
        &|tree| {
            tree.remove_all("");
        },
    ];
    for (number, step) in steps.iter().enumerate() {
        step(&mut live);
        let warm = commit(&hot, &demo, &live).unwrap();
        let cold = GitVersions::new(dir.path().join("repos"));
        let again = commit(&cold, &demo, &live).unwrap();
        let (warm, again) = (hot.read(&demo, &warm).unwrap(), cold.read(&demo, &again).unwrap());
        let (warm, again) = (&warm.mounts["/data/"].tree, &again.mounts["/data/"].tree);
        let shown = |tree: &Tree| {
            tree.walk("").map(|(path, node)| (path.to_string(), node.kind.clone(), node.mode)).collect::<Vec<_>>()
        };
        assert_eq!(shown(warm), shown(&live), "step {number}");
        assert_eq!(shown(again), shown(&live), "step {number}");
    }
}

#[test]
fn a_branch_that_moves_meanwhile_is_not_overwritten() {
    let (dir, versions) = versions();
    let demo = owner("demo", 1);
    let first = commit(&versions, &demo, &tree(&[("f", "1")])).unwrap();
    let second = commit(&versions, &demo, &tree(&[("f", "2")])).unwrap();
    let head = dir.path().join("repos/demo/refs/heads/main");
    let late = versions.commit(&demo, "main", "", &|| {
        fs::write(&head, format!("{first}\n")).unwrap();
        captured(&tree(&[("f", "3")]))
    });
    assert!(matches!(&late, Err(VersionsError::Moved { branch }) if branch == "main"), "{late:?}");
    assert_eq!(fs::read_to_string(&head).unwrap(), format!("{first}\n"));
    // One that another git is about to move, likewise; its lock is not ours to take away.
    let lock = dir.path().join("repos/demo/refs/heads/main.lock");
    fs::write(&lock, "").unwrap();
    assert!(matches!(commit(&versions, &demo, &Tree::new()), Err(VersionsError::Moved { .. })));
    assert!(lock.exists());
    fs::remove_file(lock).unwrap();
    commit(&versions, &demo, &tree(&[("f", "3")])).unwrap();
    assert_eq!(texts(&read(&versions, &demo, &second).unwrap()), [("f".into(), "2".into())]);
}

#[test]
fn an_object_that_a_power_cut_emptied_is_written_again() {
    let (dir, versions) = versions();
    let demo = owner("demo", 1);
    let first = commit(&versions, &demo, &tree(&[("f", "precious")])).unwrap();
    // Nothing refers to it any more, but its name is there.
    commit(&versions, &demo, &Tree::new()).unwrap();
    let repository = gix::open(dir.path().join("repos/demo")).unwrap();
    let id = repository.write_blob("precious").unwrap().to_string();
    let path = dir.path().join("repos/demo/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    commit(&versions, &demo, &tree(&[("g", "precious")])).unwrap();
    assert_eq!(texts(&read(&GitVersions::new(dir.path().join("repos")), &demo, &first).unwrap())[0].1, "precious");
}

#[test]
fn a_repository_that_a_killed_process_did_not_finish_is_gone_at_the_next_use() {
    let (dir, versions) = versions();
    let unfinished = dir.path().join("repos/~new-1234");
    fs::create_dir_all(unfinished.join("objects")).unwrap();
    assert_eq!(versions.log(&owner("other", 1), "main", 1).unwrap(), []);
    assert!(!unfinished.exists());
}

#[test]
fn beginnings_of_ids_must_be_unique_and_name_commits() {
    let (dir, versions) = versions();
    let demo = owner("demo", 1);
    let mut ids: Vec<String> = Vec::new();
    // With 16^4 beginnings two of a few hundred are the same sooner or later.
    let (one, other) = loop {
        let id = versions.commit(&demo, "main", &ids.len().to_string(), &|| captured(&Tree::new())).unwrap();
        if let Some(twin) = ids.iter().find(|other| other[..4] == id[..4]) {
            break (twin.clone(), id);
        }
        ids.push(id);
        assert!(ids.len() < 2000);
    };
    assert!(matches!(versions.read(&demo, &one[..4]), Err(VersionsError::VersionNotFound { .. })));
    let differ = (4..40).find(|length| one[..*length] != other[..*length]).unwrap();
    assert_eq!(versions.read(&demo, &one[..differ]).unwrap().id, one);
    let repository = gix::open(dir.path().join("repos/demo")).unwrap();
    let root = repository.find_commit(gix::ObjectId::from_hex(one.as_bytes()).unwrap()).unwrap().tree_id().unwrap();
    assert!(matches!(versions.read(&demo, &root.to_string()), Err(VersionsError::VersionNotFound { .. })));
}

#[test]
fn what_others_put_into_the_repository_is_refused_not_followed() {
    let (dir, versions) = versions();
    let demo = owner("demo", 1);
    commit(&versions, &demo, &tree(&[("f", "1")])).unwrap();
    let repository = gix::open(dir.path().join("repos/demo")).unwrap();
    let blob = repository.write_blob("evil").unwrap().detach();
    for name in ["%%2E%2E", "data"] {
        let root = repository.head_commit().unwrap().tree().unwrap();
        let mut entries: gix::objs::Tree = root.decode().unwrap().into();
        entries.entries.retain(|entry| entry.filename != name);
        let mode = gix::objs::tree::EntryKind::Blob.into();
        entries.entries.push(gix::objs::tree::Entry { mode, filename: name.into(), oid: blob });
        entries.entries.sort();
        let tree = repository.write_object(&entries).unwrap().detach();
        let who = gix::actor::SignatureRef::from_bytes(b"x <x@y> 1 +0000").unwrap();
        let commit = repository.new_commit_as(who, who, "", tree, None::<gix::ObjectId>).unwrap().id;
        let refused = versions.read(&demo, &commit.to_string()).unwrap_err();
        assert!(matches!(refused, VersionsError::Unusable { .. }), "{name}: {refused}");
    }
}
