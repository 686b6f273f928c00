//! `test.echo`: prints what it is given and writes what it is told to, so that all around a job can be tried without a program.
//!
//! Arguments of `tenant.test-echo`, all optional: `message`, what is printed (else all arguments as JSON); `stderr`, what is printed there; `delay_ms`, how long
//! it takes; `exit_code`, 0 for success. Every output gets the inputs one after the other, or the message when there are none.

use super::artifacts::RunFiles;
use super::feed::{Feed, Stream};
use super::job::GenericJob;
use super::runner::{Ran, Runner, RunnerFailure};
use crate::wire::node::generic::GenericEventType;
use async_trait::async_trait;
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

/// The runner.
#[derive(Debug)]
pub(super) struct Echo;

#[async_trait]
impl Runner for Echo {
    fn id(&self) -> &'static str {
        "test.echo"
    }

    async fn run(&self, job: &GenericJob, files: Arc<RunFiles>, feed: &Feed) -> Result<Ran, RunnerFailure> {
        let all = || serde_json::to_string(&job.args).unwrap_or_default();
        let message = job.args.get("message").and_then(Value::as_str).map_or_else(all, str::to_owned);
        feed.output(Stream::Stdout, &message);
        if let Some(text) = job.args.get("stderr").and_then(Value::as_str) {
            feed.output(Stream::Stderr, text);
        }
        let delay = job.args.get("delay_ms").and_then(Value::as_u64).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(delay)).await;
        let bytes = message.len();
        let written = tokio::task::spawn_blocking({
            let job = job.clone();
            move || write(&job, &files, &message)
        });
        let failed = |text: String| RunnerFailure { code: "runner_error", message: text, exit_code: None };
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "test.echo cannot write its outputs");
                return Err(failed("the outputs could not be written".to_owned()));
            }
            Err(_) => return Err(failed("the runner panicked".to_owned())),
        }
        feed.event(GenericEventType::Progress, None, Some(json!({ "percent": 100 })));
        let exit_code = job.args.get("exit_code").and_then(Value::as_i64).unwrap_or(0);
        let exit_code = i32::try_from(exit_code).unwrap_or(1);
        if exit_code != 0 {
            let message = format!("the runner ended with exit code {exit_code}, as it was told to");
            return Err(RunnerFailure { code: "runner_failed", message, exit_code: Some(exit_code) });
        }
        let metrics = [("echoed_bytes".to_owned(), json!(bytes))].into_iter().collect();
        Ok(Ran { exit_code, metrics })
    }
}

fn write(job: &GenericJob, files: &RunFiles, message: &str) -> io::Result<()> {
    for output in &job.outputs {
        let mut file = files.output(&output.path)?;
        if job.inputs.is_empty() {
            file.write_all(message.as_bytes())?;
        }
        for input in &job.inputs {
            match files.input(&input.mount_path) {
                Ok(mut from) => io::copy(&mut from, &mut file).map(drop)?,
                Err(missing) if missing.kind() == io::ErrorKind::NotFound && !input.required => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
