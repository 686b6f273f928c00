//! How an operation looks over HTTP. Both doors use this and nothing else, so that they cannot differ.

use super::failure::{ErrorCode, Failure};
use super::multipart;
use super::operation::{AnswerKind, BodyKind, OPERATIONS, Operation, OperationRequest};
use crate::base::snake_case;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

pub use super::multipart::PartSink;

/// The header that names the job of an execution.
pub const JOB_ID_HEADER: &str = "x-mirage-job-id";

/// The longest JSON body, bytes.
pub const MAX_JSON_BYTES: usize = 4 << 20;

/// An operation that a request line asks for, with the parameters of its path.
#[derive(Debug, Clone)]
pub struct Route {
    /// The row of the table.
    pub operation: &'static Operation,
    /// Path parameters, percent-decoded.
    pub params: Map<String, Value>,
}

/// Finds the operation of a method and a path (`/v1/…`, without query).
///
/// # Errors
/// [`ErrorCode::NotFound`] for an unknown path, [`ErrorCode::MethodNotAllowed`] for a known one with another method.
pub fn route(method: &str, path: &str) -> Result<Route, Failure> {
    let mut other_method = false;
    for operation in OPERATIONS {
        let Some(params) = match_path(operation.path, path) else { continue };
        if operation.method.as_str() == method {
            return Ok(Route { operation, params });
        }
        // A literal path shadows a workspace of that name: GET /v1/workspaces/load is not a workspace.
        other_method = true;
    }
    if match_path("/v1/workspaces/{id}/vfs/{call}", path).is_some() && !other_method && method == "POST" {
        // Clients ask like that whether a filesystem can do something.
        let failure = Failure::new(ErrorCode::FileError, "Operation not supported").errno("ENOTSUP");
        return Err(failure.hint(format!("there is no {method} {path}")));
    }
    Err(if other_method {
        Failure::new(ErrorCode::MethodNotAllowed, "Method Not Allowed")
            .hint(format!("{path} exists, but not for {method}"))
    } else {
        Failure::new(ErrorCode::NotFound, "Not Found").hint(format!("there is no {method} {path}"))
    })
}

fn match_path(template: &str, path: &str) -> Option<Map<String, Value>> {
    let mut params = Map::new();
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(want), Some(have)) => {
                if let Some(name) = want.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    let value = percent_decode_str(have).decode_utf8().ok().filter(|value| !value.is_empty())?;
                    params.insert(name.to_owned(), Value::String(value.into_owned()));
                } else if want != have {
                    return None;
                }
            }
            _ => return None,
        }
    }
}

/// Makes the request of a routed call: query and body join the parameters of the path.
///
/// # Errors
/// [`ErrorCode::InvalidJson`], [`ErrorCode::InvalidRequest`], [`ErrorCode::PayloadTooLarge`] or
/// [`ErrorCode::UnsupportedMediaType`], each naming what is wrong.
pub async fn decode(
    route: Route,
    query: Option<&str>,
    content_type: Option<&str>,
    body: Bytes,
) -> Result<OperationRequest, Failure> {
    let operation = route.operation;
    let mut request = begun(operation, query);
    let media = content_type.unwrap_or_default();
    match (operation.body, boundary(operation, content_type)) {
        (_, Some(boundary)) => {
            let whole = futures_util::stream::once(async move { Ok(body) });
            let mut main = BytesMut::new();
            multipart::read(&mut request, operation, whole, boundary, &mut main).await?;
            request.body = main.freeze();
        }
        (BodyKind::Archive, None) if is_archive(media) => request.body = body,
        (BodyKind::Archive, None) if is_json(content_type) => {
            merge(&mut request.params, json_object(&body)?);
            if !["path", "key"].iter().any(|name| request.params.contains_key(*name)) {
                return Err(Failure::new(ErrorCode::InvalidRequest, "path is required")
                    .hint("send {\"path\": …}, or the archive itself as multipart/form-data with a file part `tar`"));
            }
        }
        (BodyKind::Archive, None) => {
            return Err(Failure::new(ErrorCode::UnsupportedMediaType, "load takes an archive").hint(
                "send multipart/form-data with a file part `tar`, the tar itself as application/x-tar, or {\"path\": …} as \
                 application/json",
            ));
        }
        (BodyKind::None, _) => {}
        (BodyKind::Json | BodyKind::JsonWithStdin, _) => {
            let object = json_object(&body).map_err(|failure| blame(operation, failure))?;
            refuse_unknown(operation, &object)?;
            merge(&mut request.params, object);
        }
    }
    ended(request, route.params)
}

/// [`decode`] for a body in parts that is not held: its main part, an archive or standard input, goes to `main` as it
/// comes. The request's own body stays empty.
///
/// # Errors
/// As [`decode`]; what `body` or `main` says.
pub async fn decode_parts(
    route: Route,
    query: Option<&str>,
    boundary: String,
    body: impl Stream<Item = Result<Bytes, Failure>> + Send,
    main: &mut impl PartSink,
) -> Result<OperationRequest, Failure> {
    let mut request = begun(route.operation, query);
    multipart::read(&mut request, route.operation, body, boundary, main).await?;
    ended(request, route.params)
}

