//! Mounts as scripts see them.

use super::*;

#[tokio::test]
async fn pipelines_redirects_and_mount_points() {
    let (_all, ws) = workspace(json!({"/data": {"resource": "ram"}, "/a/b": {"resource": "ram"}})).await;
    assert_eq!(out(&ws, "echo hello > /data/hello.txt && cat /data/hello.txt").await, "hello\n");
    assert_eq!(out(&ws, "printf 'b\\na\\n' >> /data/x; sort < /data/x | tr a-z A-Z").await, "A\nB\n");
    assert_eq!(out(&ws, "cat /data/x > /dev/null; cat < /dev/null").await, "");
    let listing = out(&ws, "ls /").await;
    for name in ["a", "data", "dev", "tmp"] {
        assert!(listing.lines().any(|line| line == name), "{name} in {listing}");
    }
    assert_eq!(out(&ws, "ls /a; cd /a/b && pwd && echo x > ../f && ls /a").await, "b\n/a/b\nb\nf\n");
    assert_eq!(out(&ws, "echo t > /tmp/t && mktemp > /dev/null && cd ~ && pwd").await, "/home/user\n");
    assert_eq!(run(&ws, "rm -r /data").await.0, 1);
    assert_eq!(out(&ws, "ls /data").await, "hello.txt\nx\n");
}

#[tokio::test]
async fn read_only_mounts_refuse_in_the_words_of_gnu() {
    let workspaces = open(Options::default(), None).await;
    let config = json!({"mounts": {"/ro": {"resource": "ram", "mode": "read"}}, "mode": "write"});
    let ws = workspaces.create(None, WorkspaceConfig::from_json(&config).unwrap()).await.unwrap();
    for command in ["echo x > /ro/f", "touch /ro/f", "mkdir /ro/d", "cp /etc/hostname /ro/f", "ln -s a /ro/l"] {
        let (code, _, stderr) = run(&ws, command).await;
        assert_eq!(code, 1, "{command}");
        assert!(stderr.contains("Read-only file system"), "{command}: {stderr}");
    }
    let (_, _, stderr) = run(&ws, "cat /ro/none").await;
    assert_eq!(stderr, "cat: /ro/none: No such file or directory\n");
}

#[tokio::test]
async fn moving_between_mounts_takes_directories_along() {
    let (_all, ws) = workspace(json!({"/a": {"resource": "ram"}, "/b": {"resource": "ram"}})).await;
    out(&ws, "mkdir -p /a/d/e && echo 1 > /a/d/e/f && chmod 600 /a/d/e/f && ln -s f /a/d/e/l").await;
    assert_eq!(out(&ws, "mv /a/d /b/d2 && cat /b/d2/e/l && stat -c %a /b/d2/e/f").await, "1\n600\n");
    assert_eq!(out(&ws, "ls /a; cp -r /b/d2 /a/d && cat /a/d/e/f && rm -r /a/d && ls /a").await, "1\n");
}

