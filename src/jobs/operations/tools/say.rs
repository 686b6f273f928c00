//! A tool's answer. What is wrong with a file is one for the agent to read; what is wrong with the request, the session
//! or the host is a failure of the operation.

use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::jobs::outcome::Outcome;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::ToolAnswer;
use crate::workspace::Error;

/// It worked.
pub(super) fn text(text: impl Into<String>) -> Result<Outcome, Failure> {
    done(&ToolAnswer { text: text.into(), is_error: false })
}

/// It did not, and says why.
pub(super) fn error(why: &str) -> Result<Outcome, Failure> {
    done(&ToolAnswer { text: format!("Error: {why}"), is_error: true })
}

/// It failed at a file, or the operation did.
pub(super) fn failed(error: Error) -> Result<Outcome, Failure> {
    match error {
        Error::File(wrong) => self::error(&format!("{}: '{}'", wrong.message, wrong.path)),
        other => Err(failure::workspace(other)),
    }
}
