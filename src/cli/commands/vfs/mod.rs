//! `waypost vfs …`: the file calls of a workspace, grouped by what they do.

mod call;
mod change;
pub mod look;
mod read;
mod setattr;
pub mod write;
mod xattr;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with the files of a workspace.
#[derive(Debug, Subcommand)]
pub enum Vfs {
    Read(read::Read),
    Write(write::Write),
    Append(write::Append),
    Pwrite(write::Pwrite),
    Stat(look::Stat),
    Readdir(look::Readdir),
    Exists(look::Exists),
    IsDir(look::IsDir),
    IsFile(look::IsFile),
    ListFiles(look::ListFiles),
    Mkdir(change::Mkdir),
    Rmdir(change::Rmdir),
    Unlink(change::Unlink),
    Create(change::Create),
    Rename(change::Rename),
    Symlink(change::Symlink),
    Readlink(look::Readlink),
    Setattr(setattr::Setattr),
    Getxattr(xattr::Getxattr),
    Listxattr(xattr::Listxattr),
    Setxattr(xattr::Setxattr),
    Removexattr(xattr::Removexattr),
    Truncate(change::Truncate),
}

impl Vfs {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Read(call) => call.run(global, output).await,
            Self::Write(call) => call.run(global, output).await,
            Self::Append(call) => call.run(global, output).await,
            Self::Pwrite(call) => call.run(global, output).await,
            Self::Stat(call) => call.run(global, output).await,
            Self::Readdir(call) => call.run(global, output).await,
            Self::Exists(call) => call.run(global, output).await,
            Self::IsDir(call) => call.run(global, output).await,
            Self::IsFile(call) => call.run(global, output).await,
            Self::ListFiles(call) => call.run(global, output).await,
            Self::Mkdir(call) => call.run(global, output).await,
            Self::Rmdir(call) => call.run(global, output).await,
            Self::Unlink(call) => call.run(global, output).await,
            Self::Create(call) => call.run(global, output).await,
            Self::Rename(call) => call.run(global, output).await,
            Self::Symlink(call) => call.run(global, output).await,
            Self::Readlink(call) => call.run(global, output).await,
            Self::Setattr(call) => call.run(global, output).await,
            Self::Getxattr(call) => call.run(global, output).await,
            Self::Listxattr(call) => call.run(global, output).await,
            Self::Setxattr(call) => call.run(global, output).await,
            Self::Removexattr(call) => call.run(global, output).await,
            Self::Truncate(call) => call.run(global, output).await,
        }
    }
}
