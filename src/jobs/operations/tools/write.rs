//! `tools.write`: a new file, or a new content for one that the session has read.

use super::say;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::WriteToolParams;
use crate::workspace::Refused;

pub(super) async fn run(mut call: Call) -> Result<Outcome, Failure> {
    let WriteToolParams { path, content } = call.arguments()?;
    match call.files()?.write_seen(path.clone(), content.into()).await {
        Ok(None) => say::text(format!("Written: {path}")),
        Ok(Some(Refused::Changed)) => say::error(&changed(&path)),
        Ok(Some(_)) => {
            say::error(&format!("file exists and was not read in full in this session, read it first: '{path}'"))
        }
        Err(error) => say::failed(error),
    }
}

/// What an agent does about it.
pub(super) fn changed(path: &str) -> String {
    format!("file has changed since it was read, read it again: '{path}'")
}
