//! The arguments of file calls and tools: checked strictly, with errors in the words that their clients know.

use crate::jobs::engine::Inner;
use crate::jobs::{failure, params};
use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::{Files, Workspace};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A call on the files of a workspace, its arguments still to be read.
pub(super) struct Call {
    /// What it is called in errors, e.g. `vfs/read`.
    name: String,
    pub(super) workspace: Arc<Workspace>,
    pub(super) session_id: Option<String>,
    /// Whether only to say what would happen.
    pub(super) explain: bool,
    arguments: Map<String, Value>,
}

impl Call {
    /// Takes the parameters that are not arguments out of `params`.
    pub(super) fn new(engine: &Inner, name: String, mut params: Map<String, Value>) -> Result<Self, Failure> {
        let text = |value: Option<Value>, what: &str| match value {
            Some(Value::String(text)) => Ok(Some(text)),
            None | Some(Value::Null) => Ok(None),
            Some(_) => Err(invalid(&name, &format!("'{what}' is not a string"))),
        };
        let id = text(params.shift_remove("id"), "id")?.unwrap_or_default();
        let session_id = text(params.shift_remove("session_id"), "session_id")?;
        let explain = match params.shift_remove("explain") {
            Some(Value::Bool(explain)) => explain,
            None | Some(Value::Null) => false,
            Some(_) => return Err(invalid(&name, "'explain' is not true or false")),
        };
        let workspace = engine.workspaces.get(&id).map_err(failure::workspace)?;
        Ok(Self { name, workspace, session_id, explain, arguments: params })
    }

    /// The files as the session may use them.
    pub(super) fn files(&self) -> Result<Files, Failure> {
        self.workspace.files(self.session_id.as_deref()).map_err(failure::workspace)
    }

    /// The arguments as their type.
    pub(super) fn arguments<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        self.arguments.retain(|_, value| !value.is_null());
        T::deserialize(&self.arguments).map_err(|wrong| {
            let wrong = wrong.to_string();
            let quoted = wrong.split('`').nth(1).unwrap_or_default();
            let text = if wrong.starts_with("missing field") {
                format!("'{quoted}' is a required property")
            } else if wrong.starts_with("unknown field") {
                format!("Additional properties are not allowed ('{quoted}' was unexpected)")
            } else {
                match params::culprit::<T>(&self.arguments, &wrong) {
                    Some(name) => format!("'{name}': {wrong}"),
                    None => wrong,
                }
            };
            invalid(&self.name, &text)
        })
    }

    /// The failure of an argument.
    pub(super) fn invalid(&self, wrong: &str) -> Failure {
        invalid(&self.name, wrong)
    }
}

/// Tools are named with a word before, file calls are not.
fn invalid(name: &str, wrong: &str) -> Failure {
    let message = match name.strip_prefix("tools/") {
        Some(tool) => format!("Invalid arguments for tool {tool}: {wrong}"),
        None => format!("invalid arguments for {name}: {wrong}"),
    };
    Failure::new(ErrorCode::InvalidRequest, message)
}
