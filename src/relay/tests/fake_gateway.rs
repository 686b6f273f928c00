//! A gateway that does as it is told, and a layer of faults in front of it.

use crate::wire::node::{Job, Lease};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// What goes wrong with one call.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// This status, with this body.
    Status(u16, Value),
    /// 200 with something that is no JSON.
    Garbage,
    /// 204.
    Empty,
    /// The connection breaks in the answer.
    Cut,
    /// As `Cut`, after a while.
    CutAfter(Duration),
    /// This success instead of the usual one.
    Answer(Value),
}

/// A call as it came.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) bytes: Bytes,
    pub(super) token: String,
}

#[derive(Default)]
struct Script {
    protocol_1: bool,
    calls: Vec<Call>,
    jobs: VecDeque<Value>,
    faults: HashMap<&'static str, VecDeque<Fault>>,
    always: HashMap<&'static str, Fault>,
    down: bool,
    hold: bool,
    left: bool,
    cancel: Vec<Value>,
    leases: HashMap<String, &'static str>,
    bodies: HashMap<String, Bytes>,
    blobs: HashMap<String, Bytes>,
    events: HashMap<String, Vec<Value>>,
}

pub(super) struct FakeGateway {
    script: Mutex<Script>,
    changed: Notify,
    pub(super) url: String,
}

impl FakeGateway {
    pub(super) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Script { hold: true, ..Script::default() };
        let gateway = Arc::new(Self { script: Mutex::new(script), changed: Notify::new(), url });
        let router = axum::Router::new().fallback(answer).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub(super) fn protocol_1(&self) {
        self.script().protocol_1 = true;
    }

    /// Answers polls at once, with nothing.
    pub(super) fn do_not_hold(&self) {
        self.script().hold = false;
    }

    /// Cuts every connection, or stops doing so.
    pub(super) fn down(&self, down: bool) {
        self.script().down = down;
        self.changed.notify_waiters();
    }

    /// Faults for the next calls of that name.
    pub(super) fn fail(&self, call: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.script().faults.entry(call).or_default().extend(faults);
    }

    /// A fault for every call of that name; none ends it.
    pub(super) fn always(&self, call: &'static str, fault: Option<Fault>) {
        match fault {
            Some(fault) => self.script().always.insert(call, fault),
            None => self.script().always.remove(call),
        };
        self.changed.notify_waiters();
    }

    pub(super) fn push(&self, job: &Job) {
        self.push_value(serde_json::to_value(job).unwrap());
    }

    pub(super) fn push_value(&self, job: Value) {
        self.script().jobs.push_back(job);
        self.changed.notify_waiters();
    }

    /// Jobs that no poll took yet.
    pub(super) fn waiting(&self) -> usize {
        self.script().jobs.len()
    }

    pub(super) fn cancel(&self, job_id: &str, epoch: u64) {
        self.script().cancel.push(json!({"job_id": job_id, "epoch": epoch}));
        self.changed.notify_waiters();
    }

    /// What `renew` says of a job; `held` unless told.
    pub(super) fn lease(&self, job_id: &str, state: &'static str) {
        self.script().leases.insert(job_id.to_owned(), state);
    }

    pub(super) fn blob(&self, job_id: &str, bytes: &[u8]) {
        self.script().blobs.insert(job_id.to_owned(), Bytes::copy_from_slice(bytes));
    }

    pub(super) fn uploaded(&self, job_id: &str) -> Option<Bytes> {
        self.script().bodies.get(job_id).cloned()
    }

    pub(super) fn calls(&self, name: &str) -> Vec<Call> {
        self.script().calls.iter().filter(|call| call.name == name).cloned().collect()
    }

    pub(super) fn count(&self, name: &str) -> usize {
        self.script().calls.iter().filter(|call| call.name == name).count()
    }

    /// The bodies of results that were answered with a success, for one job.
    pub(super) fn results(&self, job_id: &str) -> Vec<Value> {
        self.calls("result").into_iter().filter(|call| call.body["job_id"] == job_id).map(|call| call.body).collect()
    }

    /// The events of a job, in order of arrival, without repetitions.
    pub(super) fn events(&self, job_id: &str) -> Vec<Value> {
        self.script().events.get(job_id).cloned().unwrap_or_default()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    fn fault(&self, name: &'static str) -> Option<Fault> {
        let mut script = self.script();
        if script.down {
            return Some(Fault::Cut);
        }
        let next = script.faults.get_mut(name).and_then(VecDeque::pop_front);
        next.or_else(|| script.always.get(name).cloned())
    }

    async fn poll(&self, request: &Value) -> Result<Value, Fault> {
        let wait = Duration::from_millis(request["wait_ms"].as_u64().unwrap());
        let free = request["capacity"]["free_slots"].as_u64().unwrap();
        let end = tokio::time::Instant::now() + wait;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.script().down {
                return Err(Fault::Cut);
            }
            if let Some(fault) = self.script().always.get("poll").cloned() {
                return Err(fault);
            }
            {
                let mut script = self.script();
                if script.protocol_1 {
                    if free > 0
                        && let Some(job) = script.jobs.pop_front()
                    {
                        return Ok(json!({"job": job}));
                    }
                } else {
                    let count = script.jobs.len().min(free as usize);
                    let jobs: Vec<_> = script.jobs.drain(..count).collect();
                    let cancel = std::mem::take(&mut script.cancel);
                    if !jobs.is_empty() || !cancel.is_empty() {
                        return Ok(json!({"job": null, "jobs": jobs, "cancel": cancel}));
                    }
                }
                if !script.hold || script.left {
                    return Ok(json!({"job": null}));
                }
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(end) => return Ok(json!({"job": null})),
            }
        }
    }

