//! A script on its way to a workspace, and what came of it. `execute` and `shell` are two names for this.

use super::error::{CliError, ExitKind};
use super::output::Output;
use super::place::Server;
use crate::client::{Multipart, escape};
use crate::wire::v1::ExecuteAnswer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Map, Value, json};
use std::io::{IsTerminal, Read, Write};

/// The longest standard input that servers take, bytes.
const MOST_STDIN: u64 = 64 << 20;

/// What to run, where and with what.
#[derive(Debug)]
pub struct Script {
    pub workspace: String,
    pub session: Option<String>,
    /// `command`, and what else the body says but for the session.
    pub body: Map<String, Value>,
    pub stdin: Vec<u8>,
}

impl Script {
    /// Runs it and prints its output as it comes; where the server cannot stream, at its end. Gives the exit code.
    pub async fn stream(&self, server: &Server, output: &Output) -> Result<u8, CliError> {
        match server.attempt(self.shell(server, Some("stream=true"))).await? {
            Ok(response) if is_lines(&response) => follow(server, response, output).await,
            Ok(response) => shown(server.door().json(response).await?, output),
            Err(refusal) if refusal.no_such_route() => self.execute(server, output).await,
            Err(refusal) => Err(server.refused(&refusal)),
        }
    }

    /// Runs it by the older route, which answers at the end.
    pub async fn execute(&self, server: &Server, output: &Output) -> Result<u8, CliError> {
        shown(server.json(self.older(server, false)).await?, output)
    }

    /// Runs it and prints the answer as JSON.
    pub async fn print_json(&self, server: &Server, output: &Output) -> Result<u8, CliError> {
        let answer = match server.attempt(self.shell(server, None)).await? {
            Ok(response) => server.door().json(response).await?,
            Err(refusal) if refusal.no_such_route() => server.json(self.older(server, false)).await?,
            Err(refusal) => return Err(server.refused(&refusal)),
        };
        output.json(&answer);
        Ok(exit_code(&executed(&answer)?))
    }

    /// The same by the older route.
    pub async fn print_json_of_execute(&self, server: &Server, output: &Output) -> Result<u8, CliError> {
        let answer = server.json(self.older(server, false)).await?;
        output.json(&answer);
        Ok(exit_code(&executed(&answer)?))
    }

    /// Starts it in the background and prints the job's id.
    pub async fn background(&self, server: &Server, output: &Output) -> Result<u8, CliError> {
        let answer = server.json(self.older(server, true)).await?;
        started(&answer, output)
    }

    /// The same by the newer route, where the server has it.
    pub async fn background_shell(&self, server: &Server, output: &Output) -> Result<u8, CliError> {
        match server.attempt(self.shell(server, Some("background=true"))).await? {
            Ok(response) => started(&server.door().json(response).await?, output),
            Err(refusal) if refusal.no_such_route() => self.background(server, output).await,
            Err(refusal) => Err(server.refused(&refusal)),
        }
    }

    /// How the server reads it and whether it would allow it.
    pub async fn explain(&self, server: &Server) -> Result<Value, CliError> {
        server.json(self.shell(server, Some("explain=true"))).await
    }

    fn shell(&self, server: &Server, query: Option<&str>) -> RequestBuilder {
        let session = self.session.as_ref().map(|session| format!("session_id={}", escape(session)));
        let query: Vec<_> = session.into_iter().chain(query.map(str::to_owned)).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let path = format!("/v1/workspaces/{}/shell{mark}{}", escape(&self.workspace), query.join("&"));
        self.with_stdin(server.request(Method::POST, &path), &self.body)
    }

    fn older(&self, server: &Server, background: bool) -> RequestBuilder {
        let mut body = self.body.clone();
        if let Some(session) = &self.session {
            body.insert("session_id".to_owned(), json!(session));
        }
        let query = if background { "?background=true" } else { "" };
        let path = format!("/v1/workspaces/{}/execute{query}", escape(&self.workspace));
        self.with_stdin(server.request(Method::POST, &path), &body)
    }

    fn with_stdin(&self, request: RequestBuilder, body: &Map<String, Value>) -> RequestBuilder {
        if self.stdin.is_empty() {
            return request.json(body);
        }
        let body = serde_json::to_vec(body).unwrap_or_default();
        let parts = Multipart::new().part("request", "request.json", "application/json", &body);
        parts.part("stdin", "stdin.bin", "application/octet-stream", &self.stdin).send_with(request)
    }
}

