//! Which service is meant: the user's own or the machine's, and where its state is.

use crate::base::create_private_dir;
use crate::cli::error::{CliError, ExitKind};
use crate::process::run;
use crate::service::{Entry, Manager, Receipt, Scope, ServiceError, ServiceSpec, native};
use crate::state::Home;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where the machine's own node keeps itself.
#[cfg(target_os = "macos")]
const SYSTEM_HOME: &str = "/Library/Application Support/waypost";
/// Where the machine's own node keeps itself.
#[cfg(windows)]
const SYSTEM_HOME: &str = r"C:\ProgramData\waypost";
/// Where the machine's own node keeps itself.
#[cfg(not(any(target_os = "macos", windows)))]
const SYSTEM_HOME: &str = "/var/lib/waypost";

/// The receipt of the machine's service.
#[cfg(unix)]
const SYSTEM_RECEIPT: &str = "/etc/waypost/install.json";
/// The receipt of the machine's service.
#[cfg(not(unix))]
const SYSTEM_RECEIPT: &str = r"C:\ProgramData\waypost-install\install.json";

/// The service manager's name on the wire.
#[cfg(target_os = "macos")]
pub const MANAGER: &str = "launchd";
/// The service manager's name on the wire.
#[cfg(windows)]
pub const MANAGER: &str = "windows-task-scheduler";
/// The service manager's name on the wire.
#[cfg(not(any(target_os = "macos", windows)))]
pub const MANAGER: &str = "systemd";

/// The account of the machine's own node.
const ACCOUNT: &str = "waypost";

/// Whose service a command is about.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ScopeArgs {
    /// This user's own service [default, unless root runs the command]
    #[arg(long, conflicts_with = "system")]
    pub user: bool,
    /// The machine's service, under an account of its own; wants root
    #[arg(long)]
    pub system: bool,
}

impl ScopeArgs {
    /// The state directory that is meant, and whose service it belongs to. Without the options it is what was installed from
    /// there; else root means the machine's.
    ///
    /// # Errors
    /// When no state directory can be named or its receipt cannot be read.
    pub fn home(self, given: Option<PathBuf>) -> Result<(Scope, Home), CliError> {
        let system = |given: Option<PathBuf>| Home::locate(Some(given.unwrap_or_else(|| PathBuf::from(SYSTEM_HOME))));
        if self.system {
            return Ok((Scope::System, system(given)?));
        }
        let own = Home::locate(given.clone())?;
        if !self.user && (scope_of(&own) == Scope::System || (is_root() && !own.config().exists())) {
            return Ok((Scope::System, system(given)?));
        }
        Ok((Scope::User, own))
    }
}

/// Where the receipt of an installation is. That of the machine's service is root's: what the service's own account could
/// change must not say what root is to undo.
pub fn receipt_path(scope: Scope, home: &Home) -> PathBuf {
    match scope {
        Scope::User => home.receipt(),
        Scope::System => PathBuf::from(SYSTEM_RECEIPT),
    }
}

/// Whose service the node of that state directory is.
pub fn scope_of(home: &Home) -> Scope {
    let owns = |entry: &Entry| matches!(entry, Entry::Owner { path, .. } if path == home.root());
    let receipt = || Receipt::load(SYSTEM_RECEIPT.as_ref()).ok().flatten();
    if home.root() == Path::new(SYSTEM_HOME) || receipt().is_some_and(|receipt| receipt.entries.iter().any(owns)) {
        Scope::System
    } else {
        Scope::User
    }
}

/// A service and the state directory that belongs to it.
#[derive(Debug)]
pub struct Installation {
    /// Whose service.
    pub scope: Scope,
    /// Where the node keeps itself.
    pub home: Home,
    /// What runs services here.
    pub manager: Box<dyn Manager>,
}

impl Installation {
    /// From the options and `--home`; without them, what was installed from there. Else root means the machine's service:
    /// a user's own service of root's would run the node as root.
    ///
    /// # Errors
    /// When there is no service manager, or no state directory can be named.
    pub fn locate(scope: ScopeArgs, home: Option<PathBuf>) -> Result<Self, CliError> {
        let (scope, home) = scope.home(home)?;
        Ok(Self { scope, home, manager: native(scope)? })
    }

    /// The service that runs this program with these arguments.
    ///
    /// # Errors
    /// When this program's own path cannot be found.
    pub fn spec(&self, args: Vec<String>) -> Result<ServiceSpec, CliError> {
        let program = std::env::current_exe().and_then(std::fs::canonicalize).map_err(|failed| {
            CliError::new(ExitKind::Failure, format!("where this program is cannot be found out: {failed}"))
        })?;
        Ok(ServiceSpec {
            scope: self.scope,
            program,
            args,
            home: self.home.root().to_owned(),
            logs: self.home.logs(),
            account: (self.scope == Scope::System).then(|| ACCOUNT.to_owned()),
            user: user_name(),
        })
    }

    /// A receipt for what is about to be done, with what an earlier installation did.
    pub fn fresh_receipt(&self, spec: &ServiceSpec, earlier: Option<&Receipt>) -> Receipt {
        Receipt {
            format: 1,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scope: self.scope,
            program: spec.program.clone(),
            args: spec.args.clone(),
            entries: earlier.map(|earlier| earlier.entries.clone()).unwrap_or_default(),
        }
    }

    /// What an earlier installation did.
    ///
    /// # Errors
    /// When the receipt cannot be read.
    pub fn receipt(&self) -> Result<Option<Receipt>, CliError> {
        Ok(Receipt::load(&self.receipt_path())?)
    }

    /// Makes the directory that the receipt is going to be in.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prepare_receipt(&self) -> Result<(), CliError> {
        let path = self.receipt_path();
        match path.parent().filter(|_| self.scope == Scope::System) {
            Some(dir) => Ok(create_private_dir(dir).map_err(ServiceError::io(dir))?),
            None => Ok(()),
        }
    }

    /// Removes that directory when nothing is in it any more.
    pub fn forget_receipt_directory(&self) {
        if let Some(dir) = self.receipt_path().parent().filter(|_| self.scope == Scope::System) {
            let _ = std::fs::remove_dir(dir);
        }
    }

    /// Where the receipt is.
    pub fn receipt_path(&self) -> PathBuf {
        receipt_path(self.scope, &self.home)
    }
}

#[cfg(unix)]
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
pub(super) fn is_root() -> bool {
    false
}

/// The account that runs this command, as the system names it; the environment can say anything.
fn user_name() -> String {
    const PATIENCE: Duration = Duration::from_secs(10);
    let asked = run(Command::new("id").arg("-un"), PATIENCE).ok().filter(|ran| ran.status.success());
    let asked = asked.map(|ran| ran.stdout.trim().to_owned()).filter(|name| !name.is_empty());
    let told = || ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    asked.or_else(told).unwrap_or_default()
}
