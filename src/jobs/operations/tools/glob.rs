//! `tools.glob`: paths by pattern, one a line.

use super::say;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::jobs::stop::Stop;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::GlobToolParams;

pub(super) async fn run(mut call: Call, stop: &Stop) -> Result<Outcome, Failure> {
    let GlobToolParams { pattern, path } = call.arguments()?;
    let told = stop.clone();
    let base = path.unwrap_or_else(|| "/".to_owned());
    let found = call.files()?.glob(pattern, Some(base), move || told.check().is_err()).await;
    stop.check()?;
    match found {
        Ok(paths) => say::text(paths.iter().map(|path| format!("{path}\n")).collect::<String>()),
        Err(error) => say::failed(error),
    }
}
