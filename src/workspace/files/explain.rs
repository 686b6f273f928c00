//! Whether a call would be allowed, without doing it.

use super::change::without_slashes;
use super::error::{Errno, FileError};
use super::handle::Files;
use super::space::Last;
use crate::workspace::Error;

/// What a call wants of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To look at what is there.
    Look,
    /// To look at a link itself.
    LookAtName,
    /// To change what is there.
    Change,
    /// To change the name: create, move or take away.
    ChangeName,
}

/// One path of a call.
#[derive(Debug, Clone)]
pub struct Access {
    /// As it was given.
    pub path: String,
    /// What for.
    pub wanted: Wanted,
}

/// What would come of a call.
#[derive(Debug, Clone, Default)]
pub struct ExplainedCall {
    /// The paths, absolute, in the order of the call.
    pub paths: Vec<String>,
    /// The first refusal, when there is one.
    pub refusal: Option<FileError>,
    /// The prefix of the mount that refuses.
    pub mount: String,
    /// What else would be wrong, e.g. a directory that is not there.
    pub error: Option<FileError>,
}

impl Files {
    /// Says whether the session may do this with these paths. Modes and narrowing are what refuses.
    ///
    /// # Errors
    /// Only when it could not be found out.
    pub async fn explain(&self, accesses: Vec<Access>) -> Result<ExplainedCall, Error> {
        self.look(move |space| {
            let mut explained = ExplainedCall::default();
            for Access { path, wanted } in accesses {
                explained.paths.push(space.absolute(&path));
                let (last, changing) = match wanted {
                    Wanted::Look => (Last::Follow, false),
                    Wanted::LookAtName => (Last::Keep, false),
                    Wanted::Change => (Last::Follow, true),
                    Wanted::ChangeName => (Last::Keep, true),
                };
                let name = if last == Last::Keep { without_slashes(path.clone()) } else { path.clone() };
                let reached = space.resolve(&name, last).and_then(|at| match space.view.reach(&at, changing) {
                    Ok(_) => Ok(()),
                    // A directory that is only there because a mount is below it can be looked at.
                    Err(_) if !changing && space.view.stat(&at).is_ok() => Ok(()),
                    Err(error) => Err(FileError::of(&error, &path)),
                });
                match reached {
                    Ok(()) => {}
                    Err(refused) if matches!(refused.errno, Errno::EACCES | Errno::EROFS | Errno::EPERM) => {
                        let full = space.absolute(&path);
                        explained.mount =
                            space.view.table().route(&full).map_or("", |(mount, _)| &mount.prefix).to_owned();
                        explained.refusal.get_or_insert(refused);
                    }
                    Err(error) => drop(explained.error.get_or_insert(error)),
                }
            }
            Ok(explained)
        })
        .await
    }
}
