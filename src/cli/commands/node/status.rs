//! `waypost node status`: what the running node says of itself, and what its service manager says of it.

use crate::base::unix_ms;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::{ScopeArgs, receipt_path};
use crate::cli::output::{Output, age, checks};
use crate::daemon::DaemonError;
use crate::service::{Activity, Receipt, Scope, ServiceError, ServiceState, native};
use crate::state::{Condition, Home, InstanceLock, NodeConfig, NodeStatus};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// Show how the node is
///
/// Reads what the running node publishes and what the service manager knows; sends nothing. Ends with 0 when it runs, 3 when it
/// does not, 4 when it is not set up.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node status --json")]
pub struct Status {
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Everything there is to say.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    node: NodeStatus,
    running: bool,
    service: Service,
    paths: Paths,
}

/// The node as a service.
#[derive(Debug, Serialize)]
struct Service {
    installed: bool,
    #[serde(flatten)]
    state: Option<ServiceState>,
    /// Why the manager cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct Paths {
    home: PathBuf,
    config: PathBuf,
    logs: PathBuf,
}

impl Status {
    /// Prints the status.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (scope, home) = self.scope.home(global.home.clone())?;
        let (node, running) = current(&home)?;
        let receipt = receipt_path(scope, &home);
        let service = tokio::task::spawn_blocking(move || service(scope, &receipt))
            .await
            .unwrap_or_else(|fault| Service { installed: false, state: None, problem: Some(fault.to_string()) });
        let paths = Paths { home: home.root().to_owned(), config: home.config(), logs: home.logs() };
        let report = Report { node, running, service, paths };
        output.result(&report, || text(&report));
        Ok(if running { 0 } else { ExitKind::NotRunning.code() })
    }
}

/// What the service manager says. Blocks.
fn service(scope: Scope, receipt: &std::path::Path) -> Service {
    let receipt = match Receipt::load(receipt) {
        Ok(receipt) => receipt,
        Err(failed) => return Service { installed: false, state: None, problem: Some(failed.to_string()) },
    };
    match native(scope).and_then(|manager| manager.state()) {
        Ok(state) => Service { installed: state.activity != Activity::NotInstalled, state: Some(state), problem: None },
        Err(ServiceError::NotInstalled) => Service { installed: false, state: None, problem: None },
        // Without an installation nobody needs a manager.
        Err(_) if receipt.is_none() => Service { installed: false, state: None, problem: None },
        Err(failed) => Service { installed: true, state: None, problem: Some(failed.to_string()) },
    }
}

/// The states that a node that is gone leaves as its last word.
const LAST_WORDS: [&str; 4] = ["superseded", "unauthorized", "removed", "failed"];

/// The node's status and whether it runs. A status without a process is the last word of a node that is gone.
pub fn current(home: &Home) -> Result<(NodeStatus, bool), CliError> {
    let config = NodeConfig::load(home)?;
    let Some(node_id) = config.node_id else { return Err(DaemonError::NotSetUp.into()) };
    let holder = InstanceLock::holder(home)?;
    let written = NodeStatus::load(home)?;
    match (holder, written) {
        (Some(pid), Some(status)) if status.pid == pid => Ok((status, true)),
        (holder, written) => {
            // It has the lock but has not written yet, or nothing runs.
            let written = written.filter(|status| status.role == "node").unwrap_or_default();
            let (state, conditions) = match holder {
                Some(_) => ("starting".to_owned(), Vec::new()),
                None => last_word(&written),
            };
            let status = NodeStatus {
                node_id,
                state,
                pid: holder.unwrap_or_default(),
                conditions,
                active_jobs: 0,
                queued_jobs: 0,
                drained: config.drain_mode.unwrap_or(false),
                api_url: None,
                direct: None,
                name: config.server_name.unwrap_or_default(),
                gateway: config.gateway_base_url.unwrap_or_default(),
                ..written
            };
            Ok((status, holder.is_some()))
        }
    }
}

/// How a node that is gone ended, and why.
fn last_word(written: &NodeStatus) -> (String, Vec<Condition>) {
    if LAST_WORDS.contains(&written.state.as_str()) {
        let why = written.conditions.iter().filter(|part| !part.ok && matches!(part.kind.as_str(), "process" | "link"));
        return (written.state.clone(), why.cloned().collect());
    }
    if written.state == "stopped" || written.started_ms == 0 {
        return ("stopped".to_owned(), Vec::new());
    }
    let killed = Condition {
        kind: "process".to_owned(),
        ok: false,
        reason: "no_last_word".to_owned(),
        message: "it ended without a last word: it was killed, or the machine went down".to_owned(),
        since_ms: written.written_ms,
    };
    ("stopped".to_owned(), vec![killed])
}

