//! Whether the node runs, and what it says of itself.

use super::super::status::current;
use super::check::Check;
use crate::cli::error::CliError;
use crate::state::Home;

/// Whether it runs, and a check for it and for each of its conditions.
pub fn checks(home: &Home) -> Result<(bool, Vec<Check>), CliError> {
    let (status, running) = current(home)?;
    let mut checks = vec![if running {
        Check::good("process", format!("runs as process {}", status.pid))
    } else {
        let fix = "start it with `waypost node run`, or have it started always with `waypost node install`";
        Check::bad("process", "the node is not running", fix)
    }];
    for part in status.conditions.iter().filter(|part| part.kind != "process") {
        checks.push(match (part.ok, part.kind.as_str()) {
            (true, kind) => Check::good(kind, &part.message),
            (false, kind @ ("outbox" | "claims")) => Check::warning(kind, &part.message, &part.message),
            (false, kind) => Check::bad(kind, &part.message, &part.message),
        });
    }
    Ok((running, checks))
}
