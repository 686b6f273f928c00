//! What the environment of an mswarm node says, where neither an option nor an earlier setup does.

use super::error::{CliError, ExitKind};
use crate::daemon::{RelayMode, SetupChoices};
use crate::state::{AllowedClient, NodeConfig};
use std::str::FromStr;

/// What every name of theirs but a few begins with.
const PREFIX: &str = "MSWARM_SELF_HOSTED_";

/// The value of a variable, unless it is empty.
pub fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Fills in what was neither chosen nor set up before.
///
/// # Errors
/// [`ExitKind::Usage`] with the variable whose value cannot be used.
pub fn fill(choices: &mut SetupChoices, earlier: &NodeConfig) -> Result<(), CliError> {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| said(&format!("{PREFIX}{name}")).map(|value| (format!("{PREFIX}{name}"), value)))
    };
    if choices.gateway.is_none() && earlier.gateway_base_url.is_none() {
        choices.gateway = said("MSWARM_GATEWAY_BASE_URL");
    }
    if choices.name.is_none() && earlier.server_name.is_none() {
        choices.name = said("MSWARM_SELF_HOSTED_SERVER_NAME");
    }
    if choices.client_allowlist.is_none()
        && earlier.client_allowlist.is_none()
        && let Some((name, value)) = text(&["CLIENT_ALLOWLIST", "CLIENTS"])
    {
        let clients = AllowedClient::parse_list(&value).map_err(|wrong| unusable(&name, &wrong.to_string()))?;
        choices.client_allowlist = Some(clients);
    }
    if choices.mode.is_none() && earlier.relay_mode.is_none() {
        choices.mode = text(&["RELAY_MODE"]).map(|(_, mode)| match mode.as_str() {
            "direct" => RelayMode::Direct,
            _ => RelayMode::Outbound,
        });
        if choices.mode == Some(RelayMode::Direct) && choices.direct_url.is_none() {
            choices.direct_url = text(&["DIRECT_BASE_URL"]).map(|(_, url)| url);
        }
    }
    let list = |chosen: &mut Option<Vec<String>>, known: bool, name: &str| {
        if chosen.is_none() && !known {
            *chosen = text(&[name]).map(|(_, value)| {
                let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(str::to_owned).collect()
            });
        }
    };
    list(&mut choices.model_allowlist, earlier.model_allowlist.is_some(), "MODEL_ALLOWLIST");
    list(&mut choices.model_blocklist, earlier.model_blocklist.is_some(), "MODEL_BLOCKLIST");
    let exposure = earlier.exposure_policy.is_some() || earlier.expose_all_models.is_some();
    flag(&mut choices.expose_all, exposure, &text(&["EXPOSURE_POLICY", "EXPOSE_ALL_MODELS"]))?;
    flag(&mut choices.drain_mode, earlier.drain_mode.is_some(), &text(&["DRAIN_MODE"]))?;
    let load = text(&["LOAD_REPORTING_ENABLED", "LOAD_REPORTING"]);
    flag(&mut choices.load_reporting, earlier.load_reporting_enabled.is_some(), &load)?;
    let telemetry = text(&["HARDWARE_TELEMETRY_ENABLED", "HARDWARE_TELEMETRY"]);
    flag(&mut choices.hardware_telemetry, earlier.hardware_telemetry_enabled.is_some(), &telemetry)?;
    number(
        &mut choices.max_concurrent_jobs,
        earlier.max_concurrent_jobs.is_some(),
        1..=1024,
        &text(&["MAX_CONCURRENT_JOBS"]),
    )?;
    number(
        &mut choices.max_concurrent_llm_jobs,
        earlier.max_concurrent_llm_jobs.is_some(),
        1..=1024,
        &text(&["MAX_CONCURRENT_LLM_JOBS"]),
    )?;
    let reserved = text(&["RESERVED_LLM_JOBS"]);
    number(&mut choices.reserved_llm_jobs, earlier.reserved_llm_jobs.is_some(), 0..=1024, &reserved)?;
    let urgent = text(&["RESERVED_PRIORITY_MAX"]);
    number(&mut choices.reserved_priority_max, earlier.reserved_priority_max.is_some(), -100..=100, &urgent)?;
    let beats = text(&["HEARTBEAT_INTERVAL_SECONDS"]);
    number(&mut choices.heartbeat_interval_seconds, earlier.heartbeat_interval_seconds.is_some(), 1..=900, &beats)
}

fn number<T: FromStr + PartialOrd + std::fmt::Display>(
    chosen: &mut Option<T>,
    known: bool,
    range: std::ops::RangeInclusive<T>,
    said: &Option<(String, String)>,
) -> Result<(), CliError> {
    let (None, false, Some((name, value))) = (&chosen, known, said) else { return Ok(()) };
    match value.parse() {
        Ok(number) if range.contains(&number) => {
            *chosen = Some(number);
            Ok(())
        }
        _ => Err(unusable(name, &format!("{value:?} is no number from {} to {}", range.start(), range.end()))),
    }
}

fn flag(chosen: &mut Option<bool>, known: bool, said: &Option<(String, String)>) -> Result<(), CliError> {
    let (None, false, Some((name, value))) = (&chosen, known, said) else { return Ok(()) };
    *chosen = Some(match value.to_lowercase().as_str() {
        "1" | "true" | "yes" | "all" | "expose-all" | "exposed" => true,
        "0" | "false" | "no" | "none" | "off" | "disabled" => false,
        _ => return Err(unusable(name, &format!("{value:?} is neither yes nor no"))),
    });
    Ok(())
}

fn unusable(name: &str, problem: &str) -> CliError {
    CliError::new(ExitKind::Usage, format!("{name}: {problem}"))
        .hint(format!("mend it, or unset it: an option of the command wins over {name}"))
}
