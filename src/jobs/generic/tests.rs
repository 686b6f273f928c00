//! The queue, with runs of its own.

use super::*;
use super::{check, clock};
use crate::base::unix_ms;
use crate::wire::node::generic::{
    ArtifactUpload, GENERIC_SCHEMA_VERSION, GenericEnvelope, GenericEventType, GenericSnapshot, GenericState,
    GenericStatus,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A queue in a directory that goes with it.
fn queue(change: impl FnOnce(&mut GenericOptions)) -> (GenericJobs, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut options = GenericOptions::new("shn_1".to_owned(), dir.path().join("artifacts"));
    change(&mut options);
    (GenericJobs::new(options), dir)
}

fn echo(rest: &Value) -> Value {
    let mut job = json!({
        "schema_version": GENERIC_SCHEMA_VERSION, "job_type": "tenant.test-echo", "policy": { "trust_mode": "owner-local" },
    });
    for (key, value) in rest.as_object().unwrap() {
        job[key] = value.clone();
    }
    job
}

fn submission(id: &str, job: Value) -> Submission {
    let envelope =
        GenericEnvelope { job_id: id.to_owned(), request_id: format!("req-{id}"), node_id: "shn_1".to_owned(), job };
    Submission { envelope, token_sha256: "00".to_owned(), deadline_ms: Some(unix_ms() + 600_000), runners: None }
}

fn submit(queue: &GenericJobs, id: &str, job: &Value) -> GenericSnapshot {
    queue.submit(submission(id, echo(job)), || true).unwrap().snapshot
}

async fn until(queue: &GenericJobs, id: &str, states: &[GenericState]) -> GenericSnapshot {
    let begun = Instant::now();
    loop {
        let snapshot = queue.snapshot(id).await.unwrap();
        if states.contains(&snapshot.job.state) {
            return snapshot;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{id} is still {:?}", snapshot.job.state);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const ENDS: &[GenericState] = &[
    GenericState::Succeeded,
    GenericState::Failed,
    GenericState::Cancelled,
    GenericState::Expired,
    GenericState::Blocked,
];

#[tokio::test]
async fn a_job_goes_through_its_life_and_its_token_is_not_kept() {
    let (queue, _dir) = queue(|_| {});
    let first = submit(&queue, "a", &json!({ "args": { "message": "hello" } }));
    assert_eq!(first.job.state, GenericState::Running);
    let ended = until(&queue, "a", ENDS).await;
    assert_eq!(ended.job.state, GenericState::Succeeded);
    let kinds: Vec<_> = ended.events.iter().map(|event| event.kind).collect();
    use GenericEventType::{Completed, Progress, Queued, Scheduled, Started, Stdout};
    assert_eq!(kinds, [Queued, Scheduled, Started, Stdout, Progress, Completed]);
    assert!(ended.events.iter().zip(1..).all(|(event, number)| event.sequence == number));
    assert_eq!(ended.logs.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), ["hello"]);
    let result = ended.job.result.unwrap();
    assert_eq!((result.status, result.exit_code), (GenericStatus::Succeeded, Some(0)));
    let actions: Vec<_> = ended.audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "job_created",
            "envelope_issued",
            "job_queued",
            "job_scheduled",
            "reservation_created",
            "job_started",
            "reservation_released",
            "job_completed"
        ]
    );
    assert!(ended.job.reservation.unwrap().released_at.is_some());
}

#[tokio::test]
async fn asking_twice_is_asking_once_and_a_key_is_not_for_two_jobs() {
    let (queue, _dir) = queue(|_| {});
    let job = echo(&json!({ "idempotency_key": "k", "args": { "message": "1" } }));
    queue.submit(submission("a", job.clone()), || true).unwrap();
    until(&queue, "a", ENDS).await;
    let again = queue.submit(submission("a", job), || panic!("no permission is used up")).unwrap();
    assert!(again.reused);
    let other = echo(&json!({ "idempotency_key": "k", "args": { "message": "2" } }));
    let refused = queue.submit(submission("b", other), || true).unwrap_err();
    assert_eq!(refused, GenericRefusal::IdempotencyConflict);
    let same_id = echo(&json!({ "idempotency_key": "l" }));
    assert_eq!(queue.submit(submission("a", same_id), || true).unwrap_err(), GenericRefusal::JobIdConflict);
    let used = submission("c", echo(&json!({})));
    assert_eq!(queue.submit(used, || false).unwrap_err(), GenericRefusal::NotPermitted);
    assert_eq!(queue.events("c").unwrap_err(), GenericRefusal::NotFound);
}

