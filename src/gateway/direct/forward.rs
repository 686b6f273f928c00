//! A relayed request, sent to the node's direct door instead.

use super::headers::{for_caller, for_node};
use super::offer::Offer;
use super::token::token;
use crate::base::mint;
use crate::gateway::intake::Intake;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::NodeRecord;
use crate::wire::v1::http::route;
use crate::wire::v1::{ErrorCode, Problem};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::Body as _;
use percent_encoding::percent_decode_str;
use reqwest::Url;

/// Bodies up to this many bytes are held: their token is bound to them, and they can take the other way when this one
/// fails.
const HELD: u64 = 1 << 20;
/// The longest refusal that is looked at, bytes.
const LOOKED_AT: u64 = 64 << 10;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is sent.
enum Sent {
    Held(Bytes),
    Streamed(Offer),
}

impl Sent {
    /// The body as it came, when the node has nothing of it or nothing has come of it.
    fn back(self) -> Option<Body> {
        match self {
            Self::Held(bytes) => Some(bytes.into()),
            Self::Streamed(offer) => offer.take(),
        }
    }
}

/// Forwards a request to the node's direct door. The error is the body, untouched: the relay is the way.
pub(crate) async fn through_door(
    gateway: &Gateway,
    node: &NodeRecord,
    parts: &Parts,
    body: Body,
) -> Result<Response, Body> {
    let open = if node.protocol >= 2 { gateway.open_door(&node.id).await } else { Ok(None) };
    let (door, client) = match open {
        Ok(Some(open)) => open,
        Ok(None) => return Err(body),
        Err(refusal) => return Ok(refusal.into_response()),
    };
    let Some(path) = path_of(parts) else { return Err(body) };
    let mut headers = for_node(&parts.headers);
    let length = body.size_hint().exact();
    let sent = match length {
        Some(length) if length <= HELD => match Intake::new(&parts.headers, body, HELD).all().await {
            Ok(bytes) => {
                headers.remove(header::CONTENT_LENGTH);
                Sent::Held(bytes)
            }
            Err(refusal) => return Ok(refusal.into_response()),
        },
        _ => Sent::Streamed(Offer::new(body)),
    };
    let (bound, payload) = match &sent {
        Sent::Held(bytes) => (Some(bytes.as_ref()), reqwest::Body::from(bytes.clone())),
        Sent::Streamed(offer) => (None, reqwest::Body::wrap_stream(offer.stream())),
    };
    let request_id = mint("req");
    if let Ok(id) = HeaderValue::try_from(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    let bearer = token(&door.secret, &node.id, parts.method.as_str(), &path, bound);
    let url = format!("{}{path}", door.url.as_deref().unwrap_or_default());
    let call = client.request(parts.method.clone(), url).headers(headers).bearer_auth(bearer).body(payload);
    match call.send().await {
        Ok(answer) if answer.headers().get(REQUEST_ID).is_some_and(|id| *id == request_id.as_str()) => {
            answered(gateway, node, answer, sent).await
        }
        Ok(answer) => {
            let status = answer.status();
            let why = format!("something else answers there, or in front of it and changes {REQUEST_ID} ({status})");
            if was_not_begun(status) || is_repeatable(parts) {
                let refusal = Refusal::new(ErrorCode::NodeUnreachable, "the node did not answer");
                return other_way(gateway, node, &why, sent, refusal);
            }
            // It may be the node's answer after all: asking again could do it twice.
            gateway.doors.failed(&node.id, &why, gateway.config.door_pause);
            Ok(lost(&why).into_response())
        }
        Err(failed) => broken(gateway, node, parts, &failed, sent),
    }
}

/// `/v1/…` with its query, of `/nodes/{node}/v1/…`, as it will stand in the request to the node: the token is for that very
/// text. None for a path of which a client makes another one (`/v1/workspaces/%2e%2e`): the relay takes it as it is.
fn path_of(parts: &Parts) -> Option<String> {
    let whole = parts.uri.path_and_query()?.as_str();
    let rest = whole.strip_prefix("/nodes/")?;
    let sent = Url::parse(&format!("http://node{}", &rest[rest.find('/')?..])).ok()?;
    let asked = rest[rest.find('/')?..].split('?').next().unwrap_or_default();
    if !percent_decode_str(asked).eq(percent_decode_str(sent.path())) {
        return None;
    }
    let query = sent.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}{query}", sent.path()))
}

