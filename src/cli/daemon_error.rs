//! What a role's failure means for the command line.

use super::error::{CliError, ExitKind};
use crate::daemon::DaemonError;

impl From<DaemonError> for CliError {
    fn from(error: DaemonError) -> Self {
        let text = error.to_string();
        match error {
            DaemonError::State(state) => Self::from(state),
            DaemonError::NotSetUp => {
                Self::new(ExitKind::NotSetUp, text).hint("join one with `waypost node setup KEY --gateway URL`")
            }
            DaemonError::Superseded => Self::new(ExitKind::Superseded, text).hint(
                "stop the other one, or, if it is a copy, delete its machine.id and node.key and set it up again",
            ),
            DaemonError::Missing(_) => Self::new(ExitKind::NotFound, text),
            DaemonError::Usage(_) => Self::new(ExitKind::Usage, text),
            DaemonError::Unauthorized(_) => Self::new(ExitKind::Unauthorized, text)
                .hint(
                "run `waypost node setup` with a key of scope enroll; an operator makes one with `waypost gateway key create --scope enroll`",
            ),
            DaemonError::TokenRefused(_) | DaemonError::NodeRemoved(_) => Self::new(ExitKind::Unauthorized, text).hint(
                "join again with `waypost node setup KEY`, then start the node; an operator makes a key with `waypost gateway key create --scope enroll`",
            ),
            DaemonError::Late(_) => Self::new(ExitKind::Timeout, text),
            DaemonError::Gateway(_) => Self::new(ExitKind::Unreachable, text)
                .hint("check that the gateway runs, its address (http or https?), and the network"),
            DaemonError::Foreign(_) => Self::new(ExitKind::Failure, text)
                .hint("is it a gateway that listens at this address?"),
            DaemonError::Listen { .. } => {
                Self::new(ExitKind::Config, text).hint("choose another address with --listen")
            }
            DaemonError::Database(_) | DaemonError::Storage(_) => Self::new(ExitKind::Config, text)
                .hint("if the disk is full, free some space; if the file is damaged, restore it, or move it away to start without what it held"),
            DaemonError::Serving { .. } => Self::new(ExitKind::Superseded, text),
            DaemonError::NoGateway(_) => Self::new(ExitKind::NotFound, text)
                .hint("name its directory with --data; `waypost gateway key create` and `waypost gateway serve` make one"),
            DaemonError::NotStarted { code, .. } => {
                let same = ExitKind::ALL.into_iter().find(|kind| code == Some(i32::from(kind.code())));
                Self::new(same.unwrap_or(ExitKind::Failure), text)
            }
            DaemonError::Config(_) => Self::new(ExitKind::Config, text),
            DaemonError::Failed(_) => Self::new(ExitKind::Failure, text),
        }
    }
}
