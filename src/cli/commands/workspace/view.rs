//! Workspaces, sessions and versions as a person reads them.

use crate::base::unix_seconds;
use crate::cli::output::{age, harmless, table};
use serde_json::Value;

/// A field that is text.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("?")
}

/// The first twelve letters of a version.
pub fn short(value: &Value, name: &str) -> String {
    text(value, name).chars().take(12).collect()
}

/// The answer of `workspaces.list`.
pub fn list(workspaces: &Value) -> String {
    let rows = items(workspaces).iter().map(|workspace| {
        vec![
            text(workspace, "id").to_owned(),
            text(workspace, "mode").to_owned(),
            number(workspace, "mount_count"),
            number(workspace, "session_count"),
            old(workspace),
        ]
    });
    table_or(&["ID", "MODE", "MOUNTS", "SESSIONS", "AGE"], rows, "No active workspaces.")
}

/// The answer of `workspaces.get` and of everything that makes or restores a workspace.
pub fn detail(workspace: &Value) -> String {
    let mut parts = vec![format!(
        "ID:        {}\nMode:      {}\nCreated:   {} ago",
        harmless(text(workspace, "id")),
        text(workspace, "mode"),
        old(workspace)
    )];
    let mounts = items(&workspace["mounts"]).iter().map(|mount| {
        let resource = mount.get("resource").or_else(|| mount.get("vfs")).and_then(Value::as_str).unwrap_or("?");
        vec![text(mount, "prefix").to_owned(), resource.to_owned(), text(mount, "mode").to_owned()]
    });
    if mounts.len() > 0 {
        parts.push(format!("Mounts:\n{}", indented(&table(&["PREFIX", "RESOURCE", "MODE"], mounts))));
    }
    parts.extend(sessions(&workspace["sessions"]).map(|sessions| format!("Sessions:\n{}", indented(&sessions))));
    if let Some(internals) = workspace.get("internals").and_then(Value::as_object) {
        let lines = internals.iter().map(|(name, value)| format!("  {name:<16} {value}"));
        parts.push(format!("Internals:\n{}", lines.collect::<Vec<_>>().join("\n")));
    }
    parts.join("\n\n")
}

/// A table of sessions, if there are any.
pub fn sessions(sessions: &Value) -> Option<String> {
    let rows = items(sessions)
        .iter()
        .map(|session| vec![text(session, "session_id").to_owned(), text(session, "cwd").to_owned()]);
    (rows.len() > 0).then(|| table(&["SESSION", "CWD"], rows))
}

/// The answer of `versions.log`.
pub fn versions(versions: &Value) -> String {
    let rows = items(versions).iter().map(|version| {
        let subject = text(version, "message").lines().next().unwrap_or_default();
        vec![short(version, "id"), subject.to_owned()]
    });
    table_or(&["VERSION", "MESSAGE"], rows, "No versions.")
}

/// The answer of `versions.diff`.
pub fn difference(difference: &Value) -> String {
    let lines = ["added", "modified", "deleted"].into_iter().flat_map(|what| {
        let paths = items(&difference[what]).iter().filter_map(Value::as_str);
        paths.map(move |path| format!("{what:<9} {}", harmless(path)))
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() { "No changes.".to_owned() } else { lines.join("\n") }
}

/// The answer of `asks.list`.
pub fn asks(asks: &Value) -> String {
    let rows = items(asks).iter().map(|ask| {
        ["id", "session_id", "command", "reason", "outcome"].map(|name| text(ask, name).to_owned()).to_vec()
    });
    table_or(&["ASK", "SESSION", "COMMAND", "REASON", "OUTCOME"], rows, "No asks.")
}

/// `{canceled}`.
pub fn canceled(answer: &Value) -> String {
    counted(answer, "canceled", "Canceled", "line")
}

/// `{killed}`.
pub fn killed(answer: &Value) -> String {
    counted(answer, "killed", "Killed", "job")
}

/// `{path, file_entries, index_entries}`.
pub fn refreshed(answer: &Value) -> String {
    let (files, index) = (number(answer, "file_entries"), number(answer, "index_entries"));
    format!("Refreshed {}: {files} files and {index} listings forgotten.", harmless(text(answer, "path")))
}

/// A number with its thousands marked: `10,240`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

fn counted(answer: &Value, name: &str, done: &str, what: &str) -> String {
    match answer.get(name).and_then(Value::as_u64).unwrap_or_default() {
        1 => format!("{done} 1 {what}."),
        number => format!("{done} {number} {what}s."),
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_u64).map_or_else(|| "?".to_owned(), |number| number.to_string())
}

fn old(value: &Value) -> String {
    let created = value.get("created_at").and_then(Value::as_f64).unwrap_or_default();
    age(((unix_seconds() - created).max(0.0) * 1000.0) as u64)
}

fn table_or(headers: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>, none: &str) -> String {
    if rows.len() == 0 { none.to_owned() } else { table(headers, rows) }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_those_that_people_know() {
        assert_eq!(list(&json!([])), "No active workspaces.");
        let now = unix_seconds();
        let one =
            json!([{"id": "demo", "mode": "write", "mount_count": 1, "session_count": 2, "created_at": now - 90.0}]);
        assert_eq!(list(&one), "ID    MODE   MOUNTS  SESSIONS  AGE\ndemo  write  1       2         1m");
        let workspace = json!({"id": "demo", "mode": "write", "created_at": now,
            "mounts": [{"prefix": "/data/", "vfs": "ram", "mode": "write"}],
            "sessions": [{"session_id": "default", "cwd": "/"}], "internals": {"cache_bytes": 0}});
        assert_eq!(
            detail(&workspace),
            "ID:        demo\nMode:      write\nCreated:   0s ago\n\nMounts:\n  PREFIX  RESOURCE  MODE\n  /data/  ram       write\n\n\
             Sessions:\n  SESSION  CWD\n  default  /\n\nInternals:\n  cache_bytes      0"
        );
        assert_eq!(
            difference(&json!({"added": ["data/two"], "modified": [], "deleted": ["x"]})),
            "added     data/two\ndeleted   x"
        );
        assert_eq!(difference(&json!({"added": [], "modified": [], "deleted": []})), "No changes.");
        assert_eq!(
            versions(&json!([{"id": "3d4ea9d4368e0000", "message": "one\ntwo"}])),
            "VERSION       MESSAGE\n3d4ea9d4368e  one"
        );
        assert_eq!(
            (canceled(&json!({"canceled": 1})), killed(&json!({"killed": 0}))),
            ("Canceled 1 line.".into(), "Killed 0 jobs.".into())
        );
        assert_eq!(
            (thousands(10240), thousands(7), thousands(1234567)),
            ("10,240".into(), "7".into(), "1,234,567".into())
        );
    }
}
