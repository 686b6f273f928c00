//! A job as a person reads it, from either kind of door: a gateway's `JobView` or a node's own `JobDetail`.

use crate::cli::error::{ExitKind, kind_of};
use crate::cli::output::Output;
use crate::cli::script;
use crate::wire::v1::{ErrorCode, ExecuteAnswer, Failure};
use serde_json::Value;

/// The parts of a job that both doors have.
pub struct View<'a>(pub &'a Value);

impl View<'_> {
    /// `id` at a gateway, `job_id` at a node.
    pub fn id(&self) -> &str {
        self.text("id").or_else(|| self.text("job_id")).unwrap_or("?")
    }

    /// `state` at a gateway, `status` at a node.
    pub fn state(&self) -> &str {
        self.text("state").or_else(|| self.text("status")).unwrap_or("?")
    }

    /// The operation, or the script of a node's own job.
    pub fn what(&self) -> &str {
        self.text("operation").or_else(|| self.text("command")).unwrap_or("?")
    }

    /// The node, or the workspace of a node's own job.
    pub fn place(&self) -> &str {
        self.text("node").or_else(|| self.text("workspace_id")).unwrap_or("-")
    }

    /// Why it is in its state.
    pub fn reason(&self) -> &str {
        self.text("reason").unwrap_or("")
    }

    /// Seconds since 1970 UTC.
    pub fn created(&self) -> f64 {
        let time = self.0.get("created_at").or_else(|| self.0.get("submitted_at"));
        time.and_then(Value::as_f64).unwrap_or_default()
    }

    /// Whether a gateway keeps it; otherwise it is a node's own, as existing clients know jobs.
    pub fn of_gateway(&self) -> bool {
        self.0.get("state").is_some()
    }

    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        !matches!(self.state(), "queued" | "leased" | "running" | "pending")
    }

    /// The answer as that of an execution, when it is one.
    pub fn executed(&self) -> Option<ExecuteAnswer> {
        serde_json::from_value(self.0.get("result")?.clone()).ok()
    }

    /// The command line's exit code: the script's own, or the code of how the job ended.
    pub fn exit_code(&self) -> u8 {
        match self.executed() {
            Some(executed) if self.state_code() == 0 => script::exit_code(&executed),
            _ => self.state_code(),
        }
    }

    /// The code of how the job ended; 0 for a success, whatever its script said. A node's own job that ended without a
    /// result is 2, as with existing clients.
    fn state_code(&self) -> u8 {
        match self.state() {
            "canceled" | "failed" if !self.of_gateway() => ExitKind::Usage.code(),
            "cancelled" | "canceled" => ExitKind::Interrupted.code(),
            "timed_out" => ExitKind::Timeout.code(),
            "lost" => ExitKind::Lost.code(),
            "refused" => ExitKind::Refused.code(),
            "failed" => self.failed_code().map_or(ExitKind::Failure, kind_of).code(),
            _ => 0,
        }
    }

    /// What a person sees at the end: the output of an execution as it was, any other answer as JSON, a failure as words.
    pub fn print_end(&self, output: &Output) {
        if let Some(executed) = self.executed() {
            script::print(output, &executed);
        } else if let Some(result) = self.0.get("result").filter(|result| !result.is_null()) {
            output.json(result);
        }
        if let Some(failure) = self.failure() {
            output.note(format!("{} {}: {failure}", self.id(), self.state()));
        } else if self.state_code() != 0 {
            output.note(format!("{} {} ({})", self.id(), self.state(), self.reason()));
        }
    }

    fn failed_code(&self) -> Option<ErrorCode> {
        serde_json::from_value(self.0.get("error")?.get("code")?.clone()).ok()
    }

    fn failure(&self) -> Option<String> {
        let error = self.0.get("error").filter(|error| !error.is_null())?;
        match serde_json::from_value::<Failure>(error.clone()) {
            Ok(failure) => Some(match failure.hint {
                Some(hint) => format!("{} ({hint})", failure.message),
                None => failure.message,
            }),
            Err(_) => error.as_str().map(str::to_owned),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}
