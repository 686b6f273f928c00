//! Whether what the node keeps can be read by nobody else, and what `--fix` mends of it.

use super::check::Check;
use crate::base::create_private_dir;
use crate::state::Home;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A temporary file of this age has lost its writer.
const FORGOTTEN: Duration = Duration::from_secs(3600);

pub fn check(home: &Home, fix: bool) -> Check {
    let mut findings = Findings::default();
    let directories = [home.workspaces(), home.outbox(), home.logs(), home.run_dir()];
    for dir in std::iter::once(home.root().to_owned()).chain(directories) {
        findings.directory(&dir, fix);
    }
    for file in private_files(home) {
        findings.private(&file, 0o600, fix);
    }
    for dir in [home.root().to_owned(), home.run_dir()] {
        findings.leftovers(&dir, fix);
    }
    findings.check(home)
}

fn private_files(home: &Home) -> Vec<PathBuf> {
    let named = ["machine.id", "install.json"].map(|name| home.root().join(name));
    let secrets = [home.node_key(), home.signing_secret(), home.api_token_file(), home.own_certificate()];
    let known = [home.config(), home.settings(), home.journal(), home.jobs()].into_iter().chain(secrets);
    named.into_iter().chain(known).collect()
}

/// What is wrong, what was done about it, and what cannot be done here.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    done: Vec<String>,
    ways_out: Vec<String>,
}

impl Findings {
    fn directory(&mut self, dir: &Path, fix: bool) {
        if dir.exists() {
            return self.private(dir, 0o700, fix);
        }
        if fix {
            let made = create_private_dir(dir);
            self.tried(made, format!("created {}", dir.display()), format!("{} is missing", dir.display()));
        } // else the node makes it when it starts
    }

    fn leftovers(&mut self, dir: &Path, fix: bool) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with(".waypost-") || name.starts_with(".status-");
            let age = entry.metadata().ok().and_then(|meta| meta.modified().ok()?.elapsed().ok());
            if !ours || age.is_none_or(|age| age < FORGOTTEN) {
                continue;
            }
            let path = entry.path();
            let what = format!("{} was left over by a crash", path.display());
            if fix {
                self.tried(std::fs::remove_file(&path), format!("removed {}", path.display()), what);
            } else {
                self.wrong.push(what);
                self.ways_out.push(BY_ITSELF.to_owned());
            }
        }
    }

    #[cfg(unix)]
    fn private(&mut self, path: &Path, wanted: u32, fix: bool) {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let Ok(meta) = std::fs::symlink_metadata(path) else { return };
        if meta.file_type().is_symlink() {
            return; // whoever made it chose where it leads
        }
        let user = rustix::process::geteuid();
        if meta.uid() != user.as_raw() {
            self.wrong.push(format!("{} belongs to user {}, not to this one", path.display(), meta.uid()));
            self.ways_out.push(format!("`sudo chown -R {} '{}'`", user.as_raw(), path.display()));
            return;
        }
        let mode = meta.permissions().mode() & 0o7777;
        if mode & 0o077 == 0 {
            return;
        }
        let what = format!("{} is open to others (mode {mode:04o})", path.display());
        if fix {
            let set = std::fs::set_permissions(path, std::fs::Permissions::from_mode(wanted));
            self.tried(set, format!("chmod {wanted:o} {}", path.display()), what);
        } else {
            self.wrong.push(what);
            self.ways_out.push(BY_ITSELF.to_owned());
        }
    }

    #[cfg(not(unix))]
    fn private(&mut self, _: &Path, _: u32, _: bool) {
        // Profile directories are private to their user there.
    }

    fn tried(&mut self, result: std::io::Result<()>, done: String, wrong: String) {
        match result {
            Ok(()) => self.done.push(done),
            Err(failed) => {
                self.wrong.push(format!("{wrong}, which cannot be mended: {failed}"));
                self.ways_out.push("mend it as its owner".to_owned());
            }
        }
    }

    fn check(mut self, home: &Home) -> Check {
        self.ways_out.dedup();
        let check = if self.wrong.is_empty() {
            Check::good("files", format!("{} is open to this user only", home.root().display()))
        } else if self.wrong.iter().all(|wrong| wrong.ends_with("by a crash")) {
            Check::warning("files", self.wrong.join("; "), self.ways_out.join("; "))
        } else {
            Check::bad("files", self.wrong.join("; "), self.ways_out.join("; "))
        };
        Check { fixed: self.done, ..check }
    }
}

const BY_ITSELF: &str = "`waypost node doctor --fix`";
