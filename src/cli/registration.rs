//! What a person sees while a node that joins by handle waits for its owner. On stderr: the result alone is on stdout.

use super::error::{CliError, ExitKind};
use super::output::Output;
use crate::daemon::{ByHandle, Joining, Pace, Registration};
use std::sync::Arc;

/// No handle is longer.
const LONGEST_HANDLE: usize = 128;

/// Joining by that handle.
///
/// # Errors
/// [`ExitKind::Usage`] for one that cannot be a handle. It is repeated only when it is short: it may be a key.
pub fn by_handle(handle: &str, output: &Output) -> Result<Joining, CliError> {
    let handle = handle.trim();
    let fits = |c: char| !c.is_whitespace() && !c.is_control();
    if handle.is_empty() || handle.len() > LONGEST_HANDLE || !handle.chars().all(fits) {
        let text = "the handle is empty, too long, or has spaces in it".to_owned();
        return Err(CliError::new(ExitKind::Usage, text).hint("a handle is a short name such as that of your account"));
    }
    let output = output.clone();
    let told = move |registration: &Registration| tell(&output, registration);
    Ok(Joining::Handle(ByHandle { handle: handle.to_owned(), told: Arc::new(told), pace: Pace::default() }))
}

fn tell(output: &Output, registration: &Registration) {
    if output.is_json() {
        output.note(serde_json::to_string(registration).unwrap_or_default());
        return;
    }
    match registration {
        Registration::Pending { node_id, handle, approval_code, approve_at, message } => {
            output.note(format!("registered as {node_id}: {handle} has to approve it now"));
            // Ours tells the command, and has no page to approve it on.
            let ours = |code: &String| message.as_ref().is_some_and(|message| message.contains(&approve_with(code)));
            if let Some(code) = approval_code.as_ref().filter(|code| ours(code)) {
                output.note(format!(
                    "approval code {code}: the gateway's operator approves it with `{}`",
                    approve_with(code)
                ));
                output.note("waiting for the approval; Ctrl-C ends that");
                return;
            }
            if let Some(message) = message {
                output.note(format!("the gateway says: {message}"));
            }
            match approval_code {
                Some(code) => output.note(format!(
                    "approval code {code}: approve it at {approve_at}, or on a waypost gateway with `{}`",
                    approve_with(code)
                )),
                None => output.note(format!("approve it at {approve_at}")),
            }
            output.note("waiting for the approval; Ctrl-C ends that");
        }
        Registration::Retrying { problem } => output.note(format!("{problem}; asking again")),
    }
}

/// The command that approves a registration at a gateway of ours.
fn approve_with(code: &str) -> String {
    format!("waypost gateway approve {code}")
}