#[tokio::test]
async fn a_narrowed_session_sees_only_its_mounts() {
    let (_all, ws) = workspace(json!({"/a": {"resource": "ram"}, "/b": {"resource": "ram"}})).await;
    out(&ws, "echo a > /a/f; echo b > /b/f").await;
    ws.create_session(Some("s2".into()), Some(vec!["/a".into()])).await.unwrap();
    let run =
        async |command: &str| execute(&ws, ExecuteRequest { session_id: Some("s2".into()), ..request(command) }).await;
    assert_eq!(run("cat /a/f").await.stdout, "a\n");
    let refused = run("cat /b/f").await;
    assert_eq!((refused.exit_code, &refused.stdout[..]), (1, &b""[..]));
    let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(stderr.contains("session 's2' not allowed to access mount '/b'"), "{stderr}");
    for command in ["echo x > /b/g", "ls /b", "cp /a/f /b/f", "ln -s /b/f /a/l && cat /a/l", "echo x > /tmp/x"] {
        assert_ne!(run(command).await.exit_code, 0, "{command}");
    }
    assert_eq!(out(&ws, "cat /b/f; ls /b").await, "b\nf\n");
    let listing = run("ls /").await.stdout;
    assert!(!String::from_utf8_lossy(&listing).lines().any(|line| line == "b"));
    assert!(ws.create_session(None, Some(vec!["/nope".into()])).await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn a_disk_mount_cannot_be_left() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(outer.path().join("secret"), "host secret").unwrap();
    for (target, link) in [("..", "up"), ("../secret", "file"), ("/", "abs")] {
        std::os::unix::fs::symlink(target, root.join(link)).unwrap();
    }
    let options = Options { disk_roots: vec![root.clone()], ..Options::default() };
    let workspaces = open(options, None).await;
    let config = json!({"mounts": {"/d": {"type": "disk", "config": {"root": root}}}});
    let ws = workspaces.create(None, WorkspaceConfig::from_json(&config).unwrap()).await.unwrap();
    assert_eq!(out(&ws, "echo x > /d/f && cat /d/f && mkdir /d/e && mv /d/f /d/e/g && cat /d/e/g").await, "x\nx\n");
    assert_eq!(std::fs::read_to_string(root.join("e/g")).unwrap(), "x\n");
    for command in [
        "cat /d/../secret",
        "cat /d/up/secret",
        "cat /d/file",
        "cat /d/abs/etc/passwd",
        "echo y > /d/file",
        "cp /d/file /tmp/x",
        "ln -s ../secret /d/l && cat /d/l",
        "ln -s /etc/passwd /d/l",
        "mv /d/up/secret /d/s",
    ] {
        let (code, stdout, stderr) = run(&ws, command).await;
        assert_ne!(code, 0, "{command}: {stdout}");
        assert!(!stdout.contains("secret"), "{command}: {stdout} {stderr}");
    }
    assert_eq!(std::fs::read_to_string(outer.path().join("secret")).unwrap(), "host secret");
    assert_eq!(out(&ws, "ln -s e/g /d/in && cat /d/in && rm /d/up && ls /d").await, "x\nabs\ne\nfile\nin\n");

    let refused = json!({"mounts": {"/d": {"type": "disk", "config": {"root": outer.path()}}}});
    let refused = workspaces.create(None, WorkspaceConfig::from_json(&refused).unwrap()).await;
    assert!(matches!(refused, Err(crate::workspace::Error::Refused { rule: "disk_roots", .. })));
}

#[tokio::test]
async fn mv_does_what_its_options_say() {
    let (_all, ws) = workspace(json!({})).await;
    let script = "cd /tmp; mkdir d e e/full; echo 1 > a; echo 2 > b; mv -n a b; cat a b; mv -v a d; mv -t e d/a b; ls e; \
                  cd e; mv a ../c; mv -f b ../c; cat ../c; mkdir ../n; mv ../c ../n/; ls ../n; mv full ../e2; ls ..; \
                  ln -s nowhere l; mv l m; readlink m; mv ../n/c ./c; echo x > 'two words'; mv -- 'two words' ../n; ls ../n";
    let wanted = "1\n2\nrenamed 'a' -> 'd/a'\na\nb\nfull\n2\nc\nd\ne\ne2\nn\nnowhere\ntwo words\n";
    assert_eq!(out(&ws, script).await, wanted);
    for (wrong, words) in [
        ("mv /tmp/none /tmp/x", "cannot stat '/tmp/none': No such file or directory"),
        ("mkdir -p /tmp/p/q; mv /tmp/p /tmp/p/q", "to a subdirectory of itself"),
        ("mkdir -p /tmp/r/p/z /tmp/p; mv /tmp/p /tmp/r", "Directory not empty"),
        ("echo > /tmp/g; mv /tmp/p /tmp/g", "cannot overwrite non-directory"),
        ("mv /tmp/g", "missing destination"),
        ("mv -q a b", "invalid option"),
        ("mv /tmp/g /tmp/g", "are the same file"),
    ] {
        let (code, _, stderr) = run(&ws, wrong).await;
        assert!(code == 1 && stderr.contains(words), "{wrong}: {code} {stderr}");
    }
}
