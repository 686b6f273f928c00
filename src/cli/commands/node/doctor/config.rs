//! Whether the settings fit each other.

use super::check::Check;
use crate::client::GatewayUrl;
use crate::state::{Home, NodeConfig};

/// Keys that nodes of the same protocol have beside ours.
const OTHERS: &[&str] = &["exposure_policy", "runtime_protocol_version"];
/// How keys of other programs begin.
const OTHERS_BEGIN: &[&str] = &["mcoda_", "lifecycle_", "codali_", "docdex_", "generic_job"];

pub fn check(home: &Home, config: &NodeConfig) -> Check {
    let again = "correct it in config.json, or join again with `waypost node setup KEY` and the right options";
    let wrong = contradictions(config);
    if !wrong.is_empty() {
        let message = format!("{}: {}", home.config().display(), wrong.join("; "));
        return if wrong_address(config).is_some() {
            Check::bad("config", message, again)
        } else {
            Check::warning("config", message, again)
        };
    }
    let place = format!("{} in {}", config.node_id.as_deref().unwrap_or_default(), home.root().display());
    match unknown(config) {
        unknown if unknown.is_empty() => Check::good("config", place),
        unknown => Check::note("config", format!("{place}; not known here and left alone: {}", unknown.join(", "))),
    }
}

fn unknown(config: &NodeConfig) -> Vec<&str> {
    let known = |key: &&str| OTHERS.contains(key) || OTHERS_BEGIN.iter().any(|start| key.starts_with(start));
    config.rest.keys().map(String::as_str).filter(|key| !known(key)).collect()
}

fn wrong_address(config: &NodeConfig) -> Option<String> {
    match config.gateway_base_url.as_deref() {
        None => Some("gateway_base_url is missing".to_owned()),
        Some(url) => GatewayUrl::parse(url).err().map(|wrong| format!("gateway_base_url: {wrong}")),
    }
}

fn contradictions(config: &NodeConfig) -> Vec<String> {
    let mut wrong: Vec<String> = wrong_address(config).into_iter().collect();
    match config.relay_mode.as_deref() {
        None | Some("outbound") => {}
        Some("direct") if config.direct_base_url.is_some() => {}
        Some("direct") => wrong.push("relay_mode is direct but there is no direct_base_url".to_owned()),
        Some(other) => wrong.push(format!("relay_mode is {other:?}, neither outbound nor direct")),
    }
    if let (Some(interval), Some(timeout)) = (config.heartbeat_interval_seconds, config.heartbeat_timeout_seconds)
        && interval >= timeout
    {
        wrong.push(format!("heartbeats come every {interval} s but are missed after {timeout} s"));
    }
    if let (Some(jobs), Some(models)) = (config.max_concurrent_jobs, config.max_concurrent_llm_jobs)
        && models > jobs
    {
        wrong.push(format!("max_concurrent_llm_jobs ({models}) is more than max_concurrent_jobs ({jobs})"));
    }
    let allowed = config.model_allowlist.iter().flatten();
    let both: Vec<_> = allowed.filter(|agent| config.model_blocklist.iter().flatten().any(|no| no == *agent)).collect();
    if !both.is_empty() {
        let names: Vec<&str> = both.into_iter().map(String::as_str).collect();
        wrong.push(format!("allowed and blocked at once: {}", names.join(", ")));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_itself_is_named() {
        let config: NodeConfig = serde_json::from_str(
            r#"{"node_id":"shn_1","gateway_base_url":"https://gw","relay_mode":"direct","heartbeat_interval_seconds":90,
               "heartbeat_timeout_seconds":90,"max_concurrent_jobs":1,"max_concurrent_llm_jobs":2,
               "model_allowlist":["a","b"],"model_blocklist":["b"],"mcoda_bin":"x","proxi":"y"}"#,
        )
        .unwrap();
        let wrong = contradictions(&config);
        for word in ["direct_base_url", "90 s", "max_concurrent_llm_jobs", "blocked at once: b"] {
            assert!(wrong.iter().any(|text| text.contains(word)), "{word}: {wrong:?}");
        }
        assert_eq!(unknown(&config), ["proxi"]);
        assert!(wrong_address(&NodeConfig { gateway_base_url: Some("gw".to_owned()), ..config }).is_some());
    }
}
