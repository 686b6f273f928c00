//! The rules of the port as tests. Every adapter passes all of them: `conformance!(fixture)` in its test module.
//!
//! The clock is a number, nothing sleeps. `T0` is when a test begins; a test that needs time to pass says how much.

mod audit;
mod cancel;
mod claim;
mod doors;
mod events;
mod finish;
mod joining;
mod keys;
mod lease;
mod nodes;
mod queue;
mod reap;
mod turns;
mod wakeups;

pub use audit::*;
pub use cancel::*;
pub use claim::*;
pub use doors::*;
pub use events::*;
pub use finish::*;
pub use joining::*;
pub use keys::*;
pub use lease::*;
pub use nodes::*;
pub use queue::*;
pub use reap::*;
pub use turns::*;
pub use wakeups::*;

use super::{
    Claim, Enqueued, Finish, FinishedJob, JobRecord, NewJob, NewNode, NodeRecord, StartOutcome, Store, Wakeup,
};
use crate::wire::gateway::JobState;
use async_trait::async_trait;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An adapter's database, of which a test opens one store or, one after the other, several.
#[async_trait]
pub trait Fixture {
    /// A store on this database.
    async fn open(&self) -> Arc<dyn Store>;
}

/// When a test begins.
pub const T0: i64 = 1_800_000_000_000;
/// The first term of a lease.
pub const GRACE: i64 = 10_000;
/// A renewed term.
pub const TTL: i64 = 30_000;

/// One test per rule.
macro_rules! conformance {
    ($fixture:expr; $($rule:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            crate::gateway::store::conformance::$rule(&$fixture).await;
        }
    )*};
    ($fixture:expr) => {
        conformance! { $fixture;
            a_claim_takes_the_lowest_priority_and_then_the_oldest
            a_claim_obeys_its_limit_and_its_highest_priority
            a_claim_skips_jobs_of_other_nodes
            a_claim_needs_every_label_of_the_job
            a_claim_skips_jobs_above_the_nodes_protocol
            a_claim_by_a_removed_or_unknown_node_is_empty
            a_claim_gives_back_what_was_submitted
            claimers_at_the_same_time_never_share_a_job
            an_idempotency_key_gives_the_same_job_or_says_that_the_request_differs
            the_same_submission_at_the_same_time_makes_one_job
            jobs_are_listed_newest_first_by_state_node_and_cursor
            everything_is_there_after_a_reopen
            the_blobs_of_bodies_and_answers_are_referred_to
            start_makes_a_leased_job_run_and_may_be_repeated
            a_stale_attempt_can_neither_start_nor_renew
            a_start_without_an_epoch_is_of_the_newest_lease_of_that_node
            a_protocol_1_lease_lasts_as_long_as_the_job_may_run
            renew_keeps_a_lease_and_does_not_start_it
            leases_are_extended_after_an_absence
            active_jobs_are_those_leased_or_running
            a_result_ends_the_job_with_or_without_a_start
            a_result_is_recorded_once
            a_result_without_an_epoch_is_of_the_newest_attempt_of_that_node
            a_result_after_the_end_is_kept_once_as_late
            a_result_of_an_older_attempt_is_kept_as_late
            a_result_of_a_requeued_attempt_ends_the_job_unless_it_gave_up
            a_result_from_a_node_that_never_had_the_job_is_unknown
            events_are_kept_once_and_up_to_the_first_gap
            events_of_a_stale_attempt_are_not_kept
            events_keep_a_lease
            events_are_read_in_pages_across_attempts
            a_queued_job_is_cancelled_at_once
            a_running_job_is_marked_and_its_node_told
            a_cancelled_job_that_its_node_ended_anyway_has_that_end
            a_cancel_that_no_node_answers_ends_with_the_lease
            nothing_is_cancelled_twice
            jobs_whose_callers_are_gone_are_cancelled
            a_lease_that_is_given_back_is_queued_at_once_and_does_not_count
            a_lease_that_was_not_started_goes_back_to_the_queue
            a_lease_of_a_repeatable_job_goes_back_to_the_queue
            what_a_restarted_node_did_for_callers_that_wait_is_over
            a_lease_of_a_started_job_is_lost
            a_job_is_lost_after_its_last_attempt
            a_job_over_its_time_with_a_silent_node_is_timed_out
            a_queued_job_times_out
            finished_jobs_are_forgotten_after_their_retention
            reaping_many_moves_all
            a_key_is_good_within_its_scopes_time_and_uses
            a_key_is_spent_by_exactly_one
            keys_are_listed_newest_first_and_revoked_once
            a_node_joins_under_a_free_name
            a_name_is_never_the_id_of_another_node
            a_machine_that_joins_again_stays_the_same_node
            a_removed_node_comes_back_when_it_joins
            the_name_of_a_removed_node_is_free
            a_heartbeat_of_an_older_instance_is_superseded
            a_heartbeat_changes_what_is_kept
            a_rotated_token_replaces_the_old_one_when_it_is_used
            removing_a_node_moves_its_jobs
            drain_is_a_flag
            a_registration_is_decided_once_and_proved_by_its_secret
            registrations_are_bounded_and_a_machine_has_one
            a_known_machine_registers_under_its_own_id
            an_approval_does_not_bring_back_a_node_that_was_removed_after_it
            an_enrolment_works_once_in_time_and_for_its_node
            the_last_report_of_a_node_is_kept
            a_claim_leaves_out_jobs_of_excluded_agents
            a_door_is_kept_moved_and_replaced
            a_long_queue_does_not_delay_another_caller_by_more_than_a_job
            a_job_that_waits_passes_newer_ones_of_better_priority
            a_job_goes_only_where_its_caller_may_use_the_node
            every_act_is_written_down_with_who_did_it
            the_audit_log_is_read_in_pages_and_survives_a_reopen
            a_key_without_its_last_grant_may_use_no_node
            an_operators_name_and_labels_win
            a_removal_is_taken_back
            wakeups_tell_what_changed
            wakeups_are_taken_once
        }
    };
}
pub(crate) use conformance;