/// The boundary of a body in parts, for an operation that takes one.
pub fn boundary(operation: &Operation, content_type: Option<&str>) -> Option<String> {
    match operation.body {
        BodyKind::JsonWithStdin | BodyKind::Archive => multer::parse_boundary(content_type?).ok(),
        BodyKind::None | BodyKind::Json => None,
    }
}

fn begun(operation: &Operation, query: Option<&str>) -> OperationRequest {
    let mut request = OperationRequest { operation: operation.name.to_owned(), ..OperationRequest::default() };
    add_query(&mut request.params, query);
    request
}

/// What is the same for every body.
fn ended(mut request: OperationRequest, path_params: Map<String, Value>) -> Result<OperationRequest, Failure> {
    if let Some(Value::String(stdin)) = request.params.remove("stdin_base64") {
        request.body = STANDARD
            .decode(stdin)
            .map_err(|wrong| Failure::new(ErrorCode::InvalidRequest, format!("stdin_base64 is not base64: {wrong}")))?
            .into();
    }
    if request.operation == "workspaces.clone" {
        rename(&mut request.params, "id", "new_id");
        rename(&mut request.params, "source_id", "id");
        if !request.params.contains_key("id") && !path_params.contains_key("id") {
            return Err(Failure::new(ErrorCode::InvalidRequest, "missing field `source_id`"));
        }
    }
    // The path wins over a query or a body that says otherwise.
    request.params.extend(path_params);
    Ok(request)
}

/// Whether a body of this media type is an archive itself, so that a door can stream it.
pub fn is_archive(media: &str) -> bool {
    let archives =
        ["application/x-tar", "application/tar", "application/octet-stream", "application/gzip", "application/x-bzip2"];
    archives.contains(&essence(media).as_str())
}

/// JSON, or what a client that sends JSON forgot to say.
pub fn is_json(content_type: Option<&str>) -> bool {
    matches!(essence(content_type.unwrap_or_default()).as_str(), "" | "application/json")
}

fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn rename(params: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = params.remove(from) {
        params.insert(to.to_owned(), value);
    }
}

/// What the body of `workspaces.shell` may say. Everything else is in the query, and a client that puts it in the body
/// would not get what it asks for.
const SHELL_FIELDS: [&str; 5] = ["command", "cwd", "runtime", "record", "stdin_base64"];

pub(super) fn refuse_unknown(operation: &Operation, body: &Map<String, Value>) -> Result<(), Failure> {
    if operation.name != "workspaces.shell" {
        return Ok(());
    }
    let unknown = body.keys().find(|name| !SHELL_FIELDS.contains(&snake_case(name).as_str()));
    match unknown {
        Some(name) => Err(blame(operation, Failure::new(ErrorCode::InvalidRequest, format!("unknown field `{name}`")))
            .hint("the body may have command, cwd, runtime and record; session_id and the rest belong in the query")),
        None if !body.contains_key("command") => {
            Err(blame(operation, Failure::new(ErrorCode::InvalidRequest, "missing field `command`")))
        }
        None => Ok(()),
    }
}

/// The failure in the words of the operation's own clients.
pub(super) fn blame(operation: &Operation, failure: Failure) -> Failure {
    match operation.name {
        "workspaces.shell" => Failure { message: format!("bad shell request: {}", failure.message), ..failure },
        _ => failure,
    }
}

pub(super) fn json_object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    if body.len() > MAX_JSON_BYTES {
        return Err(Failure::new(
            ErrorCode::PayloadTooLarge,
            format!("a JSON body is limited to {MAX_JSON_BYTES} bytes, this one has {}", body.len()),
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::new(ErrorCode::InvalidRequest, "the body must be a JSON object")),
        Err(wrong) => Err(Failure::new(ErrorCode::InvalidJson, format!("the body is not JSON: {wrong}"))),
    }
}

pub(super) fn merge(params: &mut Map<String, Value>, object: Map<String, Value>) {
    for (name, value) in object {
        if !value.is_null() {
            params.insert(snake_case(&name), value);
        }
    }
}

/// Query parameters that are yes or no.
const FLAGS: [&str; 8] = ["background", "verbose", "provision", "stream", "explain", "record", "all", "nofollow"];

/// Query values are text; the words and numbers that parameters expect become what they mean.
fn add_query(params: &mut Map<String, Value>, query: Option<&str>) {
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
        let text = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
        let (name, value) = (snake_case(&text(name)), text(value));
        let value = match (name.as_str(), value.as_str()) {
            (name, "true" | "1" | "yes" | "on" | "") if FLAGS.contains(&name) => Value::Bool(true),
            (name, "false" | "0" | "no" | "off") if FLAGS.contains(&name) => Value::Bool(false),
            ("timeout_s" | "max_output_bytes" | "offset" | "limit", number) => {
                serde_json::from_str(number).unwrap_or_else(|_| Value::String(number.to_owned()))
            }
            _ => Value::String(value),
        };
        params.insert(name, value);
    }
}