fn text(report: &Report) -> String {
    let node = &report.node;
    let mut lines =
        vec![format!("{} is {} ({} at {})", node.name, node.state, node.node_id, node.gateway), String::new()];
    let mut last = String::new();
    let mut line = |name: &str, text: String| {
        let shown = if last == name { "" } else { name };
        lines.push(format!("{shown:<9} {text}"));
        name.clone_into(&mut last);
    };
    for text in service_lines(&report.service) {
        line("service", text);
    }
    if report.running && node.started_ms > 0 {
        line("node", format!("process {}, up {}, version {}", node.pid, ago(node.started_ms), node.version));
    } else if node.written_ms > 0 {
        line("node", format!("ended {} ago, version {}", ago(node.written_ms), node.version));
    }
    if let Some(url) = &node.api_url {
        line("its /v1", url.clone());
    }
    if let Some(direct) = node.direct.as_ref().filter(|_| report.running) {
        line("direct", format!("{} (listens on {})", direct.url, direct.listen));
        if let Some(pin) = &direct.fingerprint {
            line("direct", format!("certificate {pin}"));
        }
    }
    if let Some(heard) = node.last_heartbeat_ms {
        line("gateway", format!("answered {} ago, protocol {}", ago(heard), node.protocol));
    }
    let drained = if node.drained { "; takes no new ones, as its owner wants" } else { "" };
    if report.running {
        line("jobs", format!("{}/{} slots busy, {} waiting{drained}", node.active_jobs, node.slots, node.queued_jobs));
    } else if node.drained {
        line("jobs", "will take none, as its owner wants".to_owned());
    }
    if let Some(job) = &node.last_job {
        let why = if job.reason.is_empty() { String::new() } else { format!(" ({})", job.reason) };
        line("last job", format!("{} {}", job.id, job.operation));
        line("last job", format!("{}{why}, {} ago", job.state, ago(job.ended_ms)));
    }
    line("outbox", outbox(node));
    line("paths", format!("{} (config.json, logs/)", report.paths.home.display()));
    if !node.conditions.is_empty() {
        let rows = node.conditions.iter().map(|part| {
            (part.ok, vec![part.kind.clone(), part.reason.clone(), ago(part.since_ms), part.message.clone()])
        });
        lines.push(String::new());
        lines.push(checks(&["CONDITION", "REASON", "FOR", "MESSAGE"], rows));
    }
    if !report.running {
        lines.push(String::new());
        lines.push(way_out(report));
    }
    lines.join("\n")
}

fn service_lines(service: &Service) -> Vec<String> {
    if let Some(problem) = &service.problem {
        return vec![problem.clone()];
    }
    let Some(state) = service.state.as_ref().filter(|_| service.installed) else {
        return vec!["not installed as a service".to_owned()];
    };
    let activity = match state.activity {
        Activity::Active => "active",
        Activity::Starting => "starting",
        Activity::Stopping => "stopping",
        Activity::Inactive => "not started",
        Activity::Failed => "failed",
        Activity::NotInstalled => "not installed",
    };
    let since = state.since_ms_ago.map(|since| format!(" for {}", age(since))).unwrap_or_default();
    let pid = state.pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    let restarts = match state.restarts {
        Some(1) => ", restarted once".to_owned(),
        Some(times @ 2..) => format!(", restarted {times} times"),
        _ => String::new(),
    };
    let mut lines = vec![format!("{} ({})", state.service, state.manager), format!("{activity}{since}{pid}{restarts}")];
    if let Some(last) = &state.last_exit {
        let meaning = state.last_exit_code.and_then(meaning).map(|meaning| format!(": {meaning}")).unwrap_or_default();
        lines.push(format!("last exit: {last}{meaning}"));
    }
    lines.push(state.boot.sentence());
    lines.extend(state.boot.better.as_ref().map(|better| format!("earlier with `{better}`")));
    lines.extend(state.file.clone());
    lines
}

/// What an exit code of ours says.
fn meaning(code: i32) -> Option<&'static str> {
    ExitKind::ALL.into_iter().find(|kind| i32::from(kind.code()) == code).map(ExitKind::meaning)
}

fn outbox(node: &NodeStatus) -> String {
    let refused = match node.outbox.undeliverable {
        0 => String::new(),
        some => format!(", {some} refused for good"),
    };
    let oldest = node.outbox.oldest_ms.map(|at| format!(", the oldest for {}", ago(at))).unwrap_or_default();
    match node.outbox.pending {
        0 => format!("empty{refused}"),
        1 => format!("1 result waits for the gateway{oldest}{refused}"),
        results => format!("{results} results wait for the gateway{oldest}{refused}"),
    }
}

