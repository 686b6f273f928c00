//! What queued jobs have in common that wait in one line, as the column `lane` holds it.

use crate::gateway::store::NewJob;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a node must offer (its protocol, its labels), and whose the jobs are: `[2,{"gpu":"true"},"key_…"]`. Without a caller,
/// and in databases of the version that had none in it, `[2,{"gpu":"true"}]`. A job whose caller waits at the relayed door
/// has `[2,{},"key_…",true]`: the caller was allowed to when it asked, a moment ago.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Lane {
    Relayed(u32, BTreeMap<String, String>, String, bool),
    Callers(u32, BTreeMap<String, String>, String),
    Nobodys(u32, BTreeMap<String, String>),
}

impl Lane {
    pub fn of(job: &NewJob) -> Self {
        let labels = job.labels.clone();
        match &job.caller {
            Some(caller) if !job.durable => Self::Relayed(job.min_protocol, labels, caller.clone(), true),
            Some(caller) => Self::Callers(job.min_protocol, labels, caller.clone()),
            None => Self::Nobodys(job.min_protocol, labels),
        }
    }

    pub fn min_protocol(&self) -> u32 {
        match self {
            Self::Relayed(protocol, ..) | Self::Callers(protocol, ..) | Self::Nobodys(protocol, _) => *protocol,
        }
    }

    pub fn labels(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Relayed(_, labels, ..) | Self::Callers(_, labels, _) | Self::Nobodys(_, labels) => labels,
        }
    }

    pub fn caller(&self) -> Option<&str> {
        match self {
            Self::Relayed(_, _, caller, _) | Self::Callers(_, _, caller) => Some(caller),
            Self::Nobodys(..) => None,
        }
    }

    /// Whose right to use the node has to be looked at when a job of it is handed out.
    pub fn checked_caller(&self) -> Option<&str> {
        match self {
            Self::Callers(_, _, caller) => Some(caller),
            Self::Relayed(..) | Self::Nobodys(..) => None,
        }
    }
}
