//! What an installation did or would do, for people and for programs.

use crate::service::{Change, Entry, Scope, ServiceState, StepKind};
use serde::Serialize;
use std::path::PathBuf;

/// The result of `node install`.
#[derive(Debug, Serialize)]
pub struct Installed {
    /// Who the node is at its gateway.
    pub node_id: String,
    /// Its name there.
    pub name: String,
    /// The gateway.
    pub gateway: String,
    /// Whether this machine is new to the gateway; none when it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Whose service it is.
    pub scope: Scope,
    /// What was done to the machine now; empty when all was so already.
    pub done: Vec<Entry>,
    /// The service now.
    pub service: ServiceState,
    /// Whether the gateway has accepted a heartbeat of the service; none when it was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// The node's own `/v1`, when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// The state directory.
    pub home: PathBuf,
    /// The receipt.
    pub receipt: PathBuf,
}

impl Installed {
    /// One screen.
    pub fn text(&self) -> String {
        let ServiceState { manager, service, pid, boot, file, .. } = &self.service;
        let mut lines = vec![match (self.done.is_empty() && self.created.is_none(), self.joined) {
            (true, Some(_)) => format!("{} is installed and works; nothing had to be changed", self.name),
            (_, Some(_)) => format!("{} is installed and works", self.name),
            (_, None) => format!("{} is installed and not started", self.name),
        }];
        let mut row = |what: &str, text: String| lines.push(format!("  {what:<9}{text}"));
        row("gateway", format!("{} ({})", self.gateway, self.node_id));
        let process = pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
        row("service", format!("{service} ({manager}){process}"));
        row("boot", boot.sentence());
        if let Some(file) = file {
            row("unit", file.clone());
        }
        row("state", self.home.display().to_string());
        if let Some(url) = &self.api_url {
            row("/v1", url.clone());
        }
        if let Some(better) = &boot.better {
            lines.push(format!("to have it start earlier: {better}"));
        }
        if self.joined.is_none() {
            lines.push("start it with `waypost node start`".to_owned());
        }
        lines.push("next: waypost node status, waypost node logs -f, waypost node uninstall".to_owned());
        lines.join("\n")
    }
}

/// A plan, a line for each step; texts of files are indented below their line.
pub fn plan_text(changes: &[Change]) -> String {
    let mut lines = Vec::new();
    for change in changes {
        let kind = match change.kind {
            StepKind::File => "file   ",
            StepKind::Command => "command",
            StepKind::Network => "network",
        };
        let done = if change.is_done { " (is so already)" } else { "" };
        lines.push(format!("{kind}  {}{done}", change.what));
        let content = change.content.iter().flat_map(|content| content.lines());
        lines.extend(content.map(|line| format!("         | {line}").trim_end().to_owned()));
    }
    lines.join("\n")
}
