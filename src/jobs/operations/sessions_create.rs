//! `sessions.create`: a new session of a workspace, which may do as much as the workspace or less.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::failure::invalid;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CreateSessionParams, Failure};
use crate::workspace::{Mode, Narrowing, Workspace};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: CreateSessionParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    refuse_profile(params.profile.as_deref())?;
    let narrowing = narrowing(&workspace, params.allowed_mounts, params.mounts)?;
    let session = workspace.create_narrowed_session(params.session_id, narrowing).await.map_err(failure::workspace)?;
    done(&view::session(session))
}

/// A profile would restrict the session, so one that is not there must not be passed over.
pub(super) fn refuse_profile(name: Option<&str>) -> Result<(), Failure> {
    match name {
        None => Ok(()),
        Some(name) => {
            Err(invalid(format!("unknown profile '{name}'")).hint("there are no profiles here; leave it out"))
        }
    }
}

/// Every generation's way to say what a session may do.
fn narrowing(
    workspace: &Workspace,
    allowed_mounts: Option<Vec<String>>,
    mounts: Option<Value>,
) -> Result<Narrowing, Failure> {
    let mut narrowing = Narrowing::default();
    let list = match mounts {
        None => allowed_mounts,
        Some(_) if allowed_mounts.is_some() => return Err(invalid("mounts: give either mounts or allowed_mounts")),
        Some(Value::Object(modes)) => {
            for (prefix, mode) in modes {
                let mode = mode.as_str().and_then(Mode::parse).ok_or_else(|| {
                    invalid(format!("mounts.{prefix}: {mode} is not a mode; use read, write or exec"))
                })?;
                narrowing.mount_modes.insert(prefix, mode);
            }
            None
        }
        Some(list) => Some(serde_json::from_value(list).map_err(|_| {
            invalid(
                "mounts: must be a list of prefixes, or a mapping of prefixes to modes such as {\"/data\": \"read\"}",
            )
        })?),
    };
    if let Some(list) = list {
        let known: Vec<&str> = workspace.config().mounts.iter().map(|mount| mount.prefix.trim_matches('/')).collect();
        let split = list.into_iter().map(|item| with_mode(&known, item));
        let (prefixes, modes): (Vec<_>, Vec<_>) = split.unzip();
        narrowing.mount_modes =
            prefixes.iter().cloned().zip(modes).filter_map(|(prefix, mode)| Some((prefix, mode?))).collect();
        narrowing.allowed_mounts = Some(prefixes);
    }
    Ok(narrowing)
}

/// `/data:read` as the mount and its mode, unless a mount is really called so.
fn with_mode(known: &[&str], item: String) -> (String, Option<Mode>) {
    if known.contains(&item.trim_matches('/')) {
        return (item, None);
    }
    match item.rsplit_once(':').map(|(prefix, mode)| (prefix.to_owned(), Mode::parse(mode))) {
        Some((prefix, Some(mode))) => (prefix, Some(mode)),
        _ => (item, None),
    }
}
