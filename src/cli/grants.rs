//! What a node's or daemon's owner opens to workspaces beyond themselves.

use crate::daemon::Grants;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// Options of commands that start a server. Without them everything outside is closed.
#[derive(Debug, Clone, Default, Args)]
pub struct GrantArgs {
    /// A directory of this machine that workspaces may mount; none by default
    #[arg(long = "allow-disk", value_name = "DIR")]
    pub allow_disk: Vec<PathBuf>,
    /// A directory of this machine that snapshots may be written to and loaded from by path; none by default
    #[arg(long = "allow-files", value_name = "DIR")]
    pub allow_files: Vec<PathBuf>,
    /// A host whose storage workspaces may mount, such as minio.lan:9000, *.amazonaws.com or *; none by default
    ///
    /// `profile:NAME` allows mounts to use that profile of this account's AWS credentials.
    #[arg(long = "allow-remote", value_name = "HOST")]
    pub allow_remote: Vec<String>,
    /// How many files, directories and links a mount in memory, or an archive that is loaded, may have [default: 65536]
    #[arg(long = "max-files", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_files: Option<u64>,
}

impl GrantArgs {
    /// The same for the server.
    pub fn grants(&self) -> Grants {
        Grants {
            disk_roots: self.allow_disk.clone(),
            snapshot_roots: self.allow_files.clone(),
            allow_remote: self.allow_remote.clone(),
            max_entries: self.max_files,
        }
    }

    /// The same as arguments, directories in full, for a server that is started elsewhere.
    ///
    /// # Errors
    /// When there is no current directory.
    pub fn arguments(&self) -> std::io::Result<Vec<OsString>> {
        let mut arguments = Vec::new();
        let disks = self.allow_disk.iter().map(|dir| ("--allow-disk", dir));
        for (option, dir) in disks.chain(self.allow_files.iter().map(|dir| ("--allow-files", dir))) {
            arguments.extend([option.into(), std::path::absolute(dir)?.into_os_string()]);
        }
        for host in &self.allow_remote {
            arguments.extend(["--allow-remote".into(), host.into()]);
        }
        if let Some(max) = self.max_files {
            arguments.extend(["--max-files".into(), max.to_string().into()]);
        }
        Ok(arguments)
    }
}
