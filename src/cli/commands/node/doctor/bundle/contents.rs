//! What the archive holds.

use super::super::check::Report;
use super::Redaction;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::scope_of;
use crate::service::native;
use crate::state::Home;
use crate::telemetry::reading::{Filter, tail};
use serde_json::{Value, json};
use std::path::Path;

/// How many lines of the log.
const LINES: usize = 5000;
/// The longest unit that is read, bytes.
const LONGEST_UNIT: u64 = 64 * 1024;

/// A file of the archive.
pub struct Part {
    pub name: String,
    /// What it is, for the list.
    pub what: &'static str,
    pub content: String,
}

/// Everything, redacted.
///
/// # Errors
/// When the logs cannot be read.
pub fn collect(home: &Home, report: &Report, redaction: &Redaction) -> Result<Vec<Part>, CliError> {
    let mut parts = vec![part("doctor.json", "what doctor found", &json!(report), redaction)];
    parts.push(part("versions.json", "versions of the program and of the system", &versions(), redaction));
    parts.extend(json_file("config.json", "the node's settings", &home.config(), redaction));
    parts.extend(json_file("status.json", "what the node last said of itself", &home.status(), redaction));
    parts.extend(json_file("install.json", "what the installation did", &home.root().join("install.json"), redaction));
    parts.extend(unit(home, redaction));
    let lines = tail(&home.logs(), &Filter::default(), LINES, None)
        .map_err(|failed| CliError::new(ExitKind::Config, format!("{}: {failed}", home.logs().display())))?;
    if !lines.is_empty() {
        let text: String = lines.iter().map(|line| format!("{}\n", redaction.text(&line.0))).collect();
        parts.push(Part { name: "node.log".to_owned(), what: "the end of the node's log", content: text });
    }
    Ok(parts)
}

fn part(name: &str, what: &'static str, value: &Value, redaction: &Redaction) -> Part {
    let mut value = value.clone();
    redaction.json(&mut value);
    let content = format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default());
    Part { name: name.to_owned(), what, content }
}

/// A file of JSON; a damaged one is taken as text.
fn json_file(name: &str, what: &'static str, path: &Path, redaction: &Redaction) -> Option<Part> {
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    Some(match serde_json::from_str(&text) {
        Ok(value) => part(name, what, &value, redaction),
        Err(_) => Part { name: name.to_owned(), what, content: redaction.text(&text) },
    })
}

fn versions() -> Value {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map(|name| name.trim_matches('"').to_owned());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned()).ok();
    json!({ "waypost": env!("CARGO_PKG_VERSION"), "protocol": crate::wire::PROTOCOL, "os": std::env::consts::OS,
            "architecture": std::env::consts::ARCH, "system": system, "kernel": kernel })
}

/// The definition of the service, where there is one.
fn unit(home: &Home, redaction: &Redaction) -> Option<Part> {
    let file = native(scope_of(home)).and_then(|manager| manager.state()).ok()?.file?;
    let path = Path::new(&file);
    if std::fs::metadata(path).ok()?.len() > LONGEST_UNIT {
        return None;
    }
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    let name = format!("service/{}", path.file_name()?.to_string_lossy());
    Some(Part { name, what: "the definition of the service", content: redaction.text(&text) })
}