/// What to type so that it runs.
fn way_out(report: &Report) -> String {
    let start = if report.service.installed { "`waypost node start`" } else { "`waypost node run`" };
    match report.node.state.as_str() {
        "unauthorized" | "removed" => format!("join again with `waypost node setup KEY`, then start it with {start}"),
        "superseded" => format!("stop the other one, then start this with {start}; a copy needs a setup of its own"),
        "failed" => format!("mend what it says, then start it with {start}"),
        _ => format!("start it with {start}"),
    }
}

/// How long ago that was.
fn ago(at_ms: i64) -> String {
    age(u64::try_from(unix_ms() - at_ms).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Boot, BootGuarantee};
    use crate::state::LastJob;

    fn report() -> Report {
        let now = unix_ms();
        let part = |kind: &str, reason: &str, message: &str| Condition {
            kind: kind.to_owned(),
            ok: true,
            reason: reason.to_owned(),
            message: message.to_owned(),
            since_ms: now - 60_000,
        };
        let node = NodeStatus {
            pid: 4711,
            name: "attic".to_owned(),
            node_id: "shn_01jd".to_owned(),
            gateway: "https://gateway.example".to_owned(),
            state: "online".to_owned(),
            version: "0.1.0".to_owned(),
            started_ms: now - 3 * 3_600_000,
            protocol: 2,
            slots: 4,
            active_jobs: 1,
            last_heartbeat_ms: Some(now - 2000),
            last_job: Some(LastJob {
                id: "job_01jd".to_owned(),
                operation: "workspaces.execute".to_owned(),
                state: "failed".to_owned(),
                reason: "exited".to_owned(),
                ended_ms: now - 5 * 60_000,
            }),
            conditions: vec![part("link", "fresh", "https://gateway.example answers, protocol 2")],
            ..NodeStatus::default()
        };
        let state = ServiceState {
            manager: "systemd --user".to_owned(),
            service: "waypost-node.service".to_owned(),
            activity: Activity::Active,
            pid: Some(4711),
            since_ms_ago: Some(3 * 3_600_000),
            restarts: Some(2),
            last_exit: Some("exit code 5".to_owned()),
            last_exit_code: Some(5),
            file: Some("/home/dev/.config/systemd/user/waypost-node.service".to_owned()),
            boot: BootGuarantee { boot: Boot::AtBoot, why: "linger is on for dev".to_owned(), better: None },
        };
        let paths = Paths { home: "/h".into(), config: "/h/config.json".into(), logs: "/h/logs".into() };
        Report { node, running: true, service: Service { installed: true, state: Some(state), problem: None }, paths }
    }

    #[test]
    fn a_screen_has_everything_in_eighty_columns() {
        let text = anstream::adapter::strip_str(&text(&report())).to_string();
        for part in [
            "attic is online",
            "service   waypost-node.service (systemd --user)",
            "          active for 3h, process 4711, restarted 2 times",
            "last exit: exit code 5: a key or token is missing",
            "starts at boot, with nobody logged in (linger is on for dev)",
            "node      process 4711, up 3h, version 0.1.0",
            "jobs      1/4 slots busy, 0 waiting",
            "last job  job_01jd workspaces.execute",
            "          failed (exited), 5m ago",
            "outbox    empty",
        ] {
            assert!(text.contains(part), "no {part:?} in:\n{text}");
        }
        assert!(text.lines().count() <= 24, "{text}");
        let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.iter().all(|line| line.contains("last exit")), "{long:?}");
    }

    #[test]
    fn what_ended_a_node_is_its_last_word() {
        let written = NodeStatus { state: "online".to_owned(), started_ms: 1, written_ms: 7, ..NodeStatus::default() };
        let (state, why) = last_word(&written);
        assert_eq!((state.as_str(), why[0].reason.as_str(), why[0].since_ms), ("stopped", "no_last_word", 7));
        let stopped = NodeStatus { state: "stopped".to_owned(), ..written };
        assert_eq!(last_word(&stopped), ("stopped".to_owned(), Vec::new()));
        assert_eq!(last_word(&NodeStatus::default()).1, Vec::new());
        let mut gone = report();
        gone.running = false;
        gone.node.state = "unauthorized".to_owned();
        assert!(way_out(&gone).contains("setup KEY") && way_out(&gone).contains("node start"));
    }
}
