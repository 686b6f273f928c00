//! Turns the node into an OS service and back: plan, apply, receipt, undo.
//!
//! A [`Manager`] is one platform's service manager. It plans the steps that make a [`ServiceSpec`] a service; applying a
//! [`InstallPlan`] writes each thing done into a [`Receipt`], and undoing the receipt takes back exactly that.

mod boot;
mod call;
mod error;
mod escape;
mod launchd;
mod manager;
mod mswarm;
mod plan;
mod receipt;
mod spec;
mod state;
mod step;
#[cfg(target_os = "linux")]
mod systemd;
mod template;
mod windows;
mod write_file;

pub use boot::{Boot, BootGuarantee};
pub use error::ServiceError;
pub use launchd::Launchd;
pub use manager::{Manager, native};
pub use mswarm::{OtherService, mswarm_service};
pub use plan::InstallPlan;
pub use receipt::{Receipt, Undone};
pub use spec::{Scope, ServiceSpec};
pub use state::{Activity, ServiceState};
pub use step::{Change, Entry, Step, StepKind};
pub use windows::{Account, TaskScheduler};