/// Standard input to its end, unless it is a terminal.
pub fn standard_input() -> Result<Vec<u8>, CliError> {
    let stdin = std::io::stdin();
    let mut bytes = Vec::new();
    if stdin.is_terminal() {
        return Ok(bytes);
    }
    let read = stdin.lock().take(MOST_STDIN + 1).read_to_end(&mut bytes);
    read.map_err(|failed| CliError::new(ExitKind::Failure, format!("standard input cannot be read: {failed}")))?;
    if bytes.len() as u64 > MOST_STDIN {
        return Err(CliError::new(ExitKind::Usage, format!("standard input has more than {MOST_STDIN} bytes"))
            .hint("load it as files: `tar -cf - FILES | waypost workspace load -`"));
    }
    Ok(bytes)
}

/// Prints an execution's output byte for byte.
pub fn print(output: &Output, executed: &ExecuteAnswer) {
    output.bytes(&bytes_of(&executed.stdout, executed.stdout_base64.as_deref()));
    let _ = std::io::stderr().lock().write_all(&bytes_of(&executed.stderr, executed.stderr_base64.as_deref()));
}

/// A script's exit code as a process can have it.
pub fn exit_code(executed: &ExecuteAnswer) -> u8 {
    u8::try_from(executed.exit_code.clamp(0, 255)).unwrap_or(u8::MAX)
}

fn started(answer: &Value, output: &Output) -> Result<u8, CliError> {
    output.result(answer, || answer.get("job_id").and_then(Value::as_str).unwrap_or_default().to_owned());
    Ok(0)
}

fn shown(answer: Value, output: &Output) -> Result<u8, CliError> {
    let executed = executed(&answer)?;
    print(output, &executed);
    Ok(exit_code(&executed))
}

fn executed(answer: &Value) -> Result<ExecuteAnswer, CliError> {
    serde_json::from_value(answer.clone())
        .map_err(|_| CliError::new(ExitKind::Failure, "the answer is not that of an execution"))
}

/// The exact bytes of a stream.
fn bytes_of(text: &str, base64: Option<&str>) -> Vec<u8> {
    base64.and_then(|base64| STANDARD.decode(base64).ok()).unwrap_or_else(|| text.as_bytes().to_vec())
}

fn is_lines(response: &Response) -> bool {
    let media = response.headers().get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
    media.is_some_and(|media| media.starts_with("application/x-ndjson"))
}

/// Prints a stream of JSON lines to its last one, which says how the script ended.
async fn follow(server: &Server, mut response: Response, output: &Output) -> Result<u8, CliError> {
    let mut rest = Vec::new();
    loop {
        let chunk = response.chunk().await.map_err(|failed| CliError::from(server.door().unreachable(&failed)))?;
        let Some(chunk) = chunk else {
            return Err(CliError::new(ExitKind::Lost, "the answer broke off: nobody knows how the script ended")
                .hint("`waypost job list` shows whether it still runs"));
        };
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            if let Some(code) = told(&line, output)? {
                return Ok(code);
            }
        }
        // Nobody reads on: ending the connection ends the script.
        output.written()?;
    }
}

/// One line: output is printed, the end gives the exit code.
fn told(line: &[u8], output: &Output) -> Result<Option<u8>, CliError> {
    let Ok(line) = serde_json::from_slice::<Value>(line) else {
        return Err(CliError::new(ExitKind::Failure, "the answer holds a line that is not JSON"));
    };
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    if let Some(stream) = text("stream") {
        let bytes = text("data").and_then(|data| STANDARD.decode(data).ok()).unwrap_or_default();
        match stream {
            "stderr" => drop(std::io::stderr().lock().write_all(&bytes)),
            _ => output.bytes(&bytes),
        }
        return Ok(None);
    }
    let Some(status) = text("status") else { return Ok(None) };
    if let Some(result) = line.get("result").filter(|result| !result.is_null()) {
        // What a server did not stream is here.
        return shown(result.clone(), output).map(Some);
    }
    let error = match text("error") {
        Some(error) => format!("the script {status}: {error}"),
        None => format!("the script was {status}"),
    };
    Err(CliError::new(ExitKind::Usage, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_exit_code_and_an_end_without_one_is_two() {
        let output = Output::plain(false);
        assert_eq!(told(br#"{"stream":"stderr","data":""}"#, &output).unwrap(), None);
        let done = br#"{"status":"done","result":{"kind":"io","exit_code":300,"stdout":"","stderr":""},"error":null}"#;
        assert_eq!(told(done, &output).unwrap(), Some(255));
        for (line, says) in [
            (&br#"{"status":"canceled","result":null,"error":null}"#[..], "canceled"),
            (br#"{"status":"failed","result":null,"error":"KeyError: x"}"#, "KeyError: x"),
        ] {
            let error = told(line, &output).unwrap_err();
            assert!(error.kind() == ExitKind::Usage && error.to_string().contains(says), "{error}");
        }
        assert!(told(b"nonsense", &output).is_err());
    }
}
