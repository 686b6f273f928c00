//! `vfs.write`, `append`, `pwrite`, `truncate` and `create`: changes of one file.

use super::read::bytes;
use super::run::Ended;
use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::wire::v1::vfs::{Done, PathParams, TruncateParams, WriteAtParams, WriteFileParams};
use crate::workspace::{Error, Files};

pub(super) async fn write(files: Files, params: WriteFileParams) -> Ended {
    let content = bytes("write", "data_base64", &params.data_base64)?;
    settle(files.write(params.path, content).await)
}

pub(super) async fn append(files: Files, params: WriteFileParams) -> Ended {
    let content = bytes("append", "data_base64", &params.data_base64)?;
    settle(files.append(params.path, content).await)
}

pub(super) async fn write_at(files: Files, params: WriteAtParams) -> Ended {
    let content = bytes("pwrite", "data_base64", &params.data_base64)?;
    settle(files.write_at(params.path, params.offset, content).await)
}

pub(super) async fn truncate(files: Files, params: TruncateParams) -> Ended {
    settle(files.truncate(params.path, params.length).await)
}

pub(super) async fn create(files: Files, params: PathParams) -> Ended {
    settle(files.create(params.path).await)
}

/// The answer of a call that only does something.
pub(super) fn settle(ended: Result<(), Error>) -> Ended {
    ended.map_err(failure::workspace)?;
    done(&Done {})
}