/// A durable job that any node may take, with room in every limit.
pub fn job() -> NewJob {
    NewJob {
        operation: "workspaces.execute".into(),
        params: json!({"id": "w1", "n": 7}).as_object().cloned().unwrap(),
        min_protocol: 2,
        timeout_ms: 600_000,
        queue_timeout_ms: 3_600_000,
        max_attempts: 3,
        durable: true,
        ..NewJob::default()
    }
}

/// Labels from pairs.
pub fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A machine of that name.
pub fn machine(name: &str) -> NewNode {
    NewNode {
        id: None,
        fingerprint: format!("sha256:{name}"),
        name: name.into(),
        labels: BTreeMap::new(),
        token_hash: format!("token of {name}"),
        version: "0.1.0".into(),
        protocol: 2,
        slots: 4,
    }
}

/// Joins a protocol 2 node of that name.
pub async fn join(store: &dyn Store, name: &str) -> NodeRecord {
    store.join_node(machine(name), T0).await.unwrap().0
}

/// Queues a job.
pub async fn enqueue(store: &dyn Store, job: NewJob) -> String {
    match store.enqueue(job, T0).await.unwrap() {
        Enqueued::New(record) => record.id,
        other => panic!("not new: {other:?}"),
    }
}

/// A claim of up to ten jobs for a node of protocol 2 without labels.
pub fn claim_for(node: &NodeRecord) -> Claim {
    Claim {
        node_id: node.id.clone(),
        labels: node.labels.clone(),
        protocol: 2,
        limit: 10,
        max_priority: None,
        excluded_agents: Vec::new(),
        grace_ms: GRACE as u64,
    }
}

/// The ids of what a node can claim at that time.
pub async fn claim_at(store: &dyn Store, node: &NodeRecord, now_ms: i64) -> Vec<String> {
    store.claim(claim_for(node), now_ms).await.unwrap().into_iter().map(|job| job.id).collect()
}

/// Queues a job and leases it to the node at `T0`.
pub async fn leased(store: &dyn Store, node: &NodeRecord, job: NewJob) -> String {
    let id = enqueue(store, job).await;
    assert_eq!(claim_at(store, node, T0).await, std::slice::from_ref(&id));
    id
}

/// Starts an attempt at `T0`.
pub async fn start(store: &dyn Store, node: &NodeRecord, id: &str, epoch: u64) -> StartOutcome {
    store.start(id, &node.id, Some(epoch), TTL as u64, T0).await.unwrap()
}

/// Queues a job, leases it to the node and starts it, all at `T0`.
pub async fn running(store: &dyn Store, node: &NodeRecord, job: NewJob) -> String {
    let id = leased(store, node, job).await;
    assert_eq!(start(store, node, &id, 1).await, StartOutcome::Started { cancel_requested: false });
    id
}

/// A success of that attempt.
pub fn success(job_id: &str, epoch: Option<u64>) -> Finish {
    Finish {
        job_id: job_id.into(),
        epoch,
        state: JobState::Succeeded,
        reason: Some("exited".into()),
        answer: Some(json!({"exit_code": 0, "of": epoch})),
        answer_body: None,
        failure: None,
    }
}

/// Sends a result at `T0`.
pub async fn finish(store: &dyn Store, node: &NodeRecord, finish: Finish) -> FinishedJob {
    store.finish(&node.id, finish, T0).await.unwrap()
}

/// The job as it is.
pub async fn look(store: &dyn Store, id: &str) -> JobRecord {
    store.job(id).await.unwrap().expect("the job is there")
}

/// The job's state and why.
pub async fn state_of(store: &dyn Store, id: &str) -> (JobState, Option<String>) {
    let job = look(store, id).await;
    (job.state, job.reason)
}

/// A state with a reason, as [`state_of`] gives it.
pub fn because(state: JobState, reason: &str) -> (JobState, Option<String>) {
    (state, Some(reason.to_owned()))
}

/// What came out of `reap` at that time, as (job, state, reason).
pub async fn reap(store: &dyn Store, now_ms: i64) -> Vec<(String, JobState, String)> {
    store.reap(now_ms).await.unwrap().into_iter().map(|reaped| (reaped.job_id, reaped.state, reaped.reason)).collect()
}

/// The wake-ups that are there now.
pub fn drain(wakeups: &mut tokio::sync::mpsc::UnboundedReceiver<Wakeup>) -> Vec<Wakeup> {
    std::iter::from_fn(|| wakeups.try_recv().ok()).collect()
}
