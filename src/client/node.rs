//! The calls of a node to its gateway.

use super::http::root_cause;
use super::{CallError, CallErrorKind, GatewayUrl};
use crate::base::{Retry, Secret};
use crate::wire::node::{
    BodyRef, BootstrapRequest, BootstrapResponse, EventsRequest, EventsResponse, HeartbeatRequest, HeartbeatResponse,
    KeyAnswer, OwnNode, PollRequest, PollResponse, RelayPaths, ReleaseRequest, ReleaseResponse, RenewRequest,
    RenewResponse, ResultResponse, StartRequest, StartResponse, UninstallRequest,
};
use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use reqwest::{RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a call may take when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The slowest link that large bodies are given time for, bytes per second.
pub(super) const SLOWEST: u64 = 64 * 1024;
/// The longest answer that is taken into memory.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;
/// How much of an unexpected body is shown.
const EXCERPT: usize = 200;

/// Calls to one gateway. Clones share the connection pool and the token in use.
#[derive(Clone)]
pub struct NodeClient {
    pub(super) http: reqwest::Client,
    pub(super) gateway: GatewayUrl,
    paths: Arc<RelayPaths>,
    token: Arc<RwLock<Secret>>,
}

impl std::fmt::Debug for NodeClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeClient").field("gateway", &self.gateway).finish_non_exhaustive()
    }
}

impl NodeClient {
    /// Calls to `gateway` with `token`. A gateway that named another base in `paths` is already `gateway` here.
    pub fn new(http: reqwest::Client, gateway: GatewayUrl, paths: RelayPaths, token: Secret) -> Self {
        Self { http, gateway, paths: Arc::new(paths), token: Arc::new(RwLock::new(token)) }
    }

    /// The gateway.
    pub fn gateway(&self) -> &GatewayUrl {
        &self.gateway
    }

    /// The token in use.
    pub fn token(&self) -> Secret {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Uses another token from now on, in every clone.
    pub fn set_token(&self, token: Secret) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Joins with the owner's key, which is used for this call only.
    ///
    /// # Errors
    /// When the gateway does not take the node.
    pub async fn bootstrap(&self, owner_key: &Secret, body: &BootstrapRequest) -> Result<BootstrapResponse, CallError> {
        let call = Call { name: "bootstrap", secret: owner_key };
        let request = self.http.post(self.gateway.node_call("/bootstrap"));
        call.answer(call.send(call.with_key(request)?.json(body)).await?).await
    }

    /// Whether the owner's key could join a node. Spends no use of it. None when the gateway is of another make and does not
    /// know the question.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub async fn check_key(&self, owner_key: &Secret) -> Result<Option<KeyAnswer>, CallError> {
        let call = Call { name: "key check", secret: owner_key };
        let request = self.http.get(self.gateway.node_call("/bootstrap"));
        let answer = match call.send(call.with_key(request)?).await {
            Ok(response) => call.answer(response).await,
            Err(failed) => Err(failed),
        };
        // Whatever else answers does not know the question, with whatever status it says so.
        if answer.as_ref().is_err_and(|failed| matches!(failed.status(), Some(200..=299 | 400..=499))) {
            return Ok(None);
        }
        answer.map(Some)
    }

    /// How the gateway sees this node. Not a sign of life: nothing about the node changes. None when the gateway does not
    /// know the question.
    ///
    /// # Errors
    /// [`CallError`]: 401 when the token is not good, 410 when the node was removed.
    pub async fn own(&self) -> Result<Option<OwnNode>, CallError> {
        let token = self.token();
        let call = Call { name: "self", secret: &token };
        let request = self.http.get(self.gateway.node_call("/self")).timeout(TIMEOUT).bearer_auth(token.expose());
        let answer = match call.send(request).await {
            Ok(response) => call.answer(response).await,
            Err(failed) => Err(failed),
        };
        if answer.as_ref().is_err_and(|failed| matches!(failed.status(), Some(404 | 405))) {
            return Ok(None);
        }
        answer.map(Some)
    }

