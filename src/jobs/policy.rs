//! What the owner of the machine allows. Written in operations and directories, so it holds at every door alike.

use super::failure::{ALLOW_DISK, ALLOW_REMOTE};
use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::{Backend, WorkspaceConfig};
use std::path::{Component, Path, PathBuf};

/// The owner's rules. The default allows everything inside workspaces, and nothing of the host or beyond it.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Operations that are refused: `workspaces.delete`, all of a noun (`jobs.*`), or all (`*`).
    pub denied_operations: Vec<String>,
    /// Host directories that `disk` mounts may use, with everything below them. Empty: `disk` mounts are refused.
    pub disk_roots: Vec<PathBuf>,
    /// Host directories that `workspaces.snapshot_to` may write to and `workspaces.load` read from by path, with everything
    /// below them; a relative path is below the first. Empty: paths are refused. `/` opens what the node's user may touch.
    pub snapshot_roots: Vec<PathBuf>,
    /// Hosts that remote mounts may reach (`minio.lan:9000`, `*.amazonaws.com`, `*`), and accounts of this machine whose
    /// credentials they may use (`profile:NAME`). Empty: remote mounts are refused.
    pub allow_remote: Vec<String>,
}

impl Policy {
    /// Whether an operation may run at all.
    ///
    /// # Errors
    /// [`ErrorCode::RefusedByPolicy`] naming the rule.
    pub fn check_operation(&self, operation: &str) -> Result<(), Failure> {
        match self.denied_operations.iter().find(|rule| covers(rule, operation)) {
            None => Ok(()),
            Some(rule) => Err(refused("denied_operations", &format!("'{rule}' covers {operation}"))
                .hint("the owner of the machine can take the rule out of the node's policy")),
        }
    }

    /// Whether a workspace may be mounted like this. Goes by the written path; the engine checks the directory that it
    /// really is.
    ///
    /// # Errors
    /// [`ErrorCode::RefusedByPolicy`] naming the rule and the mount.
    pub fn check_mounts(&self, config: &WorkspaceConfig) -> Result<(), Failure> {
        for mount in &config.mounts {
            if let Backend::Disk { root } = &mount.backend
                && !self.allows_root(root)
            {
                let what = format!("the mount {} wants the host directory {}", mount.prefix, root.display());
                return Err(refused("disk_roots", &what).hint(ALLOW_DISK));
            }
            if let Backend::Remote(remote) = &mount.backend
                && let Some(beyond) = remote.reaches_beyond(&self.allow_remote)
            {
                let what = format!("the mount {} wants to use {beyond}", mount.prefix);
                return Err(refused("allow_remote", &what).hint(ALLOW_REMOTE));
            }
        }
        Ok(())
    }

    /// The directories for archives by path; at least one.
    ///
    /// # Errors
    /// [`ErrorCode::RefusedByPolicy`] naming the rule and the path.
    pub fn snapshot_roots(&self, path: &str) -> Result<&[PathBuf], Failure> {
        if self.snapshot_roots.is_empty() {
            let what = format!("no directory is open for archives, so not for {path} either");
            return Err(refused("snapshot_roots", &what).hint(
                "send or fetch the archive itself (GET …/snapshot, multipart load), or let the owner of the machine name a \
                 directory with `--allow-files DIR` at `waypost daemon start` or `waypost node run`",
            ));
        }
        Ok(&self.snapshot_roots)
    }

    fn allows_root(&self, root: &Path) -> bool {
        let plain = root.is_absolute() && !root.components().any(|part| part == Component::ParentDir);
        plain && self.disk_roots.iter().any(|allowed| root.starts_with(allowed))
    }
}

fn covers(rule: &str, operation: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(prefix) => operation.starts_with(prefix),
        None => rule == operation,
    }
}

fn refused(rule: &str, what: &str) -> Failure {
    Failure::new(ErrorCode::RefusedByPolicy, format!("refused by the owner's policy ({rule}): {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_cover_an_operation_a_noun_or_everything() {
        let policy = |rule: &str| Policy { denied_operations: vec![rule.to_owned()], ..Policy::default() };
        assert!(Policy::default().check_operation("workspaces.delete").is_ok());
        assert!(policy("jobs.*").check_operation("workspaces.delete").is_ok());
        for rule in ["workspaces.delete", "workspaces.*", "*"] {
            let refused = policy(rule).check_operation("workspaces.delete").unwrap_err();
            assert_eq!(refused.code, ErrorCode::RefusedByPolicy);
            assert!(refused.message.contains(rule), "{refused}");
        }
    }

    #[test]
    fn the_network_is_closed_but_for_the_hosts_that_are_named() {
        let config = json!({"mounts": {"/s": {"resource": "s3", "config": {"bucket": "b", "region": "eu-west-1"}}}});
        let config = WorkspaceConfig::from_json(&config).unwrap();
        let allowing = |host: &str| Policy { allow_remote: vec![host.to_owned()], ..Policy::default() };
        let refused = Policy::default().check_mounts(&config).unwrap_err();
        assert_eq!(refused.code, ErrorCode::RefusedByPolicy);
        assert!(refused.message.contains("allow_remote") && refused.message.contains("s3.eu-west-1.amazonaws.com"));
        assert!(refused.hint.as_ref().is_some_and(|hint| hint.contains("--allow-remote")), "{refused:?}");
        assert!(allowing("minio.lan").check_mounts(&config).is_err());
        assert!(allowing("*.amazonaws.com").check_mounts(&config).is_ok());
    }

    #[test]
    fn the_host_is_closed_but_for_the_directories_that_are_named() {
        let config = |root: &str| {
            let json = json!({"mounts": {"/d": {"resource": "disk", "config": {"root": root}}}});
            WorkspaceConfig::from_json(&json).unwrap()
        };
        let open = Policy { disk_roots: vec!["/srv/data".into()], ..Policy::default() };
        assert!(Policy::default().check_mounts(&config("/srv/data")).is_err());
        assert!(open.check_mounts(&config("/srv/data/sub")).is_ok());
        for root in ["/srv", "/srv/database", "/srv/data/../..", "srv/data"] {
            assert!(open.check_mounts(&config(root)).unwrap_err().message.contains("disk_roots"), "{root}");
        }
    }
}
