//! What lies on the disk: sound repositories, nothing unfinished, nothing that nobody refers to.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// `git fsck` of every repository.
pub fn fsck(repositories: &Path, crash: u64) {
    let started = directories(repositories).into_iter().filter(|path| path.join("HEAD").exists()).map(|path| {
        let mut git = git(&path);
        git.args(["fsck", "--full", "--strict", "--no-dangling"]);
        git.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        (git.spawn().expect("git starts"), path)
    });
    for (child, path) in started.collect::<Vec<_>>() {
        let output = child.wait_with_output().expect("git ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        // A repository whose first commit did not come to its end is as `git init` makes one.
        let clean = output.status.success() && said.lines().all(|line| line.starts_with("notice: "));
        assert!(clean, "after kill {crash}: git fsck of {}: {}: {said}", path.display(), output.status);
    }
}

/// Packs a repository while the daemon uses it.
pub fn git_gc(repositories: &Path, workspace: &str) {
    let repository = repositories.join(workspace);
    if repository.join("HEAD").exists() {
        let output = git(&repository).args(["gc", "--quiet"]).output().expect("git starts");
        assert!(output.status.success(), "git gc: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn git(repository: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(repository).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", repository);
    git
}

/// After the checks every repository was used, so nothing that a killed process began is left in one.
pub fn nothing_unfinished(home: &Path, crash: u64) {
    let left: Vec<PathBuf> = files(&home.join("repos"))
        .into_iter()
        .filter(|path| {
            let name = path.to_string_lossy();
            name.contains("/~new-") || name.ends_with(".lock") || name.contains("/tmp_obj_") || name.contains("/.tmp")
        })
        .collect();
    assert!(left.is_empty(), "after kill {crash}: {left:?}");
}

/// Waits until there are no more than `most` blobs and nothing else beside them.
pub async fn wait_for_blobs(blobs: &Path, most: usize, when: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let there = files(blobs);
        let unfinished = there.iter().filter(|path| path.to_string_lossy().contains("/.")).count();
        if unfinished == 0 && there.len() <= most {
            return;
        }
        let count = there.len();
        assert!(Instant::now() < deadline, "{when}: {count} blobs, at most {most} are used; {unfinished} unfinished");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn directories(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// Every file below a directory. What goes while it looks is not there.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            if entry.path().is_dir() { todo.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}
