//! Which function carries out which call.

use super::explain::{Reach, explain};
use super::{attributes, look, names, read, stat, write};
use crate::jobs::engine::Inner;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::jobs::stop::Stop;
use crate::wire::v1::Failure;
use crate::workspace::Files;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How a file call ends.
pub(super) type Ended = Result<Outcome, Failure>;

pub(in crate::jobs::operations) async fn run(
    engine: &Arc<Inner>,
    operation: &str,
    params: Map<String, Value>,
    stop: &Stop,
) -> Ended {
    let name = operation.strip_prefix("vfs.").unwrap_or(operation);
    let call = Call::new(engine, format!("vfs/{name}"), params)?;
    match name {
        "read" => of(call, name, Reach::Look, read::read).await,
        "read_stream" => {
            let stop = stop.clone();
            of(call, name, Reach::Look, |files, params| read::stream(files, params, stop)).await
        }
        "write" => of(call, name, Reach::Change, write::write).await,
        "append" => of(call, name, Reach::Change, write::append).await,
        "pwrite" => of(call, name, Reach::Change, write::write_at).await,
        "truncate" => of(call, name, Reach::Change, write::truncate).await,
        "create" => of(call, name, Reach::ChangeName, write::create).await,
        "stat" => of(call, name, Reach::Look, stat::run).await,
        "readdir" => of(call, name, Reach::Look, look::read_dir).await,
        "list_files" => of(call, name, Reach::Look, look::list_files).await,
        "exists" => of(call, name, Reach::Look, look::exists).await,
        "is_dir" => of(call, name, Reach::Look, look::is_dir).await,
        "is_file" => of(call, name, Reach::Look, look::is_file).await,
        "readlink" => of(call, name, Reach::LookAtName, look::read_link).await,
        "mkdir" => of(call, name, Reach::ChangeName, names::mkdir).await,
        "rmdir" => of(call, name, Reach::ChangeName, names::rmdir).await,
        "unlink" => of(call, name, Reach::ChangeName, names::unlink).await,
        "rename" => of(call, name, Reach::ChangeName, names::rename).await,
        "symlink" => of(call, name, Reach::ChangeName, names::symlink).await,
        "setattr" => of(call, name, Reach::Change, attributes::set).await,
        "getxattr" => of(call, name, Reach::Look, attributes::get_extended).await,
        "listxattr" => of(call, name, Reach::Look, attributes::list_extended).await,
        "setxattr" => of(call, name, Reach::Change, attributes::set_extended).await,
        "removexattr" => of(call, name, Reach::Change, attributes::remove_extended).await,
        _ => Err(super::super::unknown(operation)),
    }
}

/// Does a call with its arguments, or only explains it.
async fn of<T: DeserializeOwned + Serialize, F: Future<Output = Ended>>(
    mut call: Call,
    name: &str,
    reach: Reach,
    run: impl FnOnce(Files, T) -> F,
) -> Ended {
    let arguments: T = call.arguments()?;
    let files = call.files()?;
    if call.explain {
        return explain(&files, name, reach, &serde_json::to_value(&arguments).unwrap_or_default()).await;
    }
    run(files, arguments).await
}
