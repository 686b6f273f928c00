//! `vfs.readdir`, `list_files`, `exists`, `is_dir`, `is_file` and `readlink`: what is there.

use super::run::Ended;
use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::wire::v1::Failure;
use crate::wire::v1::vfs::{Entries, Exists, FileNames, IsDirectory, IsFile, LinkTarget, PathParams};
use crate::workspace::Files;
use crate::workspace::mount::Kind;

pub(super) async fn read_dir(files: Files, params: PathParams) -> Ended {
    let (at, entries) = files.list(params.path).await.map_err(failure::workspace)?;
    let base = at.trim_end_matches('/');
    done(&Entries { entries: entries.into_iter().map(|(name, _)| format!("{base}/{name}")).collect() })
}

pub(super) async fn list_files(files: Files, params: PathParams) -> Ended {
    let (_, entries) = files.list(params.path).await.map_err(failure::workspace)?;
    let files = entries.into_iter().filter(|(_, kind)| *kind != Kind::Directory);
    done(&FileNames { files: files.map(|(name, _)| name).collect() })
}

pub(super) async fn exists(files: Files, params: PathParams) -> Ended {
    done(&Exists { exists: kind(&files, params).await?.is_some() })
}

pub(super) async fn is_dir(files: Files, params: PathParams) -> Ended {
    done(&IsDirectory { is_dir: kind(&files, params).await? == Some(Kind::Directory) })
}

pub(super) async fn is_file(files: Files, params: PathParams) -> Ended {
    done(&IsFile { is_file: kind(&files, params).await? == Some(Kind::File) })
}

pub(super) async fn read_link(files: Files, params: PathParams) -> Ended {
    done(&LinkTarget { target: files.read_link(params.path).await.map_err(failure::workspace)? })
}

async fn kind(files: &Files, params: PathParams) -> Result<Option<Kind>, Failure> {
    files.kind(params.path).await.map_err(failure::workspace)
}
