//! `waypost provision`: what a script would read and write, without running it.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::{Output, table};
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Estimate what a script would read and write, without running it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost provision -w demo -c 'cat /data/*.csv | sort > /data/all'")]
pub struct Provision {
    /// The workspace
    #[arg(short, long, alias = "workspace_id", value_name = "ID")]
    pub workspace: String,
    /// The script
    #[arg(short, long, value_name = "SCRIPT")]
    pub command: String,
    /// The session [default: the workspace's default session]
    #[arg(short, long, alias = "session_id", value_name = "ID")]
    pub session: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Provision {
    /// Asks and prints the estimate.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut body =
            Map::from_iter([("command".to_owned(), json!(self.command)), ("provision".to_owned(), Value::Bool(true))]);
        body.extend(self.session.map(|session| ("session_id".to_owned(), json!(session))));
        let path = format!("/v1/workspaces/{}/execute", escape(&self.workspace));
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &Value::Object(body)).await?;
        output.result(&answer, || text(&answer));
        Ok(0)
    }
}

/// Every step on a line of its own, below and inside the one that it is part of.
fn text(estimate: &Value) -> String {
    let mut rows = Vec::new();
    add(estimate, 0, &mut rows);
    table(&["STEP", "READ", "FROM CACHE", "WRITE", "READS", "HITS", "PRECISION"], rows)
}

fn add(node: &Value, depth: usize, rows: &mut Vec<Vec<String>>) {
    let word = |name: &str| node.get(name).and_then(Value::as_str);
    let number = |name: &str| node.get(name).and_then(Value::as_u64).unwrap_or_default();
    let between = |name: &str| match (number(&format!("{name}_low")), number(&format!("{name}_high"))) {
        (low, high) if low == high => low.to_string(),
        (low, high) => format!("{low}-{high}"),
    };
    let step = word("command").or_else(|| word("op")).unwrap_or("");
    rows.push(vec![
        format!("{}{step}", "  ".repeat(depth)),
        between("network_read"),
        between("cache_read"),
        between("network_write"),
        number("read_ops").to_string(),
        number("cache_hits").to_string(),
        word("precision").unwrap_or("unknown").to_owned(),
    ]);
    for child in node.get("children").and_then(Value::as_array).into_iter().flatten() {
        add(child, depth + 1, rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stand_below_what_they_are_part_of() {
        let leaf = json!({"op": null, "command": "cat /a", "children": [], "network_read_low": 0, "network_read_high": 6,
            "read_ops": 1, "precision": "range"});
        let text =
            text(&json!({"kind": "provision", "op": "|", "command": null, "children": [leaf], "precision": "range"}));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].starts_with("|  ") && lines[2].starts_with("  cat /a  0-6"), "{text}");
    }
}
