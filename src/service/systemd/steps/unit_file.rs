//! Writing the unit file.

use super::super::places::UNIT;
use crate::base::{sha256_hex, sync_dir};
use crate::service::{Change, Entry, Scope, ServiceError, Step, StepKind};
use service_manager::{RestartPolicy, ServiceInstallCtx, ServiceLabel, ServiceManager, SystemdServiceManager};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The name under which the new text is written first; systemd passes over names with a dot in front.
const STAGED: &str = ".waypost-node.new";

/// Puts a text beside the unit and says where.
pub(in super::super) type Stage = fn(Scope, &Path, &str) -> io::Result<PathBuf>;

/// The unit's file and text.
#[derive(Debug)]
pub(in super::super) struct UnitFileStep {
    pub(in super::super) scope: Scope,
    pub(in super::super) units: PathBuf,
    pub(in super::super) text: String,
    pub(in super::super) stage: Stage,
}

impl UnitFileStep {
    fn path(&self) -> PathBuf {
        self.units.join(UNIT)
    }

    /// What is there. A unit that is masked or linked is a link to elsewhere, which is replaced, not followed.
    fn found(&self) -> Result<Option<String>, ServiceError> {
        let path = self.path();
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => Ok(None),
            Ok(_) => fs::read_to_string(&path).map(Some).map_err(ServiceError::io(&path)),
            Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
            Err(failed) => Err(ServiceError::io(&path)(failed)),
        }
    }
}

impl Step for UnitFileStep {
    fn change(&self) -> Change {
        let is_done = matches!(self.found(), Ok(Some(found)) if found == self.text);
        let what = format!("write {}", self.path().display());
        Change { kind: StepKind::File, what, content: Some(self.text.clone()), is_done }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        let path = self.path();
        let before = self.found()?;
        if before.as_ref() == Some(&self.text) {
            return Ok(None);
        }
        let staged = (self.stage)(self.scope, &self.units, &self.text);
        let put = staged.and_then(|staged| fs::rename(&staged, &path).and_then(|()| sync_dir(&self.units)));
        if let Err(failed) = put {
            let _ = fs::remove_file(self.units.join(format!("{STAGED}.service")));
            return Err(ServiceError::io(&path)(failed));
        }
        Ok(Some(Entry::File { path, sha256: sha256_hex(self.text.as_bytes()), before }))
    }

    fn claim(&self) -> Option<Entry> {
        Some(Entry::File { path: self.path(), sha256: sha256_hex(self.text.as_bytes()), before: None })
    }
}

/// Has service-manager write it. It would write over the unit in place, and a power cut between the old text and the new one
/// would leave an empty unit that no longer starts: so it writes beside, and renaming is ours. Enabling is ours too: it
/// hands paths to `systemctl` and cannot set the environment that reaches a user's manager without a session.
pub(in super::super) fn stage(scope: Scope, units: &Path, text: &str) -> io::Result<PathBuf> {
    let manager = match scope {
        Scope::User => SystemdServiceManager::user(),
        Scope::System => SystemdServiceManager::system(),
    };
    let staged = units.join(format!("{STAGED}.service"));
    match fs::remove_file(&staged) {
        Err(failed) if failed.kind() != ErrorKind::NotFound => return Err(failed),
        _ => {}
    }
    manager.install(ServiceInstallCtx {
        label: ServiceLabel { qualifier: None, organization: None, application: STAGED.to_owned() },
        program: PathBuf::new(),
        args: Vec::new(),
        contents: Some(text.to_owned()),
        username: None,
        working_directory: None,
        environment: None,
        autostart: false,
        restart_policy: RestartPolicy::Never,
    })?;
    Ok(staged)
}
