//! The files of a workspace as one session may use them.

use super::error::FileError;
use super::space::Space;
use crate::workspace::session::Session;
use crate::workspace::workspace::Inner;
use crate::workspace::{Error, Workspace};
use std::io;
use std::sync::Arc;

/// Direct calls on the files of a workspace, under the modes, the narrowing and the directory of one session. They do not
/// wait for a script that runs in it. Calls that change something return when the change is kept.
///
/// Paths may be relative to the session's directory. Links are followed as in the shell, also from one mount to another.
/// An [`Error::File`] says what is wrong with a file; [`Error::NotFound`] that the workspace was deleted meanwhile;
/// [`Error::Store`] that a change could not be kept.
#[derive(Clone)]
pub struct Files {
    pub(super) session: Arc<Session>,
    space: Arc<Space>,
    inner: Arc<Inner>,
}

impl Workspace {
    /// The files as a session may use them; none means the default session.
    ///
    /// # Errors
    /// [`Error::SessionNotFound`]; [`Error::NotFound`] when the workspace was deleted.
    pub fn files(&self, session_id: Option<&str>) -> Result<Files, Error> {
        let inner = self.inner().clone();
        let session = inner.session(session_id)?;
        let space = Space {
            view: inner.shells.view(&session),
            cwd: session.view().cwd,
            max_file: inner.shells.limits.max_file_bytes,
            edits: inner.edits.clone(),
        };
        Ok(Files { session, space: Arc::new(space), inner })
    }
}

impl Files {
    /// The workspace's id.
    pub(super) fn workspace_id(&self) -> &str {
        &self.inner.id
    }

    /// Runs `call` where it may block.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Space) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, Error> {
        let space = self.space.clone();
        match tokio::task::spawn_blocking(move || call(&space)).await {
            Ok(done) => Ok(done?),
            Err(panic) => Err(failed(panic)),
        }
    }

    /// [`Files::look`] for what changes files: ends when the change is kept, also when nobody waits for it any more.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Space) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, Error> {
        let files = self.clone();
        let task = tokio::spawn(async move {
            let done = files.look(call).await;
            // After a failure too: a call in two steps may have come through the first.
            files.inner.persist(None).await?;
            done
        });
        task.await.unwrap_or_else(|panic| Err(failed(panic)))
    }
}

fn failed(panic: tokio::task::JoinError) -> Error {
    Error::Io { what: "file call".to_owned(), source: io::Error::other(panic) }
}
