//! Versions as the real git sees them. Needs the `git` program: `cargo test --test git`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use waypost::versions::GitVersions;
use waypost::workspace::{
    ExecuteRequest, Options, Owner, Side, Versions, VersionsError, Workspace, WorkspaceConfig, Workspaces,
};

/// A workspace whose versions are in a directory of the test's own.
struct Kept {
    dir: tempfile::TempDir,
    versions: GitVersions,
    workspace: Arc<Workspace>,
}

impl Kept {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let versions = GitVersions::new(dir.path().join("repos"));
        Self { versions, workspace: workspace().await, dir }
    }

    async fn sh(&self, command: &str) -> String {
        run(&self.workspace, command).await
    }

    fn commit(&self, branch: &str, message: &str) -> String {
        commit(&self.versions, &self.workspace, branch, message).unwrap()
    }

    fn repository(&self) -> PathBuf {
        self.dir.path().join("repos/demo")
    }

    /// Runs git on the repository, with nobody's configuration, and gives what it printed.
    fn git(&self, args: &[&str]) -> String {
        git(&self.repository(), args)
    }

    fn fsck(&self) {
        fsck(&self.repository());
    }
}

async fn workspace() -> Arc<Workspace> {
    let workspaces = Workspaces::open(None, Options::default()).await.unwrap();
    let config = serde_json::json!({"mounts": {"/data": {"resource": "ram"}, "/": {"resource": "ram"}}});
    let config = WorkspaceConfig::from_json(&config).unwrap();
    workspaces.create(Some("demo".to_owned()), config).await.unwrap()
}

async fn run(workspace: &Workspace, command: &str) -> String {
    let request = ExecuteRequest { command: command.to_owned(), ..ExecuteRequest::default() };
    let outcome = workspace.execute(request, None, CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.exit_code, 0, "{command}: {}", String::from_utf8_lossy(&outcome.stderr));
    String::from_utf8(outcome.stdout.to_vec()).unwrap()
}

fn commit(versions: &GitVersions, workspace: &Workspace, branch: &str, message: &str) -> Result<String, VersionsError> {
    versions.commit(&workspace.owner(), branch, message, &|| workspace.capture())
}

