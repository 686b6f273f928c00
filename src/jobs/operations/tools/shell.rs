//! `tools.shell`: a script, as a job like every other one.

use crate::jobs::engine::Inner;
use crate::jobs::operations::arguments::Call;
use crate::jobs::operations::{done, execute};
use crate::jobs::outcome::{Answer, Outcome, RunContext};
use crate::jobs::stop::Stop;
use crate::wire::v1::tools::{ShellToolParams, ToolAnswer};
use crate::wire::v1::{ExecuteAnswer, Failure};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What it wrote to standard output, then to standard error, then the exit code when that is not 0.
pub(super) async fn run(
    engine: &Arc<Inner>,
    mut call: Call,
    context: &RunContext,
    stop: &Stop,
) -> Result<Outcome, Failure> {
    let ShellToolParams { command } = call.arguments()?;
    let mut params = Map::new();
    params.insert("id".to_owned(), json!(call.workspace.id()));
    params.insert("command".to_owned(), json!(command));
    params.insert("session_id".to_owned(), json!(call.session_id));
    let ran = execute::run(engine, params, Bytes::new(), context, stop).await?;
    match ran {
        // Without an answer it is a failure, and a cancelled one is both.
        Outcome { failure: None, answer: Some(Answer { value, body: None }), state, reason } => {
            Ok(Outcome { state, reason, ..done(&said(&value))? })
        }
        failed => Ok(failed),
    }
}

fn said(value: &Value) -> ToolAnswer {
    let Ok(ran) = ExecuteAnswer::deserialize(value) else {
        return ToolAnswer { text: value.to_string(), is_error: true };
    };
    let mut text = ran.stdout;
    let mut add = |more: &str| {
        if !text.is_empty() && !text.ends_with('\n') && !more.is_empty() {
            text.push('\n');
        }
        text.push_str(more);
    };
    add(&ran.stderr);
    if ran.exit_code != 0 {
        add(&format!("[exit code {}]\n", ran.exit_code));
    }
    ToolAnswer { text, is_error: ran.exit_code != 0 }
}
