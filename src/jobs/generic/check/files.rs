//! The files that go in and come out.

use super::issues::{Issues, join};
use crate::jobs::generic::job::{Input, Output};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// More of either are not taken.
const MAX: usize = 256;
/// The longest path, bytes.
const MAX_PATH: usize = 1024;

/// A relative path with `/` and nothing that leads elsewhere.
pub(in crate::jobs::generic) fn is_safe_path(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= MAX_PATH
        && !path.contains(['\\', ':'])
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && part.len() <= 255)
}

/// The inputs.
pub(super) fn inputs(issues: &mut Issues, value: Option<&Value>) -> Vec<Input> {
    let mut names = HashSet::new();
    each(issues, "inputs", "invalid_artifact", value, |issues, at, item| {
        issues.unknown(at, item, &["name", "artifact", "mount_path", "required"]);
        let name = issues.text("invalid_artifact", at, item, "name");
        let required = issues.flag("invalid_artifact", at, item, "required").unwrap_or(true);
        let mount = issues.text("invalid_artifact", at, item, "mount_path");
        safe(issues, &join(at, "mount_path"), mount.as_deref());
        let artifact_at = join(at, "artifact");
        let artifact = issues.object("invalid_artifact", &artifact_at, item.get("artifact"));
        let Some((name, artifact)) = name.zip(artifact) else {
            issues.add("invalid_artifact", at, "needs a name and an artifact", None);
            return None;
        };
        let known = ["uri", "id", "name", "content_type", "size_bytes", "sha256", "scope"];
        issues.unknown(&artifact_at, artifact, &known);
        let uri = artifact.get("uri").and_then(Value::as_str).unwrap_or_default();
        if !uri.starts_with("artifact://") || uri.split('/').any(|part| part == "..") {
            let text = "must be an artifact:// URI";
            issues.add("unsafe_artifact_uri", &join(&artifact_at, "uri"), text, artifact.get("uri"));
        }
        if mount.is_none() && !is_safe_path(&name) {
            issues.add("unsafe_path", &join(at, "name"), "is not a relative path below the job's files", None);
        }
        let mount_path = mount.unwrap_or_else(|| name.clone());
        if !names.insert(mount_path.clone()) {
            issues.add("invalid_artifact", at, "another input has the same place", None);
        }
        let sha256 = issues.text("invalid_artifact", &artifact_at, artifact, "sha256");
        Some(Input { name, uri: uri.to_owned(), mount_path, sha256, required })
    })
}

/// The outputs.
pub(super) fn outputs(issues: &mut Issues, value: Option<&Value>) -> Vec<Output> {
    each(issues, "outputs", "invalid_output", value, |issues, at, item| {
        issues.unknown(at, item, &["name", "path", "content_type", "required"]);
        let name = issues.text("invalid_output", at, item, "name");
        let path = issues.text("invalid_output", at, item, "path");
        let content_type = issues.text("invalid_output", at, item, "content_type");
        let required = issues.flag("invalid_output", at, item, "required").unwrap_or(true);
        safe(issues, &join(at, "path"), path.as_deref());
        let Some((name, path)) = name.zip(path) else {
            issues.add("invalid_output", at, "needs a name and a path", None);
            return None;
        };
        Some(Output { name, path, content_type, required })
    })
}

fn safe(issues: &mut Issues, at: &str, path: Option<&str>) {
    if path.is_some_and(|path| !is_safe_path(path)) {
        let value = path.map(Value::from);
        issues.add("unsafe_path", at, "must be a relative path with / and without ..", value.as_ref());
    }
}

fn each<T>(
    issues: &mut Issues,
    at: &str,
    code: &str,
    value: Option<&Value>,
    mut check: impl FnMut(&mut Issues, &str, &Map<String, Value>) -> Option<T>,
) -> Vec<T> {
    let list = match value {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(list)) if list.len() <= MAX => list,
        Some(other) => {
            issues.add(code, at, format!("must be a list of at most {MAX}"), Some(other));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let at = format!("{at}[{index}]");
        match item.as_object() {
            Some(item) => found.extend(check(issues, &at, item)),
            None => issues.add(code, &at, "must be an object", Some(item)),
        }
    }
    found
}
