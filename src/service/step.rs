//! One change of the machine that can say what it does, do it, and be undone.

use super::ServiceError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What sort of change a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A file or directory is written.
    File,
    /// A command is run.
    Command,
    /// A call over the network.
    Network,
}

/// What a step would do, for `--dry-run` and for the words while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What sort of change.
    pub kind: StepKind,
    /// One line: `write /home/dev/.config/systemd/user/waypost-node.service`, `systemctl --user daemon-reload`.
    pub what: String,
    /// A file's whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Whether the machine is so already, and the step will change nothing.
    pub is_done: bool,
}

/// One step of a plan. Applying a step twice changes nothing the second time.
pub trait Step: fmt::Debug + Send + Sync {
    /// What it would do now. Looks at the machine and changes nothing.
    fn change(&self) -> Change;

    /// Does it. None: the machine was so already. An error: nothing of this step is left.
    ///
    /// # Errors
    /// What failed; the caller undoes the earlier steps.
    fn apply(&self) -> Result<Option<Entry>, ServiceError>;

    /// What was so already and can only be an earlier installation's work: an installation whose receipt was lost is taken back
    /// by the next one's. None where it may be somebody else's.
    fn claim(&self) -> Option<Entry> {
        None
    }
}

/// One thing that was done, as the receipt keeps it; enough to undo it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
pub enum Entry {
    /// A file was written.
    File {
        /// Where.
        path: PathBuf,
        /// SHA-256 of what was written, hex. A file that has changed since is somebody else's by now.
        sha256: String,
        /// What was there before, to be put back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// A directory was made; it is removed when it is empty.
    Directory {
        /// Where.
        path: PathBuf,
    },
    /// The service was made known to its manager, and starts when it should.
    Enabled {
        /// Its name there.
        service: String,
    },
    /// Linger was switched on.
    Linger {
        /// Whose.
        user: String,
    },
    /// An account was made.
    Account {
        /// Its name.
        name: String,
    },
    /// The state directory was given to an account.
    Owner {
        /// The directory.
        path: PathBuf,
        /// The account.
        account: String,
    },
    /// The service was started.
    Started {
        /// Its name.
        service: String,
    },
}
