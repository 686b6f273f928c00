//! A session's shell state between executions, and whether it changed.

use bashkit::ShellState;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Variables that every command changes and no later execution needs.
const VOLATILE: &[&str] = &["_", "LINENO", "SECONDS", "BASH_COMMAND"];
/// The same for arrays.
const VOLATILE_ARRAYS: &[&str] = &["PIPESTATUS", "BASH_LINENO", "BASH_SOURCE", "FUNCNAME"];

/// Shell state at the end of an execution. The outer form is made when someone asks for it, at most once.
#[derive(Debug, Default)]
pub(super) struct Saved {
    /// The current directory.
    pub cwd: String,
    state: Option<ShellState>,
    json: OnceLock<Value>,
}

impl Saved {
    /// A session that has run nothing yet.
    pub(super) fn fresh() -> Arc<Self> {
        Arc::new(Self { cwd: "/".to_owned(), ..Self::default() })
    }

    /// State as the store kept it.
    pub(super) fn stored(cwd: String, json: Value) -> Arc<Self> {
        Arc::new(Self { cwd, state: None, json: OnceLock::from(json) })
    }

    /// State as the engine gave it.
    pub(super) fn from_engine(state: ShellState) -> Arc<Self> {
        Arc::new(Self { cwd: state.cwd.to_string_lossy().into_owned(), state: Some(state), json: OnceLock::new() })
    }

    /// The state in the engine's form; none for a fresh session, or when an older engine's form is not understood.
    pub(super) fn engine_state(&self) -> Option<ShellState> {
        if self.state.is_some() {
            return self.state.clone();
        }
        let json = self.json.get().filter(|json| !json.is_null())?;
        serde_json::from_value(json.clone())
            .inspect_err(
                |error| tracing::warn!(%error, "session state not understood, starting with its directory only"),
            )
            .ok()
    }

    /// The state in the store's form.
    pub(super) fn to_json(&self) -> Value {
        let make = || match &self.state {
            Some(state) => serde_json::to_value(state).unwrap_or(Value::Null),
            None => Value::Null,
        };
        self.json.get_or_init(make).clone()
    }

    /// Whether a later execution could tell `newer` from this.
    pub(super) fn differs(&self, newer: &ShellState) -> bool {
        self.state.as_ref().is_none_or(|older| differ(older, newer))
    }
}

fn differ(a: &ShellState, b: &ShellState) -> bool {
    a.cwd != b.cwd
        || a.env != b.env
        || a.var_attrs != b.var_attrs
        || a.namerefs != b.namerefs
        || a.assoc_arrays != b.assoc_arrays
        || a.aliases != b.aliases
        || a.dir_stack != b.dir_stack
        || maps_differ(&a.variables, &b.variables, VOLATILE)
        || maps_differ(&a.arrays, &b.arrays, VOLATILE_ARRAYS)
        || functions_differ(a, b)
}

fn maps_differ<T: PartialEq>(a: &HashMap<String, T>, b: &HashMap<String, T>, volatile: &[&str]) -> bool {
    let absent = |name: &String, other: &HashMap<String, T>| !other.contains_key(name);
    let kept = |name: &String| !volatile.contains(&name.as_str());
    a.iter().any(|(name, value)| b.get(name) != Some(value) && kept(name))
        || b.keys().any(|name| absent(name, a) && kept(name))
}

fn functions_differ(a: &ShellState, b: &ShellState) -> bool {
    a.functions.len() != b.functions.len()
        || a.functions.iter().any(|(name, old)| match b.functions.get(name) {
            // Without its source a function can only be compared through its tree; that is rare.
            Some(new) if old.source.is_none() || new.source.is_none() => {
                serde_json::to_value(&old.body).ok() != serde_json::to_value(&new.body).ok()
            }
            Some(new) => old.source != new.source,
            None => true,
        })
}
