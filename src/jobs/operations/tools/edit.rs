//! `tools.edit`: another text in the place of one.

use super::say;
use super::write::changed;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::EditToolParams;
use crate::workspace::Refused;

pub(super) async fn run(mut call: Call) -> Result<Outcome, Failure> {
    let EditToolParams { path, old_string, new_string, replace_all } = call.arguments()?;
    if old_string == new_string {
        return say::error("old_string and new_string are the same");
    }
    match call.files()?.edit(path.clone(), old_string.clone(), new_string, replace_all).await {
        Ok(Ok(count)) => say::text(format!("Edited: {path} ({count} occurrence(s))")),
        Ok(Err(Refused::NotFound)) => say::error(&format!("string not found in file: '{old_string}'")),
        Ok(Err(Refused::Ambiguous(count))) => say::error(&format!(
            "string appears {count} times in file, give more of what is around it or set replace_all: '{old_string}'"
        )),
        Ok(Err(Refused::NotText)) => say::error(&format!("file is not UTF-8 text: '{path}'")),
        Ok(Err(_)) => say::error(&changed(&path)),
        Err(error) => say::failed(error),
    }
}
