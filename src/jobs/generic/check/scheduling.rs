//! When the job should run.

use super::issues::Issues;
use crate::jobs::generic::clock;
use serde_json::Value;

const AT: &str = "scheduling";
const CODE: &str = "invalid_scheduling";
const FIELDS: &[&str] = &["priority", "deadline_at", "fairness_key", "reason_code", "preemptible"];

/// The priority, and the instant after which nobody wants the job (milliseconds since 1970).
pub(super) fn check(issues: &mut Issues, value: Option<&Value>) -> (i64, Option<i64>) {
    let Some(scheduling) = issues.object(CODE, AT, value) else { return (0, None) };
    issues.unknown(AT, scheduling, FIELDS);
    let priority = scheduling.get("priority").filter(|priority| !priority.is_null());
    let number = priority.map_or(Some(0), |priority| priority.as_i64().filter(|n| (-100..=100).contains(n)));
    if number.is_none() {
        issues.add(CODE, "scheduling.priority", "must be a whole number from -100 to 100", priority);
    }
    let deadline = issues.text(CODE, AT, scheduling, "deadline_at");
    let deadline_ms = deadline.as_deref().and_then(clock::parse);
    if deadline.is_some() && deadline_ms.is_none() {
        issues.add(CODE, "scheduling.deadline_at", "must be an instant in ISO 8601", scheduling.get("deadline_at"));
    }
    issues.text(CODE, AT, scheduling, "fairness_key");
    issues.text(CODE, AT, scheduling, "reason_code");
    issues.flag(CODE, AT, scheduling, "preemptible");
    (number.unwrap_or(0), deadline_ms)
}
