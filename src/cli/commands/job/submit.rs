//! `waypost job submit`: one operation, queued at a gateway or run at a node's own door.

use super::{door_kind, get, view::View, wait};
use crate::cli::args::{Global, seconds};
use crate::cli::door::DoorArgs;
use crate::cli::download::{check_place, save};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::pairs::pairs;
use crate::client::{Door, DoorError, escape};
use crate::wire::gateway::{BodyInput, SubmitJob};
use crate::wire::v1::{AnswerKind, BodyKind, ErrorCode, Method as OperationMethod, OPERATIONS, Operation};
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Submit an operation as a job
///
/// At a gateway the job is queued for a node, for any node with the given labels, or for any node. At a node's own address
/// the operation runs at once.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost job submit workspaces.create id=demo config:='{\"mounts\":{\"/data\":{\"resource\":\"ram\"}}}' --wait\n  \
    waypost job submit workspaces.execute id=demo command='ls /data' --node box --wait\n  \
    waypost job submit workspaces.load id=src --body src.tar --label gpu=true"
)]
pub struct Submit {
    /// The operation, e.g. workspaces.execute
    pub operation: String,
    /// Its parameters: NAME=TEXT or NAME:=JSON
    #[arg(value_name = "PARAM")]
    pub params: Vec<String>,
    /// All parameters as one JSON object
    #[arg(long = "params", value_name = "JSON")]
    pub params_json: Option<String>,
    /// A file with the operation's body (standard input of a script, an archive); - for standard input
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// The node
    #[arg(long, value_name = "NODE", env = "WAYPOST_NODE")]
    pub node: Option<String>,
    /// Labels that the node must have
    #[arg(long = "label", value_name = "NAME=VALUE")]
    pub labels: Vec<String>,
    /// How long it may run, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: Option<f64>,
    /// Priority from -100 to 100, lower first
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub priority: Option<i64>,
    /// How often it may be handed to a node
    #[arg(long, value_name = "N")]
    pub max_attempts: Option<u32>,
    /// Makes repeating this command harmless: the same key gives the same job
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Wait for the end, print what it printed, and end with its exit code
    #[arg(short, long)]
    pub wait: bool,
    /// Wait, and write the answer's body (e.g. a snapshot) to a file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Submit {
    /// Submits the job.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let Some(operation) = Operation::named(&self.operation) else {
            let mut names: Vec<_> = OPERATIONS.iter().filter(|row| row.remote).map(|row| row.name).collect();
            let mut seen = std::collections::HashSet::new();
            names.retain(|name| seen.insert(*name)); // one operation may have several routes
            return Err(CliError::new(ExitKind::Usage, format!("there is no operation '{}'", self.operation))
                .hint(format!("one of: {}", names.join(", "))));
        };
        self.output.as_deref().map(check_place).transpose()?;
        let params = parameters(self.params_json.as_deref(), &self.params)?;
        let body = self.body.as_ref().map(read_body).transpose()?;
        let labels = pairs("--label", &self.labels, true)?;
        let door = self.door.open(global)?;
        match self.queue(&door, &labels, params.clone(), body.clone()).await {
            Ok(job) => self.report(&door, job, output).await,
            // A node's own door has no queue.
            Err(DoorError::Refused(problem))
                if matches!(problem.code, ErrorCode::MethodNotAllowed | ErrorCode::NotFound)
                    && door_kind::is_node(&door).await =>
            {
                self.refuse_queue_options()?;
                self.run_now(&door, operation, params, body.unwrap_or_default(), output).await
            }
            Err(failed) => Err(failed.into()),
        }
    }

    /// What only a queue can honour must not be ignored.
    fn refuse_queue_options(&self) -> Result<(), CliError> {
        let given = [
            ("--node", self.node.is_some()),
            ("--label", !self.labels.is_empty()),
            ("--timeout", self.timeout.is_some()),
            ("--priority", self.priority.is_some()),
            ("--max-attempts", self.max_attempts.is_some()),
            ("--idempotency-key", self.idempotency_key.is_some()),
        ];
        let Some((option, _)) = given.iter().find(|(_, given)| *given) else { return Ok(()) };
        Err(CliError::new(ExitKind::Usage, format!("{option} is for a gateway, and this is a node's own address"))
            .hint("leave it out, or name a gateway with --url or WAYPOST_URL"))
    }

    async fn queue(
        &self,
        door: &Door,
        labels: &BTreeMap<String, String>,
        params: Map<String, Value>,
        body: Option<Vec<u8>>,
    ) -> Result<Value, DoorError> {
        let body = match body {
            None => None,
            Some(bytes) => {
                let upload = door
                    .request(Method::PUT, "/v1/blobs")
                    .header("content-type", "application/octet-stream")
                    .body(bytes);
                let blob: Value = door.json(door.send(upload).await?).await?;
                Some(BodyInput::Blob { sha256: blob["sha256"].as_str().unwrap_or_default().to_owned() })
            }
        };
        let submit = SubmitJob {
            node: self.node.clone(),
            labels: labels.clone(),
            operation: self.operation.clone(),
            params,
            body,
            timeout_s: self.timeout,
            idempotency_key: self.idempotency_key.clone(),
            priority: self.priority,
            max_attempts: self.max_attempts,
            ..SubmitJob::default()
        };
        door.post("/v1/jobs", &submit).await
    }

    async fn report(&self, door: &Door, job: Value, output: &Output) -> Result<u8, CliError> {
        let id = View(&job).id().to_owned();
        if !self.wait && self.output.is_none() {
            output.result(&job, || id);
            return Ok(0);
        }
        output.note(format!("submitted {id}"));
        let job = wait::until_end(door, &id, None).await?;
        if let (Some(file), "succeeded") = (&self.output, View(&job).state()) {
            let again = format!("the job has ended and keeps its answer: `waypost job get {id} --output FILE`");
            get::save_body(door, &id, file).await.map_err(|failed| failed.hint(again))?;
            output.note(format!("wrote {}", file.display()));
        }
        wait::show_end(&job, output)
    }

    /// Runs the operation at a node's own door.
    async fn run_now(
        &self,
        door: &Door,
        operation: &Operation,
        params: Map<String, Value>,
        body: Vec<u8>,
        output: &Output,
    ) -> Result<u8, CliError> {
        let response = door.send(http_request(door, operation, params, body)?).await?;
        if matches!(operation.answer, AnswerKind::Archive | AnswerKind::Bytes) {
            let Some(file) = &self.output else {
                return Err(CliError::new(ExitKind::Usage, format!("{} answers bytes", operation.name))
                    .hint("say where to write it with --output FILE"));
            };
            save(door, response, file).await?;
            output.note(format!("wrote {}", file.display()));
            if output.is_json() {
                output.json(&serde_json::json!({ "output": file }));
            }
            return Ok(0);
        }
        let answer: Value = door.json(response).await?;
        // The same shape as a job that has ended, so that both doors print alike.
        let job = serde_json::json!({ "id": answer.get("job_id"), "state": "succeeded", "operation": operation.name, "result": answer });
        if output.is_json() {
            output.json(&answer);
        } else {
            View(&job).print_end(output);
        }
        Ok(View(&job).exit_code())
    }
}

