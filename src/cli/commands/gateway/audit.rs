//! `waypost gateway audit`.

use super::DataArgs;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::cli::since::since;
use crate::daemon::audit_log;
use crate::wire::gateway::AuditEntry;
use clap::Args;
use serde_json::Value;
use std::time::{Duration, UNIX_EPOCH};

/// Show what was done to keys and nodes, and by whom
///
/// Newest first. The log only grows; it never holds a key or a token.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost gateway audit --since 2d\n  waypost gateway audit --json")]
pub struct Audit {
    /// Only since then: how long ago (10m, 2h) or a time (2026-11-20T13:00Z)
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<i64>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    #[command(flatten)]
    pub data: DataArgs,
}

impl Audit {
    /// Shows it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let entries = audit_log(&self.data.dir(global)?, self.since, self.limit).await?;
        output.result(&entries, || if entries.is_empty() { "nothing was done".to_owned() } else { text(&entries) });
        Ok(0)
    }
}

fn text(entries: &[AuditEntry]) -> String {
    let rows = entries.iter().map(|entry| {
        let at = UNIX_EPOCH + Duration::from_secs_f64(entry.at.max(0.0));
        let detail = match &entry.detail {
            Value::Object(fields) if fields.is_empty() => String::new(),
            detail => detail.to_string(),
        };
        let at = humantime::format_rfc3339_seconds(at).to_string();
        vec![at, entry.by.clone(), entry.act.clone(), entry.subject.clone(), detail]
    });
    table(&["TIME", "BY", "ACT", "SUBJECT", "MORE"], rows)
}
