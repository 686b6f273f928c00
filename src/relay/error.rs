//! Why the relay, or joining, ended.

use crate::base::DatabaseError;
use crate::client::{CallError, GatewayUrlError, HttpError};
use crate::state::StateError;

/// Why the relay ended other than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The node never joined a gateway, or its token is gone.
    #[error("this node has not joined a gateway: run `waypost node setup`")]
    NotJoined,
    /// Another process runs as the same node.
    #[error(
        "a newer instance of this node took over at the gateway: stop the other one, or give this one its own WAYPOST_HOME"
    )]
    InstanceSuperseded,
    /// The gateway went on saying that the token is not good.
    #[error(
        "{0} does not accept this node's token any more: join again with `waypost node setup KEY`, then start the node"
    )]
    Unauthorized(String),
    /// The gateway removed the node.
    #[error("{0} removed this node: join again with `waypost node setup KEY`, then start the node")]
    Removed(String),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] DatabaseError),
    /// The journal cannot be read.
    #[error("the journal cannot be read: {0}")]
    JournalRead(String),
    /// The node's own files.
    #[error(transparent)]
    State(#[from] StateError),
    /// The configured address is not one.
    #[error(transparent)]
    Gateway(#[from] GatewayUrlError),
    /// HTTP cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A call that `once` needs failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Why the node could not join.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No gateway was given, now or earlier.
    #[error("no gateway: give one with --gateway URL")]
    NoGateway,
    /// No key was given.
    #[error("no key: give the owner's key (msw_…), pipe it in with --api-key-stdin, or name the owner with --handle")]
    NoKey,
    /// Nobody said who the node is.
    #[error("no node id: give the one that the operator made with --node-id ID or MSWARM_SELF_HOSTED_NODE_ID")]
    NoNodeId,
    /// There is nothing to trade.
    #[error("no enrolment token: set MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN")]
    NoEnrolmentToken,
    /// What was chosen does not go together.
    #[error("{0}")]
    Choice(String),
    /// The address is not a gateway's.
    #[error(transparent)]
    Gateway(#[from] GatewayUrlError),
    /// HTTP cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The gateway did not take the node.
    #[error("{gateway}: {call}")]
    Call {
        /// The gateway.
        gateway: String,
        /// What came of the call.
        call: CallError,
    },
    /// The gateway's answer lacks what the node needs.
    #[error("the gateway's answer has no {0}")]
    Incomplete(&'static str),
    /// The gateway's answer has something in it that cannot be.
    #[error("the gateway's answer is not what it should be: {0}")]
    Answer(String),
    /// The owner of the handle does not want the node.
    #[error("the owner of {0} rejected this node")]
    Rejected(String),
    /// The owner of the handle did not decide.
    #[error("the owner of {handle} did not approve this node within {}", humantime::format_duration(*.after))]
    NotApproved {
        /// Whose node it wanted to be.
        handle: String,
        /// How long it waited.
        after: std::time::Duration,
    },
    /// The node's own files.
    #[error(transparent)]
    State(#[from] StateError),
}