#[tokio::test]
async fn a_tenant_with_many_jobs_delays_another_s_first_by_one_slot_and_urgent_ones_go_first() {
    let (queue, _dir) = queue(|_| {});
    let slow = |tenant: &str, priority: i64| {
        json!({
            "args": { "delay_ms": 20 }, "metadata": { "tenant_id": tenant }, "scheduling": { "priority": priority },
        })
    };
    for number in 0..30 {
        submit(&queue, &format!("many-{number:02}"), &slow("many", 0));
    }
    submit(&queue, "late", &slow("few", 5));
    submit(&queue, "few", &slow("few", 0));
    submit(&queue, "urgent", &slow("many", -3));
    assert_eq!(queue.snapshot("few").await.unwrap().job.backpressure.unwrap().reason, "no_free_slot");
    for id in ["late", "many-29"] {
        until(&queue, id, ENDS).await;
    }
    let mut order: Vec<(String, String)> = Vec::new();
    for id in (0..30).map(|n| format!("many-{n:02}")).chain(["few", "late", "urgent"].map(str::to_owned)) {
        order.push((until(&queue, &id, ENDS).await.job.started_at.unwrap(), id));
    }
    order.sort();
    let place = |id: &str| order.iter().position(|(_, other)| other == id).unwrap();
    assert_eq!((place("many-00"), place("urgent"), place("few"), place("late")), (0, 1, 2, 32), "{order:?}");
    assert!((3..32).all(|number| order[number].1 == format!("many-{:02}", number - 2)), "{order:?}");
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let (queue, _dir) = queue(|options| {
        (options.max_ended, options.max_audit, options.max_queued, options.max_queued_per_tenant) = (3, 20, 4, 3);
    });
    for number in 0..6 {
        let id = format!("a{number}");
        submit(&queue, &id, &json!({}));
        until(&queue, &id, ENDS).await;
    }
    assert_eq!(queue.events("a2").unwrap_err(), GenericRefusal::NotFound);
    assert!(queue.events("a3").is_ok());
    let ops = queue.ops(json!({}), 250, 0);
    assert_eq!(ops["audit"]["events"].as_array().unwrap().len(), 20);
    assert!(ops["audit"]["total"].as_u64().unwrap() > 40);
    assert_eq!(ops["queue"]["totals_by_state"], json!({ "succeeded": 3 }));
    assert_eq!(ops["usage"]["gpu_seconds"], 0.0, "a job without a GPU uses none");
    assert_eq!(queue.ops(json!({}), 2, 1)["audit"]["events"][0], ops["audit"]["events"][1]);

    for number in 0..3 {
        submit(&queue, &format!("b{number}"), &json!({ "args": { "delay_ms": 60_000 } }));
    }
    let full = queue.submit(submission("b3", echo(&json!({}))), || panic!("refused before")).unwrap_err();
    assert_eq!(full, GenericRefusal::QueueFull);
    submit(&queue, "c", &json!({ "metadata": { "tenant_id": "other" } }));
}

#[tokio::test]
async fn a_run_that_is_too_long_is_tried_again_as_often_as_it_says_and_not_at_once() {
    let (queue, _dir) = queue(|options| options.timeout = Duration::from_millis(30));
    submit(&queue, "a", &json!({ "args": { "delay_ms": 5_000 }, "metadata": { "retry": { "max_retries": 1 } } }));
    let waiting = until(&queue, "a", &[GenericState::Retrying]).await;
    let due = clock::parse(&waiting.job.retry.next_retry_at.unwrap()).unwrap();
    assert!(due - clock::parse(&waiting.job.updated_at).unwrap() >= 700, "there is a pause");
    let ended = until(&queue, "a", ENDS).await;
    let error = ended.job.result.unwrap().error.unwrap();
    assert_eq!((ended.job.state, error.code.as_str(), error.retryable), (GenericState::Failed, "timeout", true));
    assert_eq!(ended.job.retry.retry_count, 1);

    let quick = queue.retry("a", None, || true).unwrap();
    assert_eq!(quick.job.retry.retry_count, 2);
    until(&queue, "a", ENDS).await;
    submit(&queue, "b", &json!({}));
    until(&queue, "b", ENDS).await;
    assert!(matches!(queue.retry("b", None, || true), Err(GenericRefusal::NotRetryable(_))));
}

