//! `vfs.mkdir`, `rmdir`, `unlink`, `rename` and `symlink`: changes of names.

use super::run::Ended;
use super::write::settle;
use crate::wire::v1::vfs::{PathParams, RenameParams, SymlinkParams};
use crate::workspace::Files;

pub(super) async fn mkdir(files: Files, params: PathParams) -> Ended {
    settle(files.make_dir(params.path).await)
}

pub(super) async fn rmdir(files: Files, params: PathParams) -> Ended {
    settle(files.remove_dir(params.path).await)
}

pub(super) async fn unlink(files: Files, params: PathParams) -> Ended {
    settle(files.unlink(params.path).await)
}

pub(super) async fn rename(files: Files, params: RenameParams) -> Ended {
    settle(files.rename(params.src, params.dst).await)
}

pub(super) async fn symlink(files: Files, params: SymlinkParams) -> Ended {
    settle(files.symlink(params.path, params.target).await)
}
