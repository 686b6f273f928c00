//! The runner's arguments. They describe work; nothing in them may turn into a command or open the machine.

use super::issues::{Issues, join};
use crate::jobs::generic::catalogue::Kind;
use serde_json::{Map, Value};

const UNSAFE: &[&str] = &[
    "command",
    "cmd",
    "shell",
    "image",
    "runtime",
    "network",
    "mount",
    "mounts",
    "device",
    "devices",
    "privileged",
    "hostNetwork",
    "host_network",
    "volumes",
    "binds",
];
const UNSAFE_METADATA: &[&str] =
    &["allow_raw_command", "allowed_images", "allowed_package_publishers", "host_path", "host_paths"];
/// How deep nested arguments are looked at.
const DEEP: usize = 16;

/// The arguments, those of `kind`.
pub(super) fn check(issues: &mut Issues, kind: Option<&Kind>, value: Option<&Value>) -> Map<String, Value> {
    let empty = Map::new();
    let args = issues.object("invalid_args", "args", value).unwrap_or(&empty);
    refuse(issues, "args", args, UNSAFE, &[], 0);
    if let Some(kind) = kind {
        let foreign = |key: &str| kind.args.is_some_and(|known| !known.contains(&key)) && !UNSAFE.contains(&key);
        for (key, value) in args.iter().filter(|(key, _)| foreign(key)) {
            let text = format!("{} has no argument '{key}'", kind.job_type);
            issues.add("invalid_args", &join("args", key), text, Some(value));
        }
        for key in kind.required_args.iter().filter(|key| !args.contains_key(**key)) {
            issues.add("invalid_args", &join("args", key), format!("{} needs it", kind.job_type), None);
        }
    }
    args.clone()
}

/// The same for `metadata`, where more is unsafe.
pub(super) fn refuse_unsafe_metadata(issues: &mut Issues, metadata: &Map<String, Value>) {
    refuse(issues, "metadata", metadata, UNSAFE, UNSAFE_METADATA, 0);
}

fn refuse(issues: &mut Issues, at: &str, object: &Map<String, Value>, words: &[&str], more: &[&str], depth: usize) {
    for (key, value) in object {
        let path = join(at, key);
        if words.contains(&key.as_str()) || more.contains(&key.as_str()) {
            issues.add("unsafe_field", &path, format!("'{key}' is not allowed here"), None);
        } else if depth < DEEP {
            let nested = match value {
                Value::Object(_) => std::slice::from_ref(value),
                Value::Array(list) => list.as_slice(),
                _ => &[],
            };
            for object in nested.iter().filter_map(Value::as_object) {
                refuse(issues, &path, object, words, more, depth + 1);
            }
        } else if value.is_object() || value.is_array() {
            issues.add("unsafe_field", &path, "is nested too deeply", None);
        }
    }
}
