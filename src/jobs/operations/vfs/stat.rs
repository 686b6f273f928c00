//! `vfs.stat`: what is known of a path.

use super::run::Ended;
use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::wire::v1::vfs::{FileStat, Stat, StatParams};
use crate::workspace::Files;
use crate::workspace::mount::Kind;
use chrono::{DateTime, SecondsFormat};

pub(super) async fn run(files: Files, params: StatParams) -> Ended {
    let there = files.stat(params.path, !params.nofollow).await.map_err(failure::workspace)?;
    let metadata = there.metadata;
    let kind = match metadata.kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Symlink => "symlink",
    };
    done(&Stat {
        stat: FileStat {
            name: there.name,
            size: metadata.size,
            modified: time(metadata.modified_ms),
            fingerprint: None,
            revision: None,
            kind: kind.to_owned(),
            content: (metadata.kind == Kind::File).then(|| "binary".to_owned()),
            mode: metadata.mode,
            uid: 0,
            gid: 0,
            atime: None,
            ctime: None,
            birthtime: None,
            dev: there.device,
        },
    })
}

/// RFC 3339 in UTC with microseconds; none when no time is known.
fn time(unix_ms: i64) -> Option<String> {
    let time = DateTime::from_timestamp_millis(unix_ms).filter(|_| unix_ms != 0)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
