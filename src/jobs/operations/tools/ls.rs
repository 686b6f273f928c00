//! `tools.ls`: the names in a directory, those with a dot at the beginning left out, as `ls` does.

use super::say;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::LsToolParams;
use crate::workspace::mount::Kind;

pub(super) async fn run(mut call: Call) -> Result<Outcome, Failure> {
    let LsToolParams { path } = call.arguments()?;
    let files = call.files()?;
    match files.stat(path.clone(), true).await {
        Ok(there) if there.metadata.kind == Kind::Directory => {}
        Ok(_) => return say::text(format!("{path}\n")),
        Err(error) => return say::failed(error),
    }
    match files.list(path).await {
        Ok((_, entries)) => {
            let names = entries.iter().map(|(name, _)| name).filter(|name| !name.starts_with('.'));
            say::text(names.map(|name| format!("{name}\n")).collect::<String>())
        }
        Err(error) => say::failed(error),
    }
}
