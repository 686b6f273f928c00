//! The reserved lane of protocol 1: slots that only urgent jobs get, and agents that get no second job meanwhile.
//!
//! With `reserved_llm_jobs` set, that many of the slots are kept free of ordinary jobs. While the others are taken, polls ask
//! for urgent jobs alone. Gateways of protocol 2 decide this themselves.

use super::shared::Shared;
use crate::state::NodeConfig;
use crate::wire::node::Job;
use std::collections::HashMap;
use std::time::Duration;

/// How long a poll for urgent jobs alone is held: a slot for others may be free soon.
pub(super) const URGENT_HOLD: Duration = Duration::from_millis(250);

/// The priority that counts as urgent unless the owner says otherwise.
const URGENT: i64 = -1;

/// No alias is longer, and no list of them.
const LONGEST_ALIAS: usize = 255;
const MOST_ALIASES: usize = 64;

/// The lane, and which jobs came by it.
#[derive(Debug)]
pub(super) struct Lane {
    reserved: u32,
    cutoff: i64,
    claimed: HashMap<String, Claimed>,
}

#[derive(Debug)]
struct Claimed {
    urgent: bool,
    aliases: Vec<String>,
}

/// What the next poll may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    /// At most so many jobs.
    pub(super) free: u32,
    /// Only jobs of this priority or a lower number.
    pub(super) urgent: Option<i64>,
    /// Agents that must not get another job now; none without a lane.
    pub(super) excluded: Option<Vec<String>>,
}

impl Lane {
    pub(super) fn new(config: &NodeConfig) -> Self {
        Self {
            reserved: config.reserved_llm_jobs.unwrap_or(0),
            cutoff: config.reserved_priority_max.unwrap_or(URGENT),
            claimed: HashMap::new(),
        }
    }

    /// What a poll of protocol 1 may ask for now.
    pub(super) fn ask(&mut self, shared: &Shared) -> Ask {
        let free = shared.free_slots();
        if self.reserved == 0 {
            return Ask { free, urgent: None, excluded: None };
        }
        self.claimed.retain(|job_id, _| shared.running.get(job_id).is_some());
        let urgent = u32::try_from(self.claimed.values().filter(|claimed| claimed.urgent).count()).unwrap_or(u32::MAX);
        let ordinary = shared.slots.active().saturating_add(shared.slots.queued()).saturating_sub(urgent);
        let kept = self.reserved.min(shared.slots.total().saturating_sub(1));
        let left = (shared.slots.total() - kept).saturating_sub(ordinary).min(free);
        let is_urgent = left == 0 && free > 0;
        Ask {
            free: if is_urgent { free } else { left },
            urgent: is_urgent.then_some(self.cutoff),
            excluded: Some(self.aliases()),
        }
    }

    /// Jobs came in answer to a poll.
    pub(super) fn took(&mut self, jobs: &[Job], urgent: bool) {
        if self.reserved > 0 {
            let claimed = jobs.iter().map(|job| (job.job_id.clone(), Claimed { urgent, aliases: aliases(job) }));
            self.claimed.extend(claimed);
        }
    }

    /// The agents that run, each once.
    fn aliases(&self) -> Vec<String> {
        let mut all: Vec<String> = self.claimed.values().flat_map(|claimed| claimed.aliases.clone()).collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(MOST_ALIASES);
        all
    }
}

/// Under which names a job's agent is known.
fn aliases(job: &Job) -> Vec<String> {
    let named = ["agent_slug", "source_agent_slug", "remote_slug"].into_iter();
    let texts = named.filter_map(|key| job.rest.get(key)?.as_str());
    texts.map(canonical).filter(|alias| !alias.is_empty()).collect()
}

/// Lower case, runs of anything but letters and digits as one dash, none at the ends.
fn canonical(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").chars().take(LONGEST_ALIAS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_those_that_gateways_compare() {
        let job: Job = serde_json::from_value(serde_json::json!({
            "job_id": "j", "agent_slug": "mcoda-fake-box-qwen-local", "source_agent_slug": "Qwen__Local",
            "remote_slug": "mcoda/fake-box/qwen-local", "openai_request": {},
        }))
        .unwrap();
        let mut lane = Lane::new(&NodeConfig { reserved_llm_jobs: Some(1), ..NodeConfig::default() });
        lane.took(&[job], false);
        assert_eq!(lane.aliases(), ["mcoda-fake-box-qwen-local", "qwen-local"]);
        assert_eq!(canonical("--"), "");
    }
}
