//! Sessions: each a queue of scripts over one shell, with its own directory, variables and functions.

use super::config::Mode;
use super::files::Seen;
use super::limits::Sizes;
use super::mount::{Table, View};
use super::shell::{Setup, Shell};
use super::state::Saved;
use super::store::SessionRecord;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A session as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// The session's id.
    pub id: String,
    /// Its current directory.
    pub cwd: String,
}

/// What a session may do less than its workspace. It never gets more: a wider mode than the mount's own has no effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Prefixes of the mounts that it may touch; none means all.
    pub allowed_mounts: Option<Vec<String>>,
    /// Weaker modes of single mounts, by prefix.
    pub mount_modes: BTreeMap<String, Mode>,
}

/// A session.
pub(super) struct Session {
    pub id: String,
    pub narrowing: Narrowing,
    /// Held while a script of the session runs: the next one waits its turn. Empty until the first script, and again
    /// after one that had to be stopped.
    pub shell: tokio::sync::Mutex<Option<Running>>,
    /// What its tools have read in full.
    pub seen: Mutex<Seen>,
    saved: Mutex<Arc<Saved>>,
}

/// A shell and the view it has of the mounts.
pub(super) struct Running {
    pub shell: Shell,
    pub view: Arc<View>,
}

/// What every shell of a workspace starts from.
pub(super) struct ShellSource {
    pub table: Arc<Table>,
    pub limits: Sizes,
    pub home: &'static str,
    pub env: BTreeMap<String, String>,
}

impl Session {
    /// A session that has run nothing yet.
    pub fn new(id: String, narrowing: Narrowing) -> Arc<Self> {
        Self::with_state(id, narrowing, Saved::fresh())
    }

    /// A session as the store kept it.
    pub fn from_record(record: SessionRecord) -> Arc<Self> {
        let saved = Saved::stored(record.cwd, record.shell);
        let narrowing = Narrowing { allowed_mounts: record.allowed_mounts, mount_modes: record.mount_modes };
        Self::with_state(record.id, narrowing, saved)
    }

    fn with_state(id: String, narrowing: Narrowing, saved: Arc<Saved>) -> Arc<Self> {
        Arc::new(Self {
            id,
            narrowing,
            shell: tokio::sync::Mutex::new(None),
            seen: Mutex::default(),
            saved: Mutex::new(saved),
        })
    }

    /// What the store keeps of it.
    pub fn record(&self) -> SessionRecord {
        let saved = self.saved();
        SessionRecord {
            id: self.id.clone(),
            cwd: saved.cwd.clone(),
            allowed_mounts: self.narrowing.allowed_mounts.clone(),
            mount_modes: self.narrowing.mount_modes.clone(),
            shell: saved.to_json(),
        }
    }

    /// What a listing shows of it.
    pub fn view(&self) -> SessionView {
        SessionView { id: self.id.clone(), cwd: self.saved().cwd.clone() }
    }

    /// The state at the end of the last script.
    pub fn saved(&self) -> Arc<Saved> {
        self.lock().clone()
    }

    /// Replaces the state.
    pub fn save(&self, saved: Arc<Saved>) {
        *self.lock() = saved;
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Saved>> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ShellSource {
    /// A shell for `session` that goes on where it was left. Only on a script thread.
    pub fn start(&self, session: &Session, view: &Arc<View>) -> Shell {
        let setup = Setup { view: view.clone(), limits: self.limits, home: self.home, env: self.env.clone() };
        Shell::new(&setup, &session.saved())
    }

    /// The mounts as `session` may use them.
    pub fn view(&self, session: &Session) -> Arc<View> {
        let Narrowing { allowed_mounts, mount_modes } = &session.narrowing;
        let view = View::new(self.table.clone(), &session.id, allowed_mounts.as_deref());
        Arc::new(view.with_modes(mount_modes.clone()))
    }
}