    /// The node is there, and how it is.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn heartbeat(&self, body: &HeartbeatRequest) -> Result<HeartbeatResponse, CallError> {
        self.post("heartbeat", self.gateway.node_call("/heartbeat"), TIMEOUT, body).await
    }

    /// Asks for work. Waits for as long as the request lets the gateway hold it, and a little more.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn poll(&self, body: &PollRequest) -> Result<PollResponse, CallError> {
        let timeout = TIMEOUT.max(Duration::from_millis(body.wait_ms) + Duration::from_secs(5));
        self.post("poll", self.gateway.poll(&self.paths), timeout, body).await
    }

    /// A job begins.
    ///
    /// # Errors
    /// [`CallError`]; 409 means that it must not.
    pub async fn start(&self, job_id: &str, body: &StartRequest) -> Result<StartResponse, CallError> {
        self.post("start", self.gateway.start(&self.paths, job_id), TIMEOUT, body).await
    }

    /// Output of a job that runs.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn events(&self, job_id: &str, body: &EventsRequest) -> Result<EventsResponse, CallError> {
        self.post("events", self.gateway.events(&self.paths, job_id), TIMEOUT, body).await
    }

    /// The node still works on these.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn renew(&self, body: &RenewRequest) -> Result<RenewResponse, CallError> {
        self.post("renew", self.gateway.node_call("/jobs/renew"), TIMEOUT, body).await
    }

    /// The node has not begun these and will not.
    ///
    /// # Errors
    /// [`CallError`]; a gateway that does not know the call finds out by itself when the leases end.
    pub async fn release(&self, body: &ReleaseRequest) -> Result<ReleaseResponse, CallError> {
        self.post("release", self.gateway.node_call("/jobs/release"), TIMEOUT, body).await
    }

    /// How a job ended: the bytes of a [`ResultRequest`](crate::wire::node::ResultRequest), the same at every try.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn result(&self, job_id: &str, body: Bytes) -> Result<ResultResponse, CallError> {
        let token = self.token();
        let call = Call { name: "result", secret: &token };
        let timeout = by_size(body.len() as u64);
        let request = self.http.post(self.gateway.result(&self.paths, job_id)).timeout(timeout);
        let request = request.header("content-type", "application/json").bearer_auth(token.expose()).body(body);
        call.answer(call.send(request).await?).await
    }

    /// A job's body: decoded when it came inline, else fetched. Checked against its length and SHA-256 either way.
    ///
    /// # Errors
    /// [`CallError`]; of kind `Undecodable` when the bytes are not the ones announced.
    pub async fn fetch_body(&self, job_id: &str, epoch: u64, body: &BodyRef) -> Result<Bytes, CallError> {
        let token = self.token();
        let call = Call { name: "body", secret: &token };
        let bytes = match &body.base64 {
            Some(text) => base64::engine::general_purpose::STANDARD
                .decode(text)
                .map(Bytes::from)
                .map_err(|wrong| call.undecodable(200, wrong))?,
            None => {
                let request = self.http.get(self.gateway.beside(job_id, "body", epoch)).timeout(by_size(body.size));
                let response = call.send(request.bearer_auth(token.expose())).await?;
                call.read(response, usize::try_from(body.size).unwrap_or(usize::MAX)).await?
            }
        };
        if bytes.len() as u64 != body.size || hex::encode(Sha256::digest(&bytes)) != body.sha256 {
            return Err(call.undecodable(200, "the body is not the one that was announced"));
        }
        Ok(bytes)
    }

    /// The node leaves.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn uninstall(&self, body: &UninstallRequest) -> Result<Value, CallError> {
        self.post("uninstall", self.gateway.node_call("/uninstall"), TIMEOUT, body).await
    }

    /// Whether the gateway answers at all. Sends no credential.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn healthz(&self) -> Result<Value, CallError> {
        let call = Call { name: "healthz", secret: &Secret::new("") };
        let request = self.http.get(format!("{}/healthz", self.gateway)).timeout(TIMEOUT);
        call.answer(call.send(request).await?).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        name: &'static str,
        url: String,
        timeout: Duration,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let token = self.token();
        let call = Call { name, secret: &token };
        let request = self.http.post(url).timeout(timeout).bearer_auth(token.expose()).json(body);
        call.answer(call.send(request).await?).await
    }
}

