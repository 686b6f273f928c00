//! Paths among each other, and what is copied from one to another.

use super::call::Call;
use bashkit::{FileType, Result};
use std::path::{Path, PathBuf};

/// The directory that a path is in.
pub fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("/")).to_owned()
}

/// How to get from the directory `from` to `to`; both absolute and without `..`.
pub fn relative_between(from: &Path, to: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<_> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Copies a file or a link, not what is in a directory, with its mode and time.
pub async fn copy_entry(call: &Call<'_>, from: &Path, to: &Path) -> Result<()> {
    let fs = &call.ctx.fs;
    let found = fs.lstat(from).await?;
    if found.file_type == FileType::Symlink {
        return fs.symlink(&fs.read_link(from).await?, to).await;
    }
    fs.copy(from, to).await?;
    fs.chmod(to, found.mode).await?;
    fs.set_modified_time(to, found.modified).await
}
