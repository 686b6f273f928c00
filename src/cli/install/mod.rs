//! Making the node a service of this machine, and taking that back.

mod checks;
mod choices;
mod installation;
mod remove;
mod report;
mod rollback;
mod wait;

pub use checks::{Ready, check};
pub use choices::Choices;
pub use installation::{Installation, MANAGER, ScopeArgs, receipt_path, scope_of};
pub use remove::{Removal, remove};
pub use report::{Installed, plan_text};
pub use rollback::Rollback;
pub use wait::{Patience, first_heartbeat};
