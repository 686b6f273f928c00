//! One try to deliver a result: its body, then the result, then what the answer means for the journal.

use super::deliver::Delivery;
use super::journal::{Journal, Phase};
use super::results;
use super::shared::Shared;
use super::spool::Spooled;
use crate::base::{Retry, unix_ms};
use crate::client::{CallError, CallErrorKind};
use crate::wire::node::Disposition;
use bytes::Bytes;

/// How one try went.
pub(super) enum Verdict {
    Delivered(Option<Disposition>),
    /// The journal has nothing (more) to send, or a newer attempt wants it too.
    Again,
    Nothing,
    Expired,
    Refused(CallError),
    Failed(CallError),
}

/// One try.
pub(super) async fn deliver(shared: &Shared, journal: &Journal, delivery: &Delivery) -> Verdict {
    let job_id = &delivery.job_id;
    let (bytes, body, epoch, deadline_ms) = match &delivery.memory {
        Some((bytes, body)) => (bytes.clone(), body.clone(), results::epoch(bytes), delivery.deadline_ms),
        None => match journal.attempt(job_id).await {
            Ok(Some(attempt)) if attempt.phase == Phase::Finished => {
                // The job may have been handed out again between its end and now.
                let stale = results::epoch(&attempt.result) != attempt.epoch;
                let lease = attempt.job.lease.as_ref();
                let bytes = if stale { results::with_lease(&attempt.result, lease) } else { attempt.result };
                (Bytes::from(bytes), attempt.body, attempt.epoch, attempt.deadline_ms)
            }
            Ok(_) => return Verdict::Nothing,
            Err(error) => {
                tracing::error!(job = %job_id, %error, "result not readable");
                return Verdict::Failed(local(error.to_string()));
            }
        },
    };
    let verdict = if unix_ms() >= deadline_ms {
        Verdict::Expired
    } else {
        match send(shared, job_id, epoch, bytes.clone(), body.as_ref()).await {
            Ok(disposition) => Verdict::Delivered(disposition),
            Err(error) => match judge(shared, error) {
                Verdict::Refused(error) => own_up(shared, job_id, &bytes, error).await,
                verdict => verdict,
            },
        }
    };
    settle(shared, journal, delivery, epoch, body, verdict).await
}

async fn send(
    shared: &Shared,
    job_id: &str,
    epoch: u64,
    bytes: Bytes,
    body: Option<&Spooled>,
) -> Result<Option<Disposition>, CallError> {
    if let Some(spooled) = body {
        let file = shared.outbox.join(&spooled.file);
        match shared.client.upload_result_body(job_id, epoch, &spooled.body, &file).await {
            // The job ended otherwise, or has this result already. The gateway still wants to hear of it.
            Err(error) if error.conflict() == Some("lease_stale") => {}
            uploaded => uploaded?,
        }
    }
    let reply = shared.client.result(job_id, bytes).await?;
    shared.saw_success("result");
    if reply.receipt.is_none() && epoch > 0 && shared.link.standing().protocol >= 2 {
        // Something in between answered in the gateway's place.
        let problem = "there is no receipt in it".to_owned();
        let kind = CallErrorKind::Undecodable { status: 200, problem };
        return Err(CallError { call: "result", kind, retry: Retry::Backoff });
    }
    Ok(reply.receipt.map(|receipt| receipt.disposition))
}

fn judge(shared: &Shared, error: CallError) -> Verdict {
    shared.saw_error(&error);
    match &error.kind {
        // The gateway keeps what comes from a stale attempt as superseded before it says so.
        CallErrorKind::Status { status: 409, code, .. } if code.as_deref() == Some("lease_stale") => {
            Verdict::Delivered(Some(Disposition::Superseded))
        }
        CallErrorKind::Unauthorized { .. }
        | CallErrorKind::Gone { .. }
        | CallErrorKind::Status { status: 404 | 409, .. } => Verdict::Failed(error),
        _ if error.retry == Retry::Never => Verdict::Refused(error),
        _ => Verdict::Failed(error),
    }
}

/// Tells the caller that there is a result which the gateway does not take: else the job would end as if the node were gone.
async fn own_up(shared: &Shared, job_id: &str, bytes: &[u8], error: CallError) -> Verdict {
    let Some(result) = results::not_taken(bytes, &error) else { return Verdict::Refused(error) };
    match shared.client.result(job_id, Bytes::from(results::bytes(&result))).await {
        Err(failed) if failed.retry != Retry::Never => {
            shared.saw_error(&failed);
            Verdict::Failed(failed)
        }
        _ => Verdict::Refused(error),
    }
}

/// Brings the journal and the files in line with how the try went.
async fn settle(
    shared: &Shared,
    journal: &Journal,
    delivery: &Delivery,
    epoch: u64,
    body: Option<Spooled>,
    verdict: Verdict,
) -> Verdict {
    let job_id = &delivery.job_id;
    let kept = match &verdict {
        Verdict::Delivered(_) => journal.delivered(job_id, epoch).await.map(|deleted| !deleted),
        Verdict::Expired => journal.forget(job_id, epoch).await.map(|()| false),
        Verdict::Refused(_) => return journal.undeliverable(job_id).await.map_or(Verdict::Nothing, |()| verdict),
        _ => return verdict,
    };
    match kept {
        // A newer attempt took the result over meanwhile.
        Ok(true) if delivery.memory.is_none() => return Verdict::Again,
        Ok(_) => {}
        // It comes again after a restart, and the gateway answers `duplicate`.
        Err(error) => tracing::warn!(job = %job_id, %error, "delivered, but still in the journal"),
    }
    if let Some(body) = body {
        let _ = tokio::fs::remove_file(shared.outbox.join(&body.file)).await;
    }
    verdict
}

fn local(problem: String) -> CallError {
    CallError { call: "result", kind: CallErrorKind::Local { problem }, retry: Retry::Backoff }
}
