//! What a node takes from callers who reach it directly.

use crate::state::InvocationConfig;
use clap::Args;
use std::path::PathBuf;

/// Options of `node run`. Each has a setting in `config.json` too, which stands in when neither the option nor a variable is
/// there.
#[derive(Debug, Clone, Default, Args)]
pub struct InvocationArgs {
    /// Take generic jobs from callers on this machine who have an invocation token
    #[arg(long)]
    pub enable_generic_jobs: bool,
    /// The longest that a generic job may run [default: one hour]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    pub generic_job_timeout_ms: Option<u64>,
    /// How many generic jobs to run at a time [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub generic_job_max_concurrency: Option<u32>,
    /// Where files of generic jobs are kept [default: artifacts, in the node's directory]
    #[arg(long, value_name = "DIR")]
    pub artifact_store_path: Option<PathBuf>,
    /// The longest body of a job that comes directly, bytes [default: 67108864]
    #[arg(long, value_name = "BYTES", env = "WAYPOST_DIRECT_MAX_BODY_BYTES")]
    pub direct_max_body_bytes: Option<usize>,
}

impl InvocationArgs {
    /// The options with what the environment says where they say nothing. Variables are those of existing mswarm nodes.
    pub fn config(&self) -> InvocationConfig {
        let flag = self.enable_generic_jobs.then_some(true);
        InvocationConfig {
            generic_jobs_enabled: flag
                .or_else(|| of_mswarm(&["GENERIC_JOBS_ENABLED", "GENERIC_JOBS"]).and_then(|word| truth(&word))),
            generic_job_timeout_ms: self.generic_job_timeout_ms.or_else(|| number("GENERIC_JOB_TIMEOUT_MS")),
            generic_job_max_concurrency: self
                .generic_job_max_concurrency
                .or_else(|| number("GENERIC_JOB_MAX_CONCURRENCY")?.try_into().ok()),
            artifact_store_path: (self.artifact_store_path.clone())
                .or_else(|| of_mswarm(&["ARTIFACT_STORE_PATH"]).map(PathBuf::from))
                .map(|path| std::path::absolute(&path).unwrap_or(path)),
            job_timeout_ms: number("JOB_TIMEOUT_MS"),
            direct_max_body_bytes: self.direct_max_body_bytes,
            ..InvocationConfig::default()
        }
    }
}

/// The first variable of an mswarm node that is set and not blank.
fn of_mswarm(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| variable(&format!("MSWARM_SELF_HOSTED_{name}")))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// A number above 0; others are as if they were not there, as mswarm takes them.
fn number(name: &str) -> Option<u64> {
    of_mswarm(&[name])?.trim().parse().ok().filter(|number| *number > 0)
}

fn truth(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => None,
    }
}
