//! Which door a workspace is behind, and the calls of commands that existing clients have too.
//!
//! For these commands every answer of 400 and above ends with exit code 2, as those clients do. What it was in detail is in
//! the sentence, and in `error.code` with `--json`.

use super::args::Global;
use super::door::DoorArgs;
use super::error::{CliError, ExitKind};
use crate::client::{Door, DoorError};
use crate::wire::v1::Problem;
use clap::Args;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// Options of every command on workspaces.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The node, when the URL is a gateway's
    #[arg(long, value_name = "NODE", env = "WAYPOST_NODE")]
    pub node: Option<String>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Place {
    /// The server.
    pub fn open(&self, global: &Global) -> Result<Server, CliError> {
        Ok(self.server(self.door.open(global)?))
    }

    /// The server, for a command that makes a workspace: one is started where none runs.
    pub async fn open_or_spawn(&self, global: &Global) -> Result<Server, CliError> {
        // A node is behind a gateway, which is no program of this machine's to start.
        let door = if self.node.is_some() { self.door.open(global)? } else { self.door.open_or_spawn(global).await? };
        Ok(self.server(door))
    }

    fn server(&self, door: Door) -> Server {
        match &self.node {
            Some(node) => Server { door: door.of_node(node), named_node: true },
            None => Server { door, named_node: false },
        }
    }
}

/// What serves `/v1` at a door.
#[derive(Debug, Clone)]
pub struct Server {
    door: Door,
    named_node: bool,
}

impl Server {
    /// The door, for what is read as it comes.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Starts a call without a time limit.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.door.request(method, path)
    }

    /// A call without a body, answer as JSON.
    pub async fn call(&self, method: Method, path: &str) -> Result<Value, CliError> {
        self.json(self.request(method, path)).await
    }

    /// A call with a JSON body, answer as JSON.
    pub async fn call_with(&self, method: Method, path: &str, body: &Value) -> Result<Value, CliError> {
        self.json(self.request(method, path).json(body)).await
    }

    /// Sends a request and reads the answer as JSON.
    pub async fn json(&self, request: RequestBuilder) -> Result<Value, CliError> {
        let response = self.send(request).await?;
        Ok(self.door.json(response).await?)
    }

    /// Sends a request and gives the response of a success.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, CliError> {
        self.attempt(request).await?.map_err(|refusal| self.refused(&refusal))
    }

    /// Sends a request; the inner error is the server's refusal.
    pub async fn attempt(&self, request: RequestBuilder) -> Result<Result<Response, Refusal>, CliError> {
        let response = request.send().await.map_err(|failed| self.door.unreachable(&failed))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Ok(response));
        }
        let body = response.bytes().await.map_err(|failed| self.door.unreachable(&failed))?;
        Ok(Err(Refusal { status, body: body.to_vec() }))
    }

    /// What a refusal is for the command line.
    pub fn refused(&self, refusal: &Refusal) -> CliError {
        let error = refusal.error(self.door.base());
        match (refusal.is_elsewhere(), self.named_node) {
            (false, _) => error,
            (true, false) => error.hint("at a gateway's URL, name the node with --node or WAYPOST_NODE"),
            (true, true) => {
                error.hint("a node's own address takes no --node: leave it out, or name a gateway with --url")
            }
        }
    }
}

/// An answer of 400 and above, ours or another server's.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    body: Vec<u8>,
}

impl Refusal {
    /// Whether nothing of `/v1` is there, as at a gateway's own address.
    fn is_elsewhere(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.no_such_route()
    }

    /// Whether the server does not have the route at all, so that it did nothing.
    pub fn no_such_route(&self) -> bool {
        let code = self.text("code");
        match self.status.as_u16() {
            404 => {
                code.as_deref() == Some("not_found")
                    || (code.is_none() && self.text("detail").is_none_or(|text| text == "Not Found"))
            }
            405 | 501 => true,
            _ => false,
        }
    }

    /// The word for a file error, e.g. `ENOENT`.
    pub fn errno(&self) -> Option<String> {
        self.text("errno")
    }

    /// The sentence.
    pub fn detail(&self) -> String {
        self.text("detail").or_else(|| self.schema_errors()).unwrap_or_else(|| {
            let body: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
            body.trim().to_owned()
        })
    }

    fn error(&self, url: &str) -> CliError {
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) => CliError::from(DoorError::Refused(Box::new(problem))).of_kind(ExitKind::Usage),
            Err(_) => CliError::new(ExitKind::Usage, format!("{url} answered {}: {}", self.status, self.detail())),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let value: Value = serde_json::from_slice(&self.body).ok()?;
        value.get(name)?.as_str().map(str::to_owned)
    }

    /// The list that some servers answer for a body of the wrong shape: `[{"loc": […], "msg": …}]`.
    fn schema_errors(&self) -> Option<String> {
        let value: Value = serde_json::from_slice(&self.body).ok()?;
        let items = value.get("detail")?.as_array()?.iter().map(|item| {
            let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
            let place = item.get("loc").and_then(Value::as_array);
            let place: Vec<_> = place.into_iter().flatten().map(part).collect();
            format!("{}: {}", place.join("."), item.get("msg").and_then(Value::as_str).unwrap_or("wrong"))
        });
        Some(items.collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal { status: StatusCode::from_u16(status).unwrap(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn every_refusal_is_two_and_says_what_the_server_said() {
        for (status, body, says) in [
            (404, r#"{"detail":"workspace not found","code":"workspace_not_found"}"#, "workspace not found"),
            (404, r#"{"detail":"workspace not found"}"#, "404 Not Found: workspace not found"),
            (422, r#"{"detail":[{"loc":["body","config"],"msg":"Field required"}]}"#, "body.config: Field required"),
            (500, "Internal Server Error", "500 Internal Server Error: Internal Server Error"),
        ] {
            let error = refusal(status, body).error("http://x");
            assert_eq!(error.kind(), ExitKind::Usage);
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn a_route_that_is_not_there_is_told_from_a_thing_that_is_not_there() {
        assert!(refusal(404, r#"{"detail":"Not Found"}"#).no_such_route());
        assert!(refusal(404, r#"{"message":"Route GET:/x not found"}"#).no_such_route());
        assert!(refusal(501, "{}").no_such_route());
        assert!(!refusal(404, r#"{"detail":"workspace not found"}"#).no_such_route());
        assert!(!refusal(404, r#"{"detail":"Not Found","code":"workspace_not_found"}"#).no_such_route());
    }
}