/// The status and the job header of a success.
pub fn success(operation: &Operation, value: &Value) -> (u16, Option<String>) {
    let job_id = value.get("job_id").and_then(Value::as_str).map(str::to_owned);
    let runs = matches!(operation.name, "workspaces.execute" | "workspaces.shell");
    let status = match operation.answer {
        AnswerKind::Json(201) if value.get("existing").is_some() => 200,
        AnswerKind::Json(_) if runs && job_id.is_some() && value.get("kind").is_none() => 202,
        AnswerKind::Json(status) => status,
        AnswerKind::Archive | AnswerKind::Bytes => 200,
    };
    (status, job_id.filter(|_| runs))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn request(
        method: &str,
        path: &str,
        query: &str,
        media: &str,
        body: &str,
    ) -> Result<OperationRequest, Failure> {
        decode(route(method, path)?, Some(query), Some(media), Bytes::from(body.to_owned())).await
    }

    #[tokio::test]
    async fn both_spellings_give_the_same_request() {
        let snake = r#"{"command":"ls","session_id":"s","cwd":null}"#;
        let camel = r#"{"command":"ls","sessionId":"s"}"#;
        let one = request("POST", "/v1/workspaces/a%20b/execute", "background=true", "application/json", snake)
            .await
            .unwrap();
        let two =
            request("POST", "/v1/workspaces/a%20b/execute", "background=1", "application/json", camel).await.unwrap();
        assert_eq!(one.operation, "workspaces.execute");
        assert_eq!(one.params, two.params);
        assert_eq!(one.params["id"], "a b");
        assert_eq!(one.params["background"], true);
    }

    #[tokio::test]
    async fn standard_input_comes_as_a_part_or_in_base64() {
        let parts = "--B\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n{\"command\":\"cat\"}\r\n\
                     --B\r\nContent-Disposition: form-data; name=\"stdin\"; filename=\"x\"\r\n\r\nhi\r\n--B--\r\n";
        let multipart =
            request("POST", "/v1/workspaces/w/execute", "", "multipart/form-data; boundary=B", parts).await.unwrap();
        let inline = r#"{"command":"cat","stdinBase64":"aGk="}"#;
        let json = request("POST", "/v1/workspaces/w/execute", "", "application/json", inline).await.unwrap();
        assert_eq!((multipart.body.as_ref(), json.body.as_ref()), (&b"hi"[..], &b"hi"[..]));
        assert_eq!(multipart.params, json.params);
    }

    #[tokio::test]
    async fn the_path_wins_and_a_clone_s_id_is_the_new_one() {
        let clone =
            request("POST", "/v1/workspaces/src/clone", "", "application/json", r#"{"id":"dst"}"#).await.unwrap();
        assert_eq!((clone.params["id"].as_str(), clone.params["new_id"].as_str()), (Some("src"), Some("dst")));
        for key in ["source_id", "sourceId"] {
            let body = format!(r#"{{"{key}":"src","id":"dst","at":"main"}}"#);
            let other = request("POST", "/v1/workspaces/clone", "", "application/json", &body).await.unwrap();
            assert_eq!(other.operation, "workspaces.clone");
            assert_eq!((&other.params["id"], &other.params["new_id"]), (&"src".into(), &"dst".into()));
            assert_eq!(other.params["at"], "main");
        }
    }

    #[tokio::test]
    async fn wrong_requests_say_what_is_wrong() {
        for (method, path, media, body, code) in [
            ("GET", "/v1/nope", "", "", ErrorCode::NotFound),
            ("DELETE", "/v1/workspaces", "", "", ErrorCode::MethodNotAllowed),
            ("POST", "/v1/workspaces", "application/json", "{not json", ErrorCode::InvalidJson),
            ("POST", "/v1/workspaces", "application/json", "[]", ErrorCode::InvalidRequest),
            ("POST", "/v1/workspaces/load", "text/plain", "{}", ErrorCode::UnsupportedMediaType),
            ("POST", "/v1/workspaces/w/shell", "", r#"{"command":"ls","session_id":"s"}"#, ErrorCode::InvalidRequest),
            ("POST", "/v1/workspaces/w/shell", "", "garbage", ErrorCode::InvalidJson),
            (
                "POST",
                "/v1/workspaces/w/execute",
                "multipart/form-data; boundary=B",
                "--B--\r\n",
                ErrorCode::InvalidRequest,
            ),
        ] {
            let failure = request(method, path, "", media, body).await.unwrap_err();
            assert_eq!(failure.code, code, "{method} {path} {body}: {failure}");
        }
    }
}