#[tokio::test]
async fn a_job_is_cancelled_where_it_is() {
    let (queue, _dir) = queue(|_| {});
    submit(&queue, "runs", &json!({ "args": { "delay_ms": 60_000 } }));
    submit(&queue, "waits", &json!({}));
    assert!(matches!(queue.retry("waits", None, || true), Err(GenericRefusal::NotRetryable(_))));
    assert_eq!(queue.cancel("waits").unwrap().job.state, GenericState::Cancelled);
    assert_eq!(queue.cancel_running("runs", "other", "tenant.test-echo"), Err(GenericRefusal::OtherRequest));
    assert_eq!(queue.cancel("runs").unwrap().job.state, GenericState::Running);
    assert_eq!(until(&queue, "runs", ENDS).await.job.state, GenericState::Cancelled);
    assert_eq!(queue.cancel("none").unwrap_err(), GenericRefusal::NotFound);
    assert_eq!(queue.cancel_running("runs", "req-runs", "tenant.test-echo"), Err(GenericRefusal::NotRunning));

    let now = queue.run_now(submission("now", echo(&json!({ "args": { "delay_ms": 60_000 } }))), || true).unwrap();
    let twice = queue.run_now(submission("now", echo(&json!({}))), || true).unwrap_err();
    let third = queue.run_now(submission("third", echo(&json!({}))), || true).unwrap_err();
    assert_eq!((twice, third), (GenericRefusal::AlreadyRunning, GenericRefusal::Busy));
    assert_eq!(queue.cancel_running("now", "req-now", "tenant.test-echo").unwrap(), "req-now");
    assert_eq!(now.done.await.unwrap().status, GenericStatus::Cancelled);

    let gone = queue.run_now(submission("gone", echo(&json!({ "args": { "delay_ms": 60_000 } }))), || true).unwrap();
    let RunNow { done, guard, .. } = gone;
    drop(guard);
    assert_eq!(done.await.unwrap().status, GenericStatus::Cancelled);
}

#[tokio::test]
async fn a_job_that_no_runner_can_take_is_blocked_and_one_that_is_late_expires() {
    let (queue, _dir) = queue(|_| {});
    let mut blender = echo(&json!({}));
    blender["job_type"] = "render.blender".into();
    let blocked = queue.submit(submission("a", blender.clone()), || true).unwrap().snapshot.job;
    assert_eq!(
        (blocked.state, blocked.backpressure.unwrap().reason.as_str()),
        (GenericState::Blocked, "no_capable_node")
    );
    assert_eq!(queue.retry("a", None, || true).unwrap().job.state, GenericState::Blocked, "it can be asked for again");
    let now = queue.run_now(submission("b", blender), || true).unwrap().done.await.unwrap();
    assert_eq!(now.result.error.unwrap().code, "runner_unavailable");
    let gpu = echo(&json!({ "resources": { "gpu": { "count": 1 } } }));
    let now = queue.run_now(submission("b", gpu), || true).unwrap();
    let RunNow { done, guard: _guard, .. } = now;
    assert_eq!(done.await.unwrap().result.error.unwrap().code, "no_capable_node");

    submit(&queue, "runs", &json!({ "args": { "delay_ms": 60_000 } }));
    let soon = clock::iso(unix_ms() + 50);
    submit(&queue, "late", &json!({ "scheduling": { "deadline_at": soon } }));
    assert_eq!(until(&queue, "late", ENDS).await.job.state, GenericState::Expired);
    let mut own = submission("own", echo(&json!({})));
    own.runners = Some(vec!["blender.render".to_owned()]);
    assert_eq!(queue.submit(own, || true).unwrap_err(), GenericRefusal::RunnerNotAllowed("test.echo".to_owned()));
}