    fn reply(&self, call: &Call) -> Value {
        let mut script = self.script();
        let job_id = call.path.split('/').rev().nth(1).unwrap_or_default().to_owned();
        if script.protocol_1 {
            return json!({"accepted": true});
        }
        match call.name {
            "heartbeat" => {
                script.left &= call.body["starting"] != true;
                json!({"accepted": true, "runtime_protocol_version": 2})
            }
            "start" => json!({"accepted": true, "status": "started", "ttl_ms": 30_000}),
            "events" => {
                let events = script.events.entry(job_id).or_default();
                for event in call.body["events"].as_array().unwrap() {
                    if !events.iter().any(|known| known["seq"] == event["seq"]) {
                        events.push(event.clone());
                    }
                }
                json!({"accepted": true, "next_seq": events.len()})
            }
            "renew" => {
                let leases = call.body["leases"].as_array().unwrap().iter().map(|lease| {
                    let state = script.leases.get(lease["job_id"].as_str().unwrap()).copied().unwrap_or("held");
                    let ttl = if state == "held" { 30_000 } else { 0 };
                    json!({"job_id": lease["job_id"], "epoch": lease["epoch"], "state": state, "ttl_ms": ttl})
                });
                json!({"leases": leases.collect::<Vec<_>>()})
            }
            "release" => {
                script.left |= call.body["leaving"] == true;
                self.changed.notify_waiters();
                json!({"accepted": true})
            }
            "result" => {
                let epoch = call.body["lease"]["epoch"].as_u64().unwrap_or(0);
                let receipt = json!({"job_id": call.body["job_id"], "epoch": epoch, "disposition": "recorded"});
                json!({"accepted": true, "receipt": receipt})
            }
            "result-body" => {
                let next = call.bytes.len();
                script.bodies.insert(job_id, call.bytes.clone());
                json!({"accepted": true, "next_offset": next})
            }
            _ => json!({"accepted": true}),
        }
    }
}

async fn answer(
    State(gateway): State<Arc<FakeGateway>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let name = name(&method, uri.path());
    let text = |key: &str| headers.get(key).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let call = Call {
        name,
        path: uri.path().to_owned(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        bytes,
        token: text("authorization") + &text("x-api-key"),
    };
    gateway.script().calls.push(call.clone());
    let fault = match gateway.fault(name) {
        None if name == "poll" => match gateway.poll(&call.body).await {
            Ok(reply) => return success(&reply),
            Err(fault) => fault,
        },
        None if name == "body" => {
            let id = call.path.split('/').rev().nth(1).unwrap_or_default();
            return Response::new(Body::from(gateway.script().blobs[id].clone()));
        }
        None => return success(&gateway.reply(&call)),
        Some(fault) => fault,
    };
    match fault {
        Fault::Status(status, body) => {
            let mut response = Response::new(Body::from(body.to_string()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            response
        }
        Fault::Garbage => Response::new(Body::from("<html>It works!</html>")),
        Fault::Empty => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        Fault::Cut => cut(),
        Fault::CutAfter(delay) => {
            tokio::time::sleep(delay).await;
            cut()
        }
        Fault::Answer(body) => success(&body),
    }
}

fn success(body: &Value) -> Response<Body> {
    Response::new(Body::from(body.to_string()))
}

/// Breaks the connection instead of giving the body that was promised.
fn cut() -> Response<Body> {
    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
    Response::new(Body::from_stream(broken))
}

fn name(method: &Method, path: &str) -> &'static str {
    match path.rsplit('/').next().unwrap_or_default() {
        "heartbeat" => "heartbeat",
        "poll" => "poll",
        "renew" => "renew",
        "release" => "release",
        "start" => "start",
        "events" => "events",
        "result" => "result",
        "result-body" => "result-body",
        "bootstrap" => "bootstrap",
        "body" if *method == Method::GET => "body",
        other => panic!("no such call: {other}"),
    }
}

/// A job of protocol 2.
pub(super) fn job(id: &str, epoch: u64, operation: &str) -> Job {
    Job {
        job_id: id.to_owned(),
        request_id: format!("req-{id}"),
        node_id: "shn_1".to_owned(),
        operation: Some(operation.to_owned()),
        params: Some(serde_json::Map::new()),
        body: None,
        lease: Some(Lease { id: format!("lea-{id}-{epoch}"), epoch, ttl_ms: 30_000 }),
        timeout_ms: Some(60_000),
        expires_ms: Some(600_000),
        durable: None,
        stream_answer: false,
        rest: serde_json::Map::new(),
    }
}
