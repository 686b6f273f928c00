//! What a workspace is made of: its mounts, their modes, its first session. Plain values; `parse` reads the outer form.

mod model;
mod parse;
mod remote;
mod remote_kinds;
#[cfg(test)]
mod remote_tests;

pub use model::{Backend, Mode, MountConfig, WorkspaceConfig, normalise_prefix};
pub(super) use parse::is_variable_name;
pub use remote::{Freshness, REDACTED, RemoteBackend};
pub use remote_kinds::Protocol;