#[tokio::test]
async fn what_is_printed_beyond_the_limit_is_cut_and_said_to_be() {
    let (queue, _dir) = queue(|_| {});
    submit(
        &queue,
        "a",
        &json!({ "args": { "message": "0123456789é", "stderr": "oh" },
        "limits": { "max_stdout_bytes": 11 } }),
    );
    let ended = until(&queue, "a", ENDS).await;
    assert_eq!(ended.job.state, GenericState::Succeeded);
    let lines: Vec<_> = ended.logs.iter().map(|line| (line.stream.as_str(), line.message.as_str())).collect();
    assert_eq!(lines, [("stdout", "0123456789"), ("node", "more came on stdout than is kept"), ("stderr", "oh")]);
    assert!(ended.events.iter().any(|event| event.kind == GenericEventType::LogTruncated));
}

#[tokio::test]
async fn an_upload_is_an_input_by_the_uri_that_it_was_given_also_of_the_same_job() {
    let (queue, dir) = queue(|_| {});
    let upload = |path: &str| ArtifactUpload {
        path: path.to_owned(),
        content_base64: "aGVsbG8=".to_owned(),
        ..ArtifactUpload::default()
    };
    let kept = queue.upload("a/ä", upload("in/x y.txt")).await.unwrap();
    assert_eq!(kept.uri, "artifact://local/a%2F%C3%A4/in/x%20y.txt");
    let job = |uri: &str| {
        json!({
            "inputs": [{ "name": "x", "artifact": { "uri": uri, "sha256": kept.sha256 } }],
            "outputs": [{ "name": "out", "path": "o/y.txt" }],
        })
    };
    submit(&queue, "a/ä", &job(&kept.uri));
    let ended = until(&queue, "a/ä", ENDS).await;
    assert_eq!(ended.job.state, GenericState::Succeeded, "{:?}", ended.job.result);
    assert_eq!(ended.artifacts.len(), 2, "the upload is still there: {:?}", ended.artifacts);
    let output = ended.job.artifacts[0].clone();
    assert_eq!((output.sha256.as_str(), output.size_bytes), (kept.sha256.as_str(), 5));
    // An output is another job's input; and what callers of the reference have to do works too.
    submit(&queue, "b", &job(&output.uri));
    assert_eq!(until(&queue, "b", ENDS).await.job.state, GenericState::Succeeded);
    queue.upload("c", upload("outputs/z")).await.unwrap();
    submit(&queue, "d", &job("artifact://local/c/z"));
    assert_eq!(until(&queue, "d", ENDS).await.job.state, GenericState::Succeeded);

    submit(&queue, "e", &job("artifact://local/none/z"));
    let error = until(&queue, "e", ENDS).await.job.result.unwrap().error.unwrap();
    assert!(error.message.contains("there is no such artifact"), "{error:?}");
    assert!(!error.message.contains(dir.path().to_str().unwrap()), "no paths of the host: {error:?}");
    assert!(matches!(queue.upload("a/ä", upload("in/x y.txt")).await, Err(GenericRefusal::Artifact(error))
        if error.problem == ArtifactProblem::Exists));
}

#[tokio::test]
async fn ending_the_queue_ends_what_runs() {
    let (queue, _dir) = queue(|_| {});
    submit(&queue, "a", &json!({ "args": { "delay_ms": 60_000 } }));
    queue.shutdown(Duration::from_millis(10)).await;
    assert_eq!(queue.snapshot("a").await.unwrap().job.state, GenericState::Cancelled);
    assert_eq!(queue.submit(submission("b", echo(&json!({}))), || true).unwrap_err(), GenericRefusal::Draining);
}

