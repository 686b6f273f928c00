//! `override`: other backends for the mounts of a workspace that is loaded or cloned.

use crate::jobs::failure::invalid;
use crate::wire::v1::Failure;
use crate::workspace::normalise_prefix;
use serde_json::Value;
use std::collections::BTreeMap;

/// The caller's `{mounts: {prefix: block}}` by normalised prefix.
pub(super) fn read(document: Option<&Value>) -> Result<BTreeMap<String, Value>, Failure> {
    let Some(document) = document else { return Ok(BTreeMap::new()) };
    let mounts = document.get("mounts").and_then(Value::as_object);
    let mounts = mounts.ok_or_else(|| invalid("override: must be {\"mounts\": {prefix: {\"resource\": …}}}"))?;
    // One that is no prefix is of no mount, and refused as that.
    let prefix = |given: &String| normalise_prefix(given).unwrap_or_else(|| given.clone());
    Ok(mounts.iter().map(|(given, block)| (prefix(given), block.clone())).collect())
}

/// Refuses a replacement for a mount that `what` does not have.
pub(super) fn refuse_left<'a>(
    left: &BTreeMap<String, Value>,
    what: &str,
    known: impl Iterator<Item = &'a String>,
) -> Result<(), Failure> {
    let Some(unknown) = left.keys().next() else { return Ok(()) };
    let known: Vec<_> = known.map(String::as_str).collect();
    Err(invalid(format!("override: {what} has no mount at {unknown}, only at {}", known.join(", "))))
}

/// Whether a mount's block says `ram`, in any generation's word for it.
pub(super) fn is_ram(block: &Value) -> bool {
    ["resource", "vfs", "type"].iter().any(|key| block.get(key).and_then(Value::as_str) == Some("ram"))
}
