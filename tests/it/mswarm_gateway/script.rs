//! A gateway of protocol 1 that does as it is told, at the bodies and paths of the specification.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What comes in place of a good answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// This status, and JSON.
    Status(u16),
    /// 204.
    NoContent,
    /// 200 without a body.
    EmptyBody,
    /// The connection breaks before the body.
    Cut,
    /// This success.
    Json(Value),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    pub path: String,
    pub text: String,
    pub body: Value,
    /// The bearer, or the key.
    pub credential: String,
    pub at: Instant,
}

#[derive(Default)]
struct Told {
    calls: Vec<Call>,
    next: HashMap<&'static str, VecDeque<Answer>>,
    always: HashMap<&'static str, Answer>,
    jobs: VecDeque<Value>,
    results: Vec<Value>,
    holds: bool,
    /// So many polls take a job and never say so.
    lose: usize,
}

/// The gateway. Ends with the test's runtime.
pub struct Script {
    told: Mutex<Told>,
    changed: Notify,
    pub url: String,
    pub beat_seconds: u64,
}

impl Script {
    /// Listens. Nodes are told to send a heartbeat every `beat_seconds`.
    pub async fn start(beat_seconds: u64) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Told { holds: true, ..Told::default() };
        let script = Arc::new(Self { told: Mutex::new(told), changed: Notify::new(), url, beat_seconds });
        let router = axum::Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        script
    }

    /// Answers polls at once.
    pub fn do_not_hold(&self) {
        self.told().holds = false;
        self.changed.notify_waiters();
    }

    /// For the next calls of that name.
    pub fn next(&self, name: &'static str, answers: impl IntoIterator<Item = Answer>) {
        self.told().next.entry(name).or_default().extend(answers);
        self.changed.notify_waiters();
    }

    /// For every call of that name, until told otherwise. Held polls get it at once.
    pub fn always(&self, name: &'static str, answer: Option<Answer>) {
        match answer {
            Some(answer) => self.told().always.insert(name, answer),
            None => self.told().always.remove(name),
        };
        self.changed.notify_waiters();
    }

    /// The next poll takes the job, and its answer is lost.
    pub fn lose_a_poll(&self) {
        self.told().lose += 1;
    }

    /// A job that this node can run without an agent.
    pub fn job(&self, id: &str) {
        let job = json!({
            "job_id": id, "request_id": format!("req-{id}"), "node_id": "shn_fake01", "agent_slug": "none",
            "operation": "workspaces.list", "params": {}, "scheduling": {"priority": 0}, "a_new_field": [1],
        });
        self.told().jobs.push_back(job);
        self.changed.notify_waiters();
    }

    pub fn calls(&self, name: &str) -> Vec<Call> {
        self.told().calls.iter().filter(|call| call.name == name).cloned().collect()
    }

    pub fn count(&self, name: &str) -> usize {
        self.told().calls.iter().filter(|call| call.name == name).count()
    }

    /// All calls since `begin`, by second.
    pub fn rate_since(&self, begin: Instant) -> f64 {
        let calls = self.told().calls.iter().filter(|call| call.at >= begin).count();
        calls as f64 / begin.elapsed().as_secs_f64()
    }

    /// Results that were taken, for one job.
    pub fn results(&self, job: &str) -> Vec<Value> {
        self.told().results.iter().filter(|result| result["job_id"] == job).cloned().collect()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    fn told_for(&self, name: &str) -> Option<Answer> {
        let mut told = self.told();
        let next = told.next.get_mut(name).and_then(VecDeque::pop_front);
        next.or_else(|| told.always.get(name).cloned())
    }

    async fn poll(&self, request: &Value) -> Answer {
        let wait = Duration::from_millis(request["wait_ms"].as_u64().unwrap_or(0));
        let end = tokio::time::Instant::now() + wait;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(answer) = self.told_for("poll") {
                return answer;
            }
            {
                let mut told = self.told();
                if told.lose > 0
                    && let Some(job) = told.jobs.front().cloned()
                {
                    told.lose -= 1;
                    drop(job); // handed out, and handed out again after the grace
                    return Answer::Cut;
                }
                if let Some(job) = told.jobs.pop_front() {
                    return Answer::Json(json!({ "job": job, "attached_mswarm_api_key": null }));
                }
                if !told.holds {
                    return Answer::Json(json!({ "job": null }));
                }
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(end) => return Answer::Json(json!({ "job": null })),
            }
        }
    }

    fn usual(&self, call: &Call) -> Value {
        match call.name.as_str() {
            "bootstrap" => json!({
                "created": true, "enrolled": true,
                "node": { "node_id": "shn_fake01", "server_name": "fake-box", "relay_mode": "outbound" },
                "runtime_token": "msn_of_the_script", "heartbeat_interval_seconds": self.beat_seconds,
                "heartbeat_timeout_seconds": 90, "config_version": 7,
                "relay": {
                    "mode": "outbound", "gateway_base_url": self.url, "jobs_poll_path": "/moved/poll",
                    "jobs_start_path_template": "moved/{job_id}/start",
                    "jobs_result_path_template": format!("{}/moved/:jobId/result", self.url),
                },
            }),
            "start" => json!({ "accepted": true, "status": "started" }),
            "result" => {
                self.told().results.push(call.body.clone());
                json!({ "accepted": true })
            }
            "uninstall" => json!({ "accepted": true, "node": { "node_id": "shn_fake01", "status": "unreachable" } }),
            _ => json!({ "accepted": true, "something": "new" }),
        }
    }
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let call = Call {
        name: parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned(),
        path: parts.uri.path().to_owned(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        credential: header("authorization").trim_start_matches("Bearer ").to_owned() + &header("x-api-key"),
        at: Instant::now(),
    };
    // Our own question about a key, which such a gateway does not know.
    if parts.method == axum::http::Method::GET && call.name != "healthz" {
        return StatusCode::NOT_FOUND.into_response();
    }
    script.told().calls.push(call.clone());
    let answer = match call.name.as_str() {
        "poll" => script.poll(&call.body).await,
        name => script.told_for(name).unwrap_or_else(|| Answer::Json(script.usual(&call))),
    };
    match answer {
        Answer::Json(body) => body.to_string().into_response(),
        Answer::Status(status) => {
            let body = json!({ "error": "mswarm_error", "code": "upstream_error", "message": "as told" });
            (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
        }
        Answer::NoContent => StatusCode::NO_CONTENT.into_response(),
        Answer::EmptyBody => StatusCode::OK.into_response(),
        Answer::Cut => {
            let broken = futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("cut"))]);
            Response::new(Body::from_stream(broken))
        }
    }
}
