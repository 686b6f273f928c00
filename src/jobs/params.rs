//! An operation's parameters from their JSON form, with errors that name the parameter.

use crate::wire::v1::{ErrorCode, Failure};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// The parameters as their type. A null is the same as an absent parameter.
pub(super) fn parse<T: DeserializeOwned>(mut params: Map<String, Value>) -> Result<T, Failure> {
    params.retain(|_, value| !value.is_null());
    let wrong = match T::deserialize(&params) {
        Ok(params) => return Ok(params),
        Err(error) => error.to_string(),
    };
    let message = match culprit::<T>(&params, &wrong) {
        Some(name) => format!("{name}: {wrong}"),
        None => wrong,
    };
    Err(Failure::new(ErrorCode::InvalidRequest, message))
}

/// The parameter at fault. JSON errors do not name it, but without it the error is another one.
pub(super) fn culprit<T: DeserializeOwned>(params: &Map<String, Value>, wrong: &str) -> Option<String> {
    if wrong.starts_with("missing field") || wrong.starts_with("unknown field") {
        return None; // these name it themselves
    }
    params
        .keys()
        .find(|name| {
            let mut others = params.clone();
            others.shift_remove(*name);
            T::deserialize(&others).map_or_else(|error| error.to_string(), |_| String::new()) != wrong
        })
        .cloned()
}

/// Seconds as a duration.
pub(super) fn seconds(name: &str, value: f64) -> Result<Duration, Failure> {
    Duration::try_from_secs_f64(value).map_err(|wrong| {
        Failure::new(ErrorCode::InvalidRequest, format!("{name}: {value} is not a number of seconds: {wrong}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::v1::{CreateParams, ExecuteParams};
    use serde_json::json;

    fn wrong<T: DeserializeOwned>(params: Value) -> String {
        let Value::Object(params) = params else { panic!("not an object") };
        parse::<T>(params).map(|_| ()).unwrap_err().message
    }

    #[test]
    fn errors_name_the_parameter() {
        assert_eq!(wrong::<ExecuteParams>(json!({"id": "w"})), "missing field `command`");
        assert_eq!(wrong::<ExecuteParams>(json!({"id": "w", "command": null})), "missing field `command`");
        let message = wrong::<ExecuteParams>(json!({"id": "w", "cwd": "/", "command": 5}));
        assert!(message.starts_with("command: "), "{message}");
        let message = wrong::<ExecuteParams>(json!({"id": "w", "command": "", "env": {"A": 1}}));
        assert!(message.starts_with("env: "), "{message}");
        assert!(wrong::<CreateParams>(json!({"config": {}, "idd": "x"})).contains("`idd`"));
    }

    #[test]
    fn seconds_are_finite_and_not_negative() {
        assert_eq!(seconds("timeout_s", 0.5).unwrap(), Duration::from_millis(500));
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(seconds("timeout_s", bad).unwrap_err().message.starts_with("timeout_s"));
        }
    }
}
