//! Keeps the node joined to its gateway: heartbeat, poll, lease, outbox.
//!
//! Knows the gateway only through `wire`, and what runs a job only through [`Executor`]. One loop per file, each with a
//! `step()` that does one turn; what must survive is in the journal, never in a loop.

mod admit;
mod answer;
mod capabilities;
mod catalog;
mod claims;
mod deliver;
mod drain;
mod enroll;
mod error;
mod events;
mod execute;
mod executor;
mod fetch;
mod health;
mod heartbeat;
mod hold;
mod intervals;
mod journal;
mod lease;
mod link;
mod network;
mod node;
mod once;
mod poll;
mod pressure;
mod progress;
mod recover;
mod register;
mod report;
mod reserved;
mod results;
mod running;
mod send;
mod setup;
mod shared;
mod slots;
mod spool;
mod start;
#[cfg(test)]
mod tests;

pub use catalog::Catalog;
pub use drain::Drain;
pub use enroll::{Enrolled, Enrolment, enroll};
pub use error::{RelayError, SetupError};
pub use executor::Executor;
pub use intervals::Intervals;
pub use network::{keep as keep_network, network};
pub use node::{Relay, RelayOptions};
pub use once::{OnceJob, OnceSummary};
pub use progress::{Progress, Stall};
pub use register::{ByHandle, Pace, Registration};
pub use setup::{
    Joining, RelayMode, SetupChoices, SetupOutcome, SetupRequest, connect, merge_mode, node_name, setup, would_change,
};