/// The node's answer is the caller's, but for a refusal of the gateway's own token.
async fn answered(
    gateway: &Gateway,
    node: &NodeRecord,
    answer: reqwest::Response,
    sent: Sent,
) -> Result<Response, Body> {
    let (status, headers) = (answer.status(), for_caller(answer.headers()));
    let length = answer.content_length();
    let mut response = if matches!(status.as_u16(), 401 | 403) && length.is_some_and(|length| length <= LOOKED_AT) {
        let text = answer.bytes().await.unwrap_or_default();
        let problem = serde_json::from_slice::<Problem>(&text).ok();
        if let Some(problem) = problem.filter(|problem| status.as_u16() == 401 || is_of_token(problem.code)) {
            let why = format!("it refuses the gateway's token: {}", problem.detail);
            let refusal = Refusal::new(ErrorCode::NodeUnreachable, "the node does not accept its gateway's token")
                .hint("run `waypost node setup` on the node again, and compare the clocks of both");
            return other_way(gateway, node, &why, sent, refusal);
        }
        Response::new(Body::from(text))
    } else {
        Response::new(Body::from_stream(answer.bytes_stream()))
    };
    gateway.doors.worked(&node.id);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn is_of_token(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TokenExpired | ErrorCode::TokenUsed | ErrorCode::TokenMisplaced | ErrorCode::BodyMismatch)
}

/// No answer came.
fn broken(
    gateway: &Gateway,
    node: &NodeRecord,
    parts: &Parts,
    failed: &reqwest::Error,
    sent: Sent,
) -> Result<Response, Body> {
    if let Sent::Streamed(offer) = &sent
        && let Some(why) = offer.broken()
    {
        return Ok(Refusal::new(ErrorCode::InvalidRequest, format!("the body broke off: {why}")).into_response());
    }
    let why = root_cause(failed);
    if failed.is_connect() {
        let refusal = Refusal::new(ErrorCode::NodeUnreachable, "the node cannot be reached");
        return other_way(gateway, node, &why, sent, refusal);
    }
    let lost = lost(&format!("the connection to the node broke off: {why}"));
    if is_repeatable(parts) {
        return other_way(gateway, node, &why, sent, lost);
    }
    gateway.doors.failed(&node.id, &why, gateway.config.door_pause);
    Ok(lost.into_response())
}

fn lost(why: &str) -> Refusal {
    Refusal::new(ErrorCode::Lost, why).hint("it may have run wholly, partly or not at all; look before asking again")
}

/// Whether doing it twice is as good as once.
fn is_repeatable(parts: &Parts) -> bool {
    let path = path_of(parts).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    route(parts.method.as_str(), path).is_ok_and(|route| route.operation.repeatable)
}

/// Whether an answer with this status, whoever gave it, says that nothing was done.
fn was_not_begun(status: StatusCode) -> bool {
    status.is_redirection() || matches!(status.as_u16(), 404 | 405 | 421 | 503)
}

/// The door is left alone for a while, and the request takes the other way when its body still can.
fn other_way(gateway: &Gateway, node: &NodeRecord, why: &str, sent: Sent, refusal: Refusal) -> Result<Response, Body> {
    gateway.doors.failed(&node.id, why, gateway.config.door_pause);
    match sent.back() {
        Some(body) => Err(body),
        None => Ok(refusal.into_response()),
    }
}

/// The innermost cause; the URL, which is in the outer ones, is left out.
fn root_cause(failed: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = failed;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
