//! Collects what is wrong, and looks at the parts of a document one way.

use crate::wire::node::generic::ValidationIssue;
use serde_json::{Map, Value};

/// More are not told.
const MAX: usize = 100;
/// The longest value that is told, bytes of JSON.
const MAX_VALUE: usize = 200;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Issues(Vec<ValidationIssue>);

impl Issues {
    pub(super) fn add(&mut self, code: &str, path: &str, message: impl Into<String>, value: Option<&Value>) {
        if self.0.len() < MAX {
            let value = value.filter(|value| value.to_string().len() <= MAX_VALUE).cloned();
            let issue =
                ValidationIssue { code: code.to_owned(), path: path.to_owned(), message: message.into(), value };
            self.0.push(issue);
        }
    }

    pub(super) fn into_vec(self) -> Vec<ValidationIssue> {
        self.0
    }

    /// The object at `key`; nothing there is an empty one.
    pub(super) fn object<'a>(
        &mut self,
        code: &str,
        at: &str,
        value: Option<&'a Value>,
    ) -> Option<&'a Map<String, Value>> {
        match value {
            None => None,
            Some(Value::Object(object)) => Some(object),
            Some(other) => {
                self.add(code, at, "must be an object", Some(other));
                None
            }
        }
    }

    /// Keys that an object may not have.
    pub(super) fn unknown(&mut self, at: &str, object: &Map<String, Value>, known: &[&str]) {
        for (key, value) in object.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            self.add("unknown_field", &join(at, key), format!("there is no field '{key}' here"), Some(value));
        }
    }

    /// A text that is not blank.
    pub(super) fn text(&mut self, code: &str, at: &str, object: &Map<String, Value>, key: &str) -> Option<String> {
        match object.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Some(other) => {
                self.add(code, &join(at, key), "must be a text that is not empty", Some(other));
                None
            }
        }
    }

    /// A whole number above 0.
    pub(super) fn positive(&mut self, code: &str, at: &str, object: &Map<String, Value>, key: &str) -> Option<u64> {
        match object.get(key) {
            None | Some(Value::Null) => None,
            Some(value) => value.as_u64().filter(|number| *number > 0).or_else(|| {
                self.add(code, &join(at, key), "must be a whole number above 0", Some(value));
                None
            }),
        }
    }

    /// A number above 0.
    pub(super) fn amount(&mut self, code: &str, at: &str, object: &Map<String, Value>, key: &str) {
        if let Some(value) = object.get(key).filter(|value| !value.is_null())
            && !value.as_f64().is_some_and(|number| number > 0.0 && number.is_finite())
        {
            self.add(code, &join(at, key), "must be a number above 0", Some(value));
        }
    }

    /// A truth value.
    pub(super) fn flag(&mut self, code: &str, at: &str, object: &Map<String, Value>, key: &str) -> Option<bool> {
        match object.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                self.add(code, &join(at, key), "must be true or false", Some(other));
                None
            }
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, code: &str, at: &str, object: &Map<String, Value>, key: &str) {
        if let Some(value) = object.get(key).filter(|value| !value.is_null()) {
            let good = value
                .as_array()
                .is_some_and(|list| list.iter().all(|item| item.as_str().is_some_and(|text| !text.trim().is_empty())));
            if !good {
                self.add(code, &join(at, key), "must be a list of texts", Some(value));
            }
        }
    }
}

/// `a.b`, or `b` at the top.
pub(super) fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}
