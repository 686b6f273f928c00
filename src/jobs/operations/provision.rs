//! `provision` and `explain` of a script: what it would cost, and which commands it has. Nothing runs, and no job is made.

use super::done;
use crate::jobs::stop::Stop;
use crate::jobs::{Outcome, failure};
use crate::wire::v1::{ExecuteParams, Failure};
use crate::workspace::{Cost, Estimate, Explained, ExplainedWord, Workspace};
use serde_json::{Map, Value, json};

/// The cost of a script.
pub(super) async fn provision(workspace: &Workspace, params: ExecuteParams, stop: &Stop) -> Result<Outcome, Failure> {
    let ExecuteParams { command, session_id, cwd, .. } = params;
    let estimate = tokio::select! {
        estimate = workspace.provision(command, session_id.as_deref(), cwd.as_deref()) => {
            estimate.map_err(failure::workspace)?
        }
        failure = stop.reached() => return Err(failure),
    };
    let mut answer = Map::from_iter([("kind".to_owned(), json!("provision"))]);
    answer.extend(node(&estimate));
    done(&answer)
}

/// The commands of a script. One that cannot be read is no failure: the shell's own words say why.
pub(super) async fn explain(workspace: &Workspace, params: ExecuteParams, stop: &Stop) -> Result<Outcome, Failure> {
    let ExecuteParams { command, session_id, cwd, .. } = params;
    let explained = tokio::select! {
        explained = workspace.explain(command.clone(), session_id.as_deref(), cwd.as_deref()) => {
            explained.map_err(failure::workspace)?
        }
        failure = stop.reached() => return Err(failure),
    };
    let (children, exit_code, stderr) = match &explained {
        Ok(nodes) => (nodes.iter().map(tree).collect(), 0, ""),
        Err(syntax) => (Vec::new(), 2, syntax.as_str()),
    };
    let mut answer = Map::from_iter([("line".to_owned(), json!(command))]);
    answer.extend(allowed(exit_code, stderr));
    answer.insert("node".to_owned(), json!({ "type": "line", "text": command, "children": children }));
    done(&answer)
}

/// Part of an estimate with all its fields in both spellings. There is no cache in front of these files, so everything is
/// read from and written to where it is.
fn node(estimate: &Estimate) -> Map<String, Value> {
    let Cost { read, write, read_ops, precision } = estimate.cost;
    let children: Vec<Value> = estimate.children.iter().map(|child| Value::Object(node(child))).collect();
    let fields = [
        ("op", "op", json!(estimate.op)),
        ("command", "command", json!(estimate.command)),
        ("children", "children", json!(children)),
        ("network_read_low", "networkReadLow", json!(read.0)),
        ("network_read_high", "networkReadHigh", json!(read.1)),
        ("cache_read_low", "cacheReadLow", json!(0)),
        ("cache_read_high", "cacheReadHigh", json!(0)),
        ("network_write_low", "networkWriteLow", json!(write.0)),
        ("network_write_high", "networkWriteHigh", json!(write.1)),
        ("cache_write_low", "cacheWriteLow", json!(0)),
        ("cache_write_high", "cacheWriteHigh", json!(0)),
        ("read_ops", "readOps", json!(read_ops)),
        ("cache_hits", "cacheHits", json!(0)),
        ("precision", "precision", json!(precision.name())),
        ("estimated_cost_usd", "estimatedCostUsd", Value::Null),
    ];
    let mut both = Map::new();
    for (snake, camel, value) in fields {
        both.insert(camel.to_owned(), value.clone());
        both.insert(snake.to_owned(), value);
    }
    both
}

/// The verdict on a line or a command.
fn allowed(exit_code: i32, stderr: &str) -> Map<String, Value> {
    let verdict = json!({
        "outcome": "allow", "reason": "", "source": "", "refusal": null, "answers": [],
        "exit_code": exit_code, "exitCode": exit_code, "stderr": stderr,
    });
    match verdict {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn tree(explained: &Explained) -> Value {
    let children: Vec<Value> = explained.children.iter().map(tree).collect();
    let mut node = json!({ "type": explained.kind, "text": explained.text });
    if explained.kind == "command" {
        node["command"] = json!(explained.words.first().map(|word| &word.text));
    }
    if !explained.words.is_empty() {
        node["words"] = explained.words.iter().map(word).collect();
    }
    if let (Value::Object(fields), "command") = (&mut node, explained.kind) {
        fields.extend(allowed(0, ""));
        fields.insert("runtime".to_owned(), json!(""));
    }
    node["children"] = json!(children);
    node
}

fn word(word: &ExplainedWord) -> Value {
    let option = (word.kind == "option").then_some(&word.text);
    json!({ "text": word.text, "kind": word.kind, "option": option, "path": word.path })
}
