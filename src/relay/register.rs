//! Joining by the owner's handle: the node asks, shows a code, and waits until the owner has approved it.

use super::error::SetupError;
use crate::base::{Backoff, Retry, Secret, jittered};
use crate::client::{CallError, NodeClient};
use crate::wire::node::{BootstrapResponse, ClaimRequest, RegisterRequest};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So many answers in a row that say that the registration is not there are believed.
const REFUSALS: u32 = 5;

/// Joining by a handle.
#[derive(Clone)]
pub struct ByHandle {
    /// Whose node it wants to be.
    pub handle: String,
    /// Hears what is worth telling while it waits.
    pub told: Arc<dyn Fn(&Registration) + Send + Sync>,
    /// How it waits.
    pub pace: Pace,
}

/// How a registration waits.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between questions whether it is approved; shortened at random.
    pub between: Duration,
    /// How long the owner may take.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { between: Duration::from_secs(5), patience: Duration::from_secs(30 * 60) }
    }
}

/// What is worth telling while a registration waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "registration", rename_all = "snake_case")]
pub enum Registration {
    /// The gateway has it; the owner has to approve it now.
    Pending {
        /// Who the node will be.
        node_id: String,
        /// Whose node.
        handle: String,
        /// What the owner recognises it by, when the gateway gave one.
        approval_code: Option<String>,
        /// Where a gateway of mswarm's make has its owners approve.
        approve_at: String,
        /// What the gateway says about it.
        message: Option<String>,
    },
    /// The gateway does not answer the question; it is asked again.
    Retrying {
        /// What went wrong.
        problem: String,
    },
}

impl fmt::Debug for ByHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByHandle").field("handle", &self.handle).field("pace", &self.pace).finish_non_exhaustive()
    }
}

/// A secret for one registration: 32 random bytes in hex.
pub(super) fn registration_secret() -> Secret {
    Secret::new(hex::encode(rand::random::<[u8; 32]>()))
}

/// Registers, and waits for the owner. What an approval brings is what bootstrap would have brought.
///
/// # Errors
/// When the gateway does not take the registration, the owner rejects it, or does not approve it in time.
pub(super) async fn register(
    client: &NodeClient,
    by: &ByHandle,
    body: &RegisterRequest,
) -> Result<BootstrapResponse, SetupError> {
    let failed = |call| SetupError::Call { gateway: client.gateway().to_string(), call };
    let registered = client.register(body).await.map_err(failed)?;
    if registered.node_id.trim().is_empty() {
        return Err(SetupError::Incomplete("node id"));
    }
    (by.told)(&Registration::Pending {
        node_id: registered.node_id.clone(),
        handle: registered.handle.clone().unwrap_or_else(|| by.handle.clone()),
        approval_code: registered.approval_code.clone().filter(|code| !code.trim().is_empty()),
        approve_at: client.gateway().as_str().replacen("api.", "app.", 1),
        message: registered.message.clone(),
    });
    let claim =
        ClaimRequest { node_id: registered.node_id.clone(), registration_secret: body.registration_secret.clone() };
    let approved = approval(client, by, &claim).await?;
    let mut answer = bootstrapped(approved, &registered.node_id)?;
    answer.created |= registered.created;
    Ok(answer)
}

/// Asks until the owner has decided.
async fn approval(client: &NodeClient, by: &ByHandle, claim: &ClaimRequest) -> Result<Map<String, Value>, SetupError> {
    let begun = Instant::now();
    let mut failures = Backoff::new(by.pace.between);
    let mut refusals = 0;
    loop {
        let pause = match client.claim(claim).await {
            Ok(answer) => match answer.get("status").and_then(Value::as_str) {
                Some("approved") => return Ok(answer),
                Some("rejected") => return Err(SetupError::Rejected(by.handle.clone())),
                _ => {
                    failures.reset();
                    refusals = 0;
                    jittered(by.pace.between)
                }
            },
            Err(call) => {
                refusals = if call.retry == Retry::Never { refusals + 1 } else { 0 };
                if refusals >= REFUSALS {
                    return Err(SetupError::Call { gateway: client.gateway().to_string(), call });
                }
                if failures.failures() == 0 {
                    (by.told)(&Registration::Retrying { problem: call.to_string() });
                }
                asked(&call).unwrap_or_else(|| failures.next_delay())
            }
        };
        if begun.elapsed() + pause >= by.pace.patience {
            return Err(SetupError::NotApproved { handle: by.handle.clone(), after: by.pace.patience });
        }
        tokio::time::sleep(pause).await;
    }
}

/// The wait that an error asks for.
fn asked(call: &CallError) -> Option<Duration> {
    match call.retry {
        Retry::After(wait) => Some(wait.min(Backoff::CAP)),
        Retry::Never | Retry::Backoff => None,
    }
}

/// An approval as bootstrap would have answered.
fn bootstrapped(mut fields: Map<String, Value>, node_id: &str) -> Result<BootstrapResponse, SetupError> {
    fields.retain(|_, value| !value.is_null());
    fields.entry("node").or_insert_with(|| json!({ "node_id": node_id }));
    if !fields.contains_key("runtime_token") {
        return Err(SetupError::Incomplete("runtime token"));
    }
    serde_json::from_value(fields.into()).map_err(|wrong| SetupError::Answer(wrong.to_string()))
}
