//! One platform's service manager.

use super::{Entry, InstallPlan, Scope, ServiceError, ServiceSpec, ServiceState, Undone};
use std::fmt;

/// A service manager. All calls block: callers put them on a thread for blocking work.
pub trait Manager: fmt::Debug + Send + Sync {
    /// Its name as people know it, e.g. `systemd --user`.
    fn name(&self) -> &'static str;

    /// The service's name there.
    fn service(&self) -> &'static str;

    /// Whether this user can use it now, looked up without changing anything.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] with the way out.
    fn available(&self) -> Result<(), ServiceError>;

    /// The steps that make the service, without the start.
    ///
    /// # Errors
    /// [`ServiceError::Unfit`] for a value that cannot be written into the definition.
    fn plan(&self, spec: &ServiceSpec) -> Result<InstallPlan, ServiceError>;

    /// Starts it, and waits until the manager says that it runs or that it failed.
    ///
    /// # Errors
    /// When it does not start.
    fn start(&self) -> Result<(), ServiceError>;

    /// Stops it and waits for its end. A service that does not run is stopped.
    ///
    /// # Errors
    /// When it does not stop.
    fn stop(&self) -> Result<(), ServiceError>;

    /// Ends it and starts it again.
    ///
    /// # Errors
    /// When it does not start.
    fn restart(&self) -> Result<(), ServiceError>;

    /// How it is.
    ///
    /// # Errors
    /// When the manager cannot be asked.
    fn state(&self) -> Result<ServiceState, ServiceError>;

    /// Takes one entry of a receipt back. What is gone already is undone.
    ///
    /// # Errors
    /// When it cannot be taken back.
    fn undo(&self, entry: &Entry) -> Result<Undone, ServiceError>;
}

/// This platform's service manager for that scope.
///
/// # Errors
/// [`ServiceError::Unavailable`] where there is none that we know.
pub fn native(scope: Scope) -> Result<Box<dyn Manager>, ServiceError> {
    #[cfg(target_os = "linux")]
    return Ok(Box::new(super::systemd::Systemd::new(scope)?));
    #[cfg(target_os = "macos")]
    return Ok(Box::new(super::Launchd::native(scope)?));
    #[cfg(windows)]
    return Ok(Box::new(super::TaskScheduler::native(scope)?));
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    {
        let _ = scope;
        Err(ServiceError::Unavailable {
            manager: "a service manager".to_owned(),
            reason: "this platform has none that is known here".to_owned(),
        })
    }
}