/// The HTTP form of an operation: path parameters in the path, the rest in the query, a JSON body or a multipart one.
fn http_request(
    door: &Door,
    operation: &Operation,
    mut params: Map<String, Value>,
    body: Vec<u8>,
) -> Result<reqwest::RequestBuilder, CliError> {
    let mut path = String::new();
    for segment in operation.path.split('/').skip(1) {
        path.push('/');
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            None => path.push_str(segment),
            Some(name) => {
                let value = params.remove(name);
                let Some(value) = value.as_ref().and_then(Value::as_str) else {
                    return Err(CliError::new(
                        ExitKind::Usage,
                        format!("{} needs the parameter {name}=…", operation.name),
                    ));
                };
                path.push_str(&escape(value));
            }
        }
    }
    if let Some(new_id) = params.remove("new_id") {
        params.insert("id".to_owned(), new_id);
    }
    let method = match operation.method {
        OperationMethod::Get => Method::GET,
        OperationMethod::Post => Method::POST,
        OperationMethod::Delete => Method::DELETE,
        OperationMethod::Patch => Method::PATCH,
    };
    if operation.body == BodyKind::JsonWithStdin && !body.is_empty() {
        use base64::Engine as _;
        params
            .insert("stdin_base64".to_owned(), Value::String(base64::engine::general_purpose::STANDARD.encode(&body)));
    }
    Ok(match operation.body {
        BodyKind::None | BodyKind::Archive => {
            let query: Vec<String> = params
                .iter()
                .map(|(name, value)| {
                    format!("{name}={}", escape(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                })
                .collect();
            let path = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
            let request = door.request(method, &path);
            if operation.body == BodyKind::Archive {
                request.header("content-type", "application/x-tar").body(body)
            } else {
                request
            }
        }
        BodyKind::Json | BodyKind::JsonWithStdin => door.request(method, &path).json(&params),
    })
}

fn read_body(file: &PathBuf) -> Result<Vec<u8>, CliError> {
    let read = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|failed| CliError::new(ExitKind::Usage, format!("cannot read {}: {failed}", file.display())))
}

fn parameters(object: Option<&str>, pairs: &[String]) -> Result<Map<String, Value>, CliError> {
    let mut params = match object.map(serde_json::from_str) {
        None => Map::new(),
        Some(Ok(Value::Object(object))) => object,
        Some(_) => return Err(CliError::new(ExitKind::Usage, "--params must be a JSON object")),
    };
    for pair in pairs {
        let usage = |why: String| CliError::new(ExitKind::Usage, why).hint("write NAME=TEXT, or NAME:=JSON");
        let (name, value) = pair.split_once('=').ok_or_else(|| usage(format!("'{pair}' is not a parameter")))?;
        let (name, value) = match name.strip_suffix(':') {
            None => (name, Value::String(value.to_owned())),
            Some(name) => {
                let json = serde_json::from_str(value).map_err(|wrong| usage(format!("{name}: not JSON: {wrong}")))?;
                (name, json)
            }
        };
        params.insert(name.to_owned(), value);
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_text_or_json_and_later_ones_win() {
        let pairs = ["id=demo".to_owned(), "config:={\"mounts\":{}}".to_owned(), "command=a=b".to_owned()];
        let params = parameters(Some(r#"{"id":"x","keep":1}"#), &pairs).unwrap();
        assert_eq!(
            Value::Object(params),
            serde_json::json!({"id":"demo","keep":1,"config":{"mounts":{}},"command":"a=b"})
        );
        assert!(parameters(None, &["nonsense".to_owned()]).is_err());
        assert!(parameters(Some("[]"), &[]).is_err());
        assert!(parameters(None, &["n:=nope".to_owned()]).is_err());
    }
}
