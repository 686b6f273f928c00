//! `waypost job logs`.

use super::view::View;
use crate::base::Backoff;
use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Door, DoorError, escape};
use crate::wire::gateway::JobEvent;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

/// Print a job's output as it comes
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost job logs --follow job_0199…")]
pub struct Logs {
    /// The job
    #[arg(value_name = "JOB")]
    pub id: String,
    /// Stay until the job ends, and end with its exit code
    #[arg(short, long)]
    pub follow: bool,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Logs {
    /// Prints the output.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let job: Value = door.get(&format!("/v1/jobs/{}", escape(&self.id))).await?;
        let of_gateway = job.get("state").is_some();
        if !of_gateway {
            return self.of_node(&door, job, output).await;
        }
        let mut tail = Tail { seen: None, printed: false };
        let mut backoff = Backoff::new(Duration::from_millis(500));
        loop {
            match tail.read(&door, &self.id, self.follow, output).await {
                Ok(Some(end)) => return Ok(self.end(&tail, &end, output)),
                // Not following: the stream holds what there is so far.
                Ok(None) if !self.follow => return Ok(0),
                Ok(None) => tokio::time::sleep(backoff.next_delay()).await,
                Err(failed @ DoorError::Unreachable { .. }) if self.follow => {
                    output.note(format!("{failed}; trying again"));
                    tokio::time::sleep(backoff.next_delay()).await;
                }
                Err(failed) => return Err(failed.into()),
            }
        }
    }

    /// A node keeps the output with the job.
    async fn of_node(&self, door: &Door, job: Value, output: &Output) -> Result<u8, CliError> {
        let job = if self.follow { super::wait::until_end(door, &self.id, None).await? } else { job };
        View(&job).print_end(output);
        Ok(if self.follow { View(&job).exit_code() } else { 0 })
    }

    fn end(&self, tail: &Tail, job: &Value, output: &Output) -> u8 {
        let view = View(job);
        if !tail.printed {
            // It was over before anything streamed: the answer has all of it.
            view.print_end(output);
        }
        if self.follow { view.exit_code() } else { 0 }
    }
}

struct Tail {
    seen: Option<String>,
    printed: bool,
}

impl Tail {
    /// Reads the stream from where it broke off. Gives the job once it has ended.
    async fn read(&mut self, door: &Door, id: &str, follow: bool, output: &Output) -> Result<Option<Value>, DoorError> {
        let follow = if follow { "true" } else { "false" };
        let mut request = door.request(Method::GET, &format!("/v1/jobs/{}/events?follow={follow}", escape(id)));
        if let Some(seen) = &self.seen {
            request = request.header("last-event-id", seen);
        }
        let mut events = door.send(request).await?.bytes_stream().eventsource();
        while let Some(event) = events.next().await {
            let Ok(event) = event else { return Ok(None) };
            match event.event.as_str() {
                "stdout" | "stderr" => self.print(&event.event, &event.data, output),
                "end" => return Ok(serde_json::from_str(&event.data).ok()),
                _ => {}
            }
            if !event.id.is_empty() {
                self.seen = Some(event.id);
            }
        }
        Ok(None)
    }

    fn print(&mut self, stream: &str, data: &str, output: &Output) {
        let Ok(event) = serde_json::from_str::<JobEvent>(data) else { return };
        let Ok(bytes) = STANDARD.decode(event.data) else { return };
        self.printed = true;
        if stream == "stdout" {
            output.bytes(&bytes);
        } else {
            let _ = std::io::stderr().lock().write_all(&bytes);
        }
    }
}
