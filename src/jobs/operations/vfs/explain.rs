//! `?explain=true`: what would come of a call.

use super::run::Ended;
use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::wire::v1::vfs::Explanation;
use crate::workspace::{Access, ExplainedCall, Files, Wanted};
use serde_json::{Value, json};

/// What a call does with its paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Looks at what is there.
    Look,
    /// Looks at a link.
    LookAtName,
    /// Changes what is there.
    Change,
    /// Creates, moves or takes away a name.
    ChangeName,
}

/// The arguments that are paths of the workspace, in the order of the calls. A link's target is text.
const PATHS: [&str; 3] = ["path", "src", "dst"];

/// The answer for a call with these arguments.
pub(super) async fn explain(files: &Files, call: &str, reach: Reach, arguments: &Value) -> Ended {
    let nofollow = arguments["nofollow"] == true;
    let wanted = match reach {
        Reach::Look if nofollow => Wanted::LookAtName,
        Reach::Change if nofollow => Wanted::ChangeName,
        Reach::Look => Wanted::Look,
        Reach::LookAtName => Wanted::LookAtName,
        Reach::Change => Wanted::Change,
        Reach::ChangeName => Wanted::ChangeName,
    };
    let paths = PATHS.iter().filter_map(|name| arguments[name].as_str());
    let accesses = paths.map(|path| Access { path: path.to_owned(), wanted }).collect();
    let ExplainedCall { paths, refusal, mount, error } = files.explain(accesses).await.map_err(failure::workspace)?;
    let denied = refusal.is_some();
    done(&Explanation {
        call: call.to_owned(),
        paths,
        outcome: if denied { "deny" } else { "allow" }.to_owned(),
        reason: refusal.as_ref().map(|refusal| refusal.message.clone()).unwrap_or_default(),
        source: if denied { format!("mount {mount}") } else { String::new() },
        refusal: refusal.map(|refusal| json!({ "errno": refusal.errno.name(), "detail": refusal.message })),
        answers: Vec::new(),
        error: error.map(|error| error.message).unwrap_or_default(),
    })
}
