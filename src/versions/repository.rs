//! A workspace's repository on disk: finding, making and opening it.
//!
//! `<root>/<workspace id>` is a bare repository. Its configuration says which workspace it is of, and when that workspace
//! was created, so that a namesake does not go on with a history that is not its own: at the namesake's first commit the
//! older repository moves to `<root>/~former/<id>.<created>`. Names with `~` are no workspace's.

use super::error::host;
use super::refs;
use crate::base::{create_private_dir, sync_dir};
use crate::workspace::VersionsError;
use gix::Repository;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How a repository is called until it is whole.
const UNFINISHED: &str = "~new-";

/// A repository that is open. It cannot go to another thread; opening one is cheap.
pub(super) struct Opened {
    pub(super) repository: Repository,
    /// When the workspace that it is of was created.
    pub(super) created_ms: i64,
}

/// Where the repository of a workspace is.
pub(super) fn path(root: &Path, id: &str) -> PathBuf {
    root.join(id)
}

/// Removes what a killed process left in the repository of the workspace of that id, if there is one.
pub(super) fn clean(root: &Path, id: &str) -> Result<(), VersionsError> {
    let dir = path(root, id);
    if !dir.join("HEAD").is_file() {
        return Ok(());
    }
    refs::clean(&dir).map_err(host("remove what a killed process left"))
}

/// Removes repositories that a killed process did not come to the end of.
pub(super) fn sweep(root: &Path) -> Result<(), VersionsError> {
    let sweep = || -> std::io::Result<()> {
        let entries = match fs::read_dir(root) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    };
    sweep().map_err(host("remove what a killed process left"))
}

/// Opens what is there for the workspace of that id.
pub(super) fn open(root: &Path, id: &str) -> Result<Option<Opened>, VersionsError> {
    let dir = path(root, id);
    if !dir.join("HEAD").is_file() {
        return Ok(None);
    }
    let unusable = |reason: String| VersionsError::Unusable { id: id.to_owned(), reason };
    // The system's and the user's configuration are none of our business.
    let options = gix::open::Options::isolated().open_path_as_is(true);
    let repository =
        gix::open_opts(&dir, options).map_err(|error| unusable(format!("it is not a git repository: {error}")))?;
    let (workspace, created) = {
        let config = repository.config_snapshot();
        (config.string("waypost.workspace"), config.integer("waypost.created"))
    };
    match (workspace, created) {
        (Some(workspace), Some(created_ms)) if workspace == id => Ok(Some(Opened { repository, created_ms })),
        (Some(workspace), Some(_)) => Err(unusable(format!(
            "on this file system its repository would be that of '{workspace}'; use an id that differs in more than case"
        ))),
        _ => Err(unusable("its repository is not ours; move it away".to_owned())),
    }
}

/// Makes an empty repository for a workspace. It is there wholly or not at all.
pub(super) fn create(root: &Path, id: &str, created_ms: i64) -> Result<Opened, VersionsError> {
    build(root, id, created_ms).map_err(host("create a repository"))?;
    open(root, id)?.ok_or_else(|| host("create a repository")("it is not there"))
}

/// Moves the repository of an earlier workspace of that id out of the way.
pub(super) fn retire(root: &Path, id: &str, created_ms: i64) -> Result<(), VersionsError> {
    let former = root.join("~former");
    let move_away = || {
        create_private_dir(&former)?;
        let mut to = former.join(format!("{id}.{created_ms}"));
        for number in 2.. {
            if !to.exists() {
                break;
            }
            to = former.join(format!("{id}.{created_ms}.{number}"));
        }
        fs::rename(path(root, id), to)?;
        sync_dir(&former)?;
        sync_dir(root)
    };
    move_away().map_err(host("move an earlier workspace's versions away"))
}

fn build(root: &Path, id: &str, created_ms: i64) -> std::io::Result<()> {
    create_private_dir(root)?;
    let new = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(root)?;
    let write = |name: &str, text: &str| {
        let mut file = fs::File::create(new.path().join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    for dir in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(new.path().join(dir))?;
    }
    write("HEAD", "ref: refs/heads/main\n")?;
    write("description", &format!("versions of the workspace {id}\n"))?;
    // An id has no character that the format of this file gives a meaning to, but for a comment's or a number's sake it
    // is quoted all the same.
    write(
        "config",
        &format!(
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\
             [waypost]\n\tworkspace = \"{id}\"\n\tcreated = {created_ms}\n"
        ),
    )?;
    for dir in ["objects", "refs", ""] {
        sync_dir(&new.path().join(dir))?;
    }
    let made = new.keep();
    fs::rename(&made, path(root, id)).inspect_err(|_| drop(fs::remove_dir_all(&made)))?;
    sync_dir(root)
}