/// One call under way: its name for errors, and the credential that must not appear in them.
pub(super) struct Call<'a> {
    pub(super) name: &'static str,
    pub(super) secret: &'a Secret,
}

impl Call<'_> {
    /// The request with the owner's key, which is the credential of this call.
    fn with_key(&self, request: RequestBuilder) -> Result<RequestBuilder, CallError> {
        let mut key = reqwest::header::HeaderValue::from_str(self.secret.expose())
            .map_err(|_| self.local("the key has characters that no key has"))?;
        key.set_sensitive(true);
        Ok(request.header("x-api-key", key).timeout(TIMEOUT))
    }

    /// Sends, and turns every answer but a success into an error.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, CallError> {
        let response = request.send().await.map_err(|failed| self.transport(failed))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let wait = retry_after(&response);
        let body = self.read(response, LONGEST_ANSWER).await.unwrap_or_default();
        let (code, message) = self.explain(&body);
        let kind = match status {
            401 => {
                let by_gateway = serde_json::from_slice::<serde_json::Map<String, Value>>(&body).is_ok();
                CallErrorKind::Unauthorized { message, by_gateway }
            }
            410 => CallErrorKind::Gone { message, code },
            _ => CallErrorKind::Status { status, code, message },
        };
        Err(self.error(kind, Retry::for_status(status, wait)))
    }

    /// The JSON of a success.
    pub(super) async fn answer<T: DeserializeOwned>(&self, response: Response) -> Result<T, CallError> {
        let status = response.status().as_u16();
        let body = self.read(response, LONGEST_ANSWER).await?;
        serde_json::from_slice(&body).map_err(|wrong| {
            let excerpt = self.excerpt(&String::from_utf8_lossy(&body));
            self.undecodable(status, format!("{wrong}; it begins {excerpt:?}"))
        })
    }

    async fn read(&self, mut response: Response, longest: usize) -> Result<Bytes, CallError> {
        let status = response.status().as_u16();
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|failed| self.transport(failed))? {
            if body.len() + chunk.len() > longest {
                return Err(self.undecodable(status, format!("it is longer than {longest} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Code and sentence of an error body, whichever of the known shapes it has.
    fn explain(&self, body: &[u8]) -> (Option<String>, String) {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(|text| self.excerpt(text));
        let message = text("detail").or_else(|| text("message"));
        (text("code"), message.unwrap_or_else(|| self.excerpt(&String::from_utf8_lossy(body))))
    }

    /// The beginning of a text from outside, without the credential and without control characters.
    fn excerpt(&self, text: &str) -> String {
        let secret = self.secret.expose();
        let clean = if secret.is_empty() { text.to_owned() } else { text.replace(secret, "[redacted]") };
        clean.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT).collect::<String>().trim().to_owned()
    }

    pub(super) fn transport(&self, failed: reqwest::Error) -> CallError {
        if failed.is_timeout() && !failed.is_connect() {
            return self.error(CallErrorKind::Timeout, Retry::Backoff);
        }
        let connect = failed.is_connect();
        let root = root_cause(&failed);
        let problem = if connect { format!("cannot connect: {root}") } else { root };
        self.error(CallErrorKind::Transport { connect, problem: self.excerpt(&problem) }, Retry::Backoff)
    }

    pub(super) fn undecodable(&self, status: u16, problem: impl ToString) -> CallError {
        self.error(CallErrorKind::Undecodable { status, problem: problem.to_string() }, Retry::Backoff)
    }

    pub(super) fn local(&self, problem: impl ToString) -> CallError {
        self.error(CallErrorKind::Local { problem: problem.to_string() }, Retry::Never)
    }

    pub(super) fn error(&self, kind: CallErrorKind, retry: Retry) -> CallError {
        CallError { call: self.name, kind, retry }
    }
}

fn by_size(bytes: u64) -> Duration {
    TIMEOUT + Duration::from_secs(bytes / SLOWEST)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