#[test]
fn every_kind_of_mistake_has_its_code_and_place() {
    let good = echo(&json!({
        "idempotency_key": "k", "runner_hint": "test.echo", "args": { "message": "x" },
        "resources": { "gpu": { "count": 0 }, "cpu": { "cores": 2 }, "memory_gb": 1.5, "disk_gb": 1 },
        "limits": { "timeout_sec": 5, "max_stdout_bytes": 1, "max_stderr_bytes": 1, "max_output_bytes": 1 },
        "scheduling": { "priority": -100, "deadline_at": "2030-01-01T00:00:00.000Z", "fairness_key": "f",
            "reason_code": "r", "preemptible": false },
        "inputs": [{ "name": "a", "artifact": { "uri": "artifact://local/x/y" }, "mount_path": "b/c" }],
        "outputs": [{ "name": "a", "path": "b/c", "content_type": "text/plain", "required": false }],
        "policy": { "trust_mode": "tenant-owned", "network": "none", "allow_raw_command": false,
            "allowed_images": ["a"], "allowed_package_publishers": [], "max_artifact_bytes": 5 },
        "metadata": { "tenant_id": "t", "retry": { "max_retries": 3 }, "anything": [1] },
    }));
    assert!(check::check(&good).is_ok(), "{:?}", check::check(&good));
    let with = |pointer: &str, value: Value| {
        let mut job = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        job.pointer_mut(parent).unwrap()[key] = value;
        job
    };
    for (pointer, value, code) in [
        ("/schema_version", json!("2020-01-01"), "invalid_schema_version"),
        ("/job_type", json!("make.coffee"), "invalid_job_type"),
        ("/job_type", json!("tenant.Big"), "invalid_job_type"),
        ("/job_type", json!("tenant.other"), "unregistered_job_type"),
        ("/messages", json!([]), "llm_field_not_allowed"),
        ("/extra", json!(1), "unknown_field"),
        ("/policy", json!(null), "invalid_policy"),
        ("/policy/trust_mode", json!("anybody"), "invalid_policy"),
        ("/policy/network", json!("all"), "invalid_policy"),
        ("/policy/allow_raw_command", json!(true), "unsafe_field"),
        ("/policy/allowed_images", json!("a"), "invalid_policy"),
        ("/policy/other", json!(1), "unknown_field"),
        ("/limits/timeout_sec", json!(0), "invalid_limits"),
        ("/limits/max_output_bytes", json!(1.5), "invalid_limits"),
        ("/scheduling/priority", json!(101), "invalid_scheduling"),
        ("/scheduling/deadline_at", json!("soon"), "invalid_scheduling"),
        ("/resources/gpu/count", json!(-1), "invalid_resources"),
        ("/resources/cpu", json!(4), "invalid_resources"),
        ("/inputs/0/artifact/uri", json!("file:///etc/passwd"), "unsafe_artifact_uri"),
        ("/inputs/0/artifact/uri", json!("artifact://local/x/../y"), "unsafe_artifact_uri"),
        ("/inputs/0/mount_path", json!("/etc"), "unsafe_path"),
        ("/inputs/0/name", json!(""), "invalid_artifact"),
        ("/outputs/0/path", json!("../x"), "unsafe_path"),
        ("/outputs/0/path", json!("a\\b"), "unsafe_path"),
        ("/outputs/0/name", json!(null), "invalid_output"),
        ("/outputs", json!({}), "invalid_output"),
        ("/args", json!("x"), "invalid_args"),
        ("/args/command", json!("rm"), "unsafe_field"),
        ("/args/nested", json!({ "deep": [{ "hostNetwork": true }] }), "unsafe_field"),
        ("/metadata/host_path", json!("/"), "unsafe_field"),
        ("/metadata/retry", json!({ "max_retries": 4 }), "invalid_request"),
        ("/idempotency_key", json!(5), "invalid_request"),
    ] {
        let issues = check::check(&with(pointer, value.clone())).unwrap_err();
        assert!(issues.iter().any(|issue| issue.code == code), "{pointer} {value}: {issues:?}");
    }
    let mut cuda = with("/job_type", json!("cuda.run"));
    cuda["args"] = json!({ "manifest_path": "m", "frames": 1 });
    let places: Vec<_> = check::check(&cuda).unwrap_err().into_iter().map(|issue| (issue.code, issue.path)).collect();
    let expected = ["args.frames", "args.profile", "args.target"];
    assert_eq!(places, expected.map(|path| ("invalid_args".to_owned(), path.to_owned())));
    assert_eq!(check::check(&json!([])).unwrap_err()[0].code, "invalid_request");
}