fn git(repository: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", repository)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .arg("--git-dir")
        .arg(repository)
        .args(args)
        .output()
        .expect("the git program");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// git finds nothing wrong, not even what it would only warn of.
fn fsck(repository: &Path) {
    let output = Command::new("git")
        .arg("--git-dir")
        .arg(repository)
        .args(["fsck", "--strict", "--full", "--no-dangling", "--no-progress"])
        .output()
        .expect("the git program");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[tokio::test]
async fn git_shows_versions_as_commits_of_plain_files() {
    let kept = Kept::new().await;
    kept.sh("echo hello > /data/hello.txt; echo '#!/bin/sh' > /data/run; chmod 755 /data/run; ln -s run /data/link; \
             mkdir /data/empty; printf '' > /data/nothing")
        .await;
    let first = kept.commit("main", "first\n\nwith a body, ünï");
    kept.sh("echo changed > /data/hello.txt; rm /data/link").await;
    let second = kept.commit("main", "");
    kept.fsck();
    assert_eq!(
        kept.git(&["log", "--format=%H %s <%an %ae %ad>", "--date=format:%z"]),
        format!("{second}  <waypost waypost@local +0000>\n{first} first <waypost waypost@local +0000>\n")
    );
    assert_eq!(kept.git(&["show", &format!("{first}:data/hello.txt")]), "hello\n");
    let listed = kept.git(&["ls-tree", "-r", &first, "data"]);
    let modes: Vec<_> = listed.lines().map(|line| (&line[..6], line.rsplit('\t').next().unwrap())).collect();
    assert_eq!(
        modes,
        [("100644", "data/hello.txt"), ("120000", "data/link"), ("100644", "data/nothing"), ("100755", "data/run"),]
    );
    let changed = kept.git(&["diff", "--name-status", &first, &second, "--", ":!.mirage"]);
    assert_eq!(changed, "M\tdata/hello.txt\nD\tdata/link\n");
    assert_eq!(kept.git(&["symbolic-ref", "HEAD"]), "refs/heads/main\n");
    kept.versions.branch(&kept.workspace.owner(), "side/x", "main").unwrap();
    assert_eq!(kept.git(&["symbolic-ref", "HEAD"]), "refs/heads/main\n");
    let third = kept.commit("side/x", "on the side");
    assert_eq!(kept.git(&["symbolic-ref", "HEAD"]), "refs/heads/side/x\n");
    assert_eq!(
        kept.git(&["rev-parse", "main", "side/x", "side/x^{tree}"]).lines().take(2).collect::<Vec<_>>(),
        [second, third]
    );
    kept.fsck();
}

#[tokio::test]
async fn names_that_git_takes_for_its_own_pass_its_check() {
    let kept = Kept::new().await;
    let long = "x".repeat(255);
    kept.sh("mkdir -p /.git /data/.GIT /.mirage '/data/a\\.git' '/data/git~1'; echo x > /.git/config; echo x > /data/.GIT/HEAD; \
             echo x > /.mirage/meta.json; echo x > '/data/a\\.git/f'; echo x > '/data/git~1/f'; \
             printf '[submodule \"../x\"]\\n url = -u./bad\\n' > /.gitmodules; ln -s /etc/passwd /data/.gitmodules; \
             seq -s, 3000 | tr -d '\\n' > /.gitattributes; echo x > '/data/new\nline'; echo x > '/data/.git '; echo x > '/data/%'")
        .await;
    kept.sh(&format!("echo x > /data/{long}; echo x > $'/data/.g\\u200cit'; echo '*.o' > /.gitignore")).await;
    let first = kept.commit("main", "awkward");
    kept.fsck();
    assert_eq!(kept.git(&["show", &format!("{first}:.gitignore")]), "*.o\n");
    let owner = kept.workspace.owner();
    let live = Side::Live(kept.workspace.capture());
    let same = kept.versions.diff(&owner, &Side::Version(first.clone()), &live).unwrap();
    assert_eq!(same, waypost::workspace::Differences::default());
    let before =
        kept.sh("cd /; find . -not -path './dev*' | sort; cat .git/config .mirage/meta.json .gitmodules").await;
    kept.sh("rm -rf /data/* /data/.[a-zA-Z%]* /.git* /.mirage").await;
    let version = kept.versions.read(&owner, &first[..8]).unwrap();
    kept.workspace.restore(version).await.unwrap();
    let after = kept.sh("cd /; find . -not -path './dev*' | sort; cat .git/config .mirage/meta.json .gitmodules").await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_repository_that_git_packed_and_pushed_into_goes_on() {
    let kept = Kept::new().await;
    for n in 0..5 {
        kept.sh(&format!("echo {n} > /data/f; echo {n} > /data/f{n}")).await;
        kept.commit("main", &n.to_string());
    }
    kept.git(&["branch", "other", "main~2"]);
    kept.git(&["gc", "--quiet", "--prune=now"]);
    assert!(!kept.repository().join("refs/heads/main").exists(), "gc packs branches");
    let owner = kept.workspace.owner();
    let other = kept.versions.read(&owner, "other").unwrap();
    kept.workspace.restore(other).await.unwrap();
    assert_eq!(kept.sh("cat /data/f; ls /data").await, "2\nf\nf0\nf1\nf2\n");
    kept.commit("main", "after gc");
    assert!(matches!(kept.versions.branch(&owner, "other", "main"), Err(VersionsError::BranchExists { .. })));
    assert!(matches!(kept.versions.branch(&owner, "other/x", "main"), Err(VersionsError::BranchConflict { .. })));
    assert_eq!(kept.versions.log(&owner, "main", 99).unwrap().len(), 6);

    // Somebody else moves the branch while a commit is being made.
    let moved = kept.versions.commit(&owner, "main", "too late", &|| {
        kept.git(&["update-ref", "refs/heads/main", "other"]);
        kept.workspace.capture()
    });
    let text = "branch 'main' moved since this commit was prepared; refusing to overwrite (re-read the head and retry)";
    assert_eq!(moved.unwrap_err().to_string(), text);
    assert_eq!(kept.versions.log(&owner, "main", 99).unwrap().len(), 3);
    kept.commit("main", "again");
    kept.fsck();
}

/// What a process does that is killed: it commits, and says each version that it was told is kept.
const CHILD: &str = "WAYPOST_TEST_COMMIT_INTO";

#[tokio::test]
#[ignore = "the process that the next test kills"]
async fn commits_for_ever() {
    let versions = GitVersions::new(std::env::var_os(CHILD).expect("where to").into());
    // One workspace for all processes, as after a restart.
    let owner = Owner { id: "demo".to_owned(), created_ms: Some(1) };
    let workspace = workspace().await;
    for n in 0.. {
        run(&workspace, &format!("mkdir -p /data/$RANDOM; echo $RANDOM > /data/{n}; seq $RANDOM > /data/seq")).await;
        eprintln!("begun");
        let version = versions.commit(&owner, "main", "", &|| workspace.capture()).unwrap();
        eprintln!("kept {version}");
    }
}

/// Names and lengths of everything below `dir`.
fn state(dir: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().map_while(Result::ok) {
        let path = entry.path();
        found.push((path.clone(), entry.metadata().map_or(0, |metadata| metadata.len())));
        found.extend(state(&path));
    }
    found.sort();
    found
}

#[test]
fn a_process_that_is_killed_leaves_every_version_it_acknowledged_and_nothing_broken() {
    use std::io::{BufRead, BufReader};
    let dir = tempfile::tempdir().unwrap();
    let repository = dir.path().join("repos/demo");
    let mut acknowledged = Vec::new();
    for round in 0..9 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "commits_for_ever", "--ignored", "--nocapture"])
            .env(CHILD, dir.path().join("repos"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut kept = 0;
        for line in lines.map_while(Result::ok) {
            let version = line.strip_prefix("kept ").map(str::to_owned);
            kept += usize::from(version.is_some());
            acknowledged.extend(version);
            if kept == 3 && line == "begun" {
                // At its beginning, at its first object, and at whatever comes after some of them.
                let mut last = state(&repository);
                for _ in 0..round {
                    while state(&repository) == last {}
                    last = state(&repository);
                }
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        fsck(&repository);
        let log = git(&repository, &["log", "--format=%H", "main"]);
        for version in &acknowledged {
            assert!(log.contains(version.as_str()), "{version} was acknowledged and is not there");
        }
    }
    assert!(acknowledged.len() >= 27, "{acknowledged:?}");
}
