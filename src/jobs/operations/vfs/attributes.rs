//! `vfs.setattr` and the calls on extended attributes, of which there are none.

use super::read::bytes;
use super::run::Ended;
use super::write::settle;
use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::wire::v1::vfs::{
    AttributeNames, AttributeParams, Changed, Owner, SetAttributeParams, SetAttributesParams, StatParams, Time,
};
use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::{Files, NewAttributes};
use chrono::DateTime;

/// Sets the mode and the time of the last change. Every file belongs to user and group 0, which may be said again; no time
/// of the last access is kept, so that one is checked and left.
pub(super) async fn set(files: Files, params: SetAttributesParams) -> Ended {
    let modified_ms = params.mtime.as_ref().map(|time| unix_ms("mtime", time)).transpose()?;
    params.atime.as_ref().map(|time| unix_ms("atime", time)).transpose()?;
    // What is wrong with the path comes before what is wrong with the owner.
    let follow = !params.nofollow;
    files.stat(params.path.clone(), follow).await.map_err(failure::workspace)?;
    if [&params.uid, &params.gid].into_iter().flatten().any(|owner| !is_root(owner)) {
        let refused = failure::workspace(files.no_other_owner(&params.path));
        return Err(refused.hint("every file here belongs to user 0 and group 0"));
    }
    // Callers that have it from a stat(2) send the file's type along.
    let new = NewAttributes { mode: params.mode.map(|mode| mode & 0o7777), modified_ms };
    files.set_attributes(params.path, new, follow).await.map_err(failure::workspace)?;
    done(&Changed::default())
}

pub(super) async fn list_extended(files: Files, params: StatParams) -> Ended {
    let names = files.list_attributes(params.path, !params.nofollow).await.map_err(failure::workspace)?;
    done(&AttributeNames { names })
}

pub(super) async fn get_extended(files: Files, params: AttributeParams) -> Ended {
    settle(files.no_attributes(params.path, !params.nofollow, false).await).map_err(none_here)
}

pub(super) async fn set_extended(files: Files, params: SetAttributeParams) -> Ended {
    bytes("setxattr", "value_base64", &params.value_base64)?;
    settle(files.no_attributes(params.path, !params.nofollow, true).await).map_err(none_here)
}

pub(super) async fn remove_extended(files: Files, params: AttributeParams) -> Ended {
    settle(files.no_attributes(params.path, !params.nofollow, true).await).map_err(none_here)
}

fn none_here(failure: Failure) -> Failure {
    match failure.errno.as_deref() {
        Some("ENOTSUP") => failure.hint("no mount keeps extended attributes"),
        _ => failure,
    }
}

fn is_root(owner: &Owner) -> bool {
    match owner {
        Owner::Number(number) => *number == 0,
        Owner::Name(name) => matches!(name.as_str(), "root" | "0"),
    }
}

fn unix_ms(name: &str, time: &Time) -> Result<i64, Failure> {
    let seconds = match time {
        Time::Seconds(seconds) => Some(*seconds),
        Time::Text(text) => match DateTime::parse_from_rfc3339(text.trim()) {
            Ok(time) => return not_before_1970(name, time.timestamp_millis()),
            Err(_) => text.trim().parse().ok(),
        },
    };
    // Beyond that a number of seconds has no milliseconds any more; it is the year 140,000.
    match seconds.filter(|seconds: &f64| seconds.abs() < (1u64 << 42) as f64) {
        Some(seconds) => not_before_1970(name, (seconds * 1000.0).round() as i64),
        None => Err(invalid(&format!("'{name}' must be seconds since 1970 or a time like 2026-01-31T12:00:00Z"))),
    }
}

fn not_before_1970(name: &str, unix_ms: i64) -> Result<i64, Failure> {
    if unix_ms < 0 { Err(invalid(&format!("'{name}' is before 1970"))) } else { Ok(unix_ms) }
}

fn invalid(wrong: &str) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, format!("invalid arguments for vfs/setattr: {wrong}"))
}
