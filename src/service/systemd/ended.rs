//! How the service's last process ended.

use super::show::Shown;

/// From the unit's properties: words, and the exit code when there was one. None while a process runs and before the first.
pub(super) fn ended(unit: &Shown) -> Option<(String, Option<i32>)> {
    let status = unit.number::<i32>("ExecMainStatus")?;
    let how = match unit.get("ExecMainCode") {
        "1" => return Some((reason(unit.get("Result"), format!("exit code {status}")), Some(status))),
        "2" | "3" => format!("signal {}", signal(status)),
        _ => match unit.get("Result") {
            // It never got as far as a process, e.g. because of a directory that is missing.
            "" | "success" => return None,
            other => return Some((other.replace('-', " "), None)),
        },
    };
    Some((reason(unit.get("Result"), how), None))
}

/// The manager's own reason in front, when it says more than how the process ended.
fn reason(result: &str, how: String) -> String {
    match result {
        "watchdog" | "timeout" | "oom-kill" | "start-limit-hit" | "protocol" | "resources" => {
            format!("{} ({how})", result.replace('-', " "))
        }
        _ => how,
    }
}

/// From the journal's records of ends, one JSON object a line, the last of them last.
pub(super) fn last_end(records: &str) -> Option<(String, Option<i32>)> {
    let record: serde_json::Value =
        serde_json::from_str(records.lines().rfind(|line| !line.trim().is_empty())?).ok()?;
    let status: i32 = record.get("EXIT_STATUS")?.as_str()?.parse().ok()?;
    match record.get("EXIT_CODE")?.as_str()? {
        "exited" => Some((format!("exit code {status}"), Some(status))),
        "killed" | "dumped" => Some((format!("signal {}", signal(status)), None)),
        other => Some((other.to_owned(), None)),
    }
}

/// A signal's name without `SIG`, or its number.
fn signal(number: i32) -> String {
    const NAMES: [(i32, &str); 13] = [
        (1, "HUP"),
        (2, "INT"),
        (3, "QUIT"),
        (4, "ILL"),
        (5, "TRAP"),
        (6, "ABRT"),
        (7, "BUS"),
        (8, "FPE"),
        (9, "KILL"),
        (11, "SEGV"),
        (13, "PIPE"),
        (15, "TERM"),
        (31, "SYS"),
    ];
    let name = NAMES.iter().find(|(known, _)| *known == number);
    name.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}
