//! A job as it is kept, and how it looks in answers.

use crate::wire::v1::{ExecuteAnswer, JobDetail, JobStatus};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

/// A job at one moment.
#[derive(Debug, Clone)]
pub struct JobRecord {
    /// `job_…`; ids sort by the time of submission.
    pub id: String,
    /// Its workspace, which may be gone by now.
    pub workspace_id: String,
    /// Its session; empty in rows of earlier versions.
    pub session_id: String,
    /// The script.
    pub command: String,
    /// Whether somebody asked for its end.
    pub cancel_requested: bool,
    /// Seconds since 1970 UTC.
    pub submitted_at: f64,
    /// Seconds since 1970 UTC.
    pub started_at: f64,
    /// None while it runs.
    pub end: Option<JobEnd>,
}

/// How a job ended.
#[derive(Debug, Clone)]
pub struct JobEnd {
    /// `Done`, `Failed` or `Canceled`.
    pub status: JobStatus,
    /// Seconds since 1970 UTC.
    pub finished_at: f64,
    /// The script's exit code, when it came to one.
    pub exit_code: Option<i32>,
    /// [`ExecuteAnswer::end`]; empty when no script ran.
    pub how: String,
    /// All of standard output.
    pub stdout: Bytes,
    /// All of standard error.
    pub stderr: Bytes,
    /// Why it failed.
    pub error: Option<String>,
}

impl JobRecord {
    /// The execution's answer: whole once the job is done, what there is of it once it was cancelled.
    pub fn answer(&self) -> Option<ExecuteAnswer> {
        let end = self.end.as_ref()?;
        let exit_code = end.exit_code?;
        let (stdout, stdout_base64) = text(&end.stdout);
        let (stderr, stderr_base64) = text(&end.stderr);
        Some(ExecuteAnswer {
            kind: "io".to_owned(),
            exit_code,
            exit_code_camel: exit_code,
            stdout,
            stderr,
            refusal: None,
            end: end.how.clone(),
            stdout_base64,
            stderr_base64,
            job_id: self.id.clone(),
            job_id_camel: self.id.clone(),
        })
    }

    /// The job for `jobs.get` and `jobs.wait`.
    pub fn detail(&self) -> JobDetail {
        let done = self.status() == JobStatus::Done;
        JobDetail {
            result: self.answer().filter(|_| done).and_then(|answer| serde_json::to_value(answer).ok()),
            error: self.end.as_ref().and_then(|end| end.error.clone()),
            ..self.head()
        }
    }

    /// The job for `jobs.list`: without result and error.
    pub fn summary(&self) -> Value {
        let mut value = serde_json::to_value(self.head()).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.retain(|name, _| name != "result" && name != "error");
        }
        value
    }

    fn status(&self) -> JobStatus {
        self.end.as_ref().map_or(JobStatus::Running, |end| end.status)
    }

    fn head(&self) -> JobDetail {
        let finished_at = self.end.as_ref().map(|end| end.finished_at);
        JobDetail {
            job_id: self.id.clone(),
            job_id_camel: self.id.clone(),
            workspace_id: self.workspace_id.clone(),
            workspace_id_camel: self.workspace_id.clone(),
            session_id: self.session_id.clone(),
            session_id_camel: self.session_id.clone(),
            command: self.command.clone(),
            status: self.status(),
            cancel_requested: self.cancel_requested,
            cancel_requested_camel: self.cancel_requested,
            submitted_at: self.submitted_at,
            submitted_at_camel: self.submitted_at,
            started_at: Some(self.started_at),
            started_at_camel: Some(self.started_at),
            finished_at,
            finished_at_camel: finished_at,
            result: None,
            error: None,
        }
    }

    /// What it costs to keep, roughly, in bytes.
    pub(super) fn weight(&self) -> usize {
        let output = self.end.as_ref().map_or(0, |end| end.stdout.len() + end.stderr.len());
        self.command.len() + output + 512
    }
}

/// Bytes as text, and in base64 as well when the text would lose some.
fn text(bytes: &Bytes) -> (String, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), Some(STANDARD.encode(bytes))),
    }
}
