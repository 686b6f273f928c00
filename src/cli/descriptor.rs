//! Workspace descriptors: a YAML or JSON file, or standard input, with `${VAR}` from the caller's environment.
//!
//! Everything is read and filled in here, before any request: a server never sees the caller's environment.

use super::error::{CliError, ExitKind};
use regex::{Captures, Regex};
use serde_json::Value;
use std::collections::BTreeSet;
use std::env;
use std::io::Read;
use std::path::Path;

/// The longest descriptor, bytes: what a server takes as a JSON body.
const LONGEST: u64 = crate::wire::v1::http::MAX_JSON_BYTES as u64;

/// Reads a descriptor; `-` is standard input.
///
/// # Errors
/// Of kind [`ExitKind::Usage`]: it cannot be read, is not a mapping, or names variables that are not set.
pub fn read(file: &Path) -> Result<Value, CliError> {
    let name = if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() };
    let text = text_of(file).map_err(|failed| wrong(format!("cannot read {name}: {failed}")))?;
    if text.len() as u64 > LONGEST {
        return Err(wrong(format!("{name} has more than {LONGEST} bytes, which no server takes")));
    }
    let mut value = parse(&text).map_err(|why| wrong(format!("{name} is not valid: {why}")))?;
    if !value.is_object() {
        return Err(wrong(format!("{name} is not a mapping"))
            .hint("a workspace looks like: {mounts: {/data: {resource: ram}}}"));
    }
    fill_in(&mut value, &|variable| env::var(variable).ok())
        .map_err(|error| error.hint(format!("set what {name} names as ${{…}}, or write the values out")))?;
    Ok(value)
}

fn wrong(message: String) -> CliError {
    CliError::new(ExitKind::Usage, message)
}

fn text_of(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(LONGEST + 1).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// JSON when it begins as JSON does, YAML otherwise. A YAML mapping may begin with a brace too.
///
/// # Errors
/// What is wrong and where, without the text itself: it may hold secrets.
pub fn parse(text: &str) -> Result<Value, String> {
    let json = text.trim_start().starts_with('{').then(|| serde_json::from_str(text));
    if let Some(Ok(value)) = json {
        return Ok(value);
    }
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { with_snippet: false }).map_err(
        |error| match json {
            Some(Err(error)) => error.to_string(),
            _ => match error.location() {
                Some(at) if !error.to_string().contains("line ") => {
                    format!("{error} at line {} column {}", at.line(), at.column())
                }
                _ => error.to_string(),
            },
        },
    )
}

/// Puts values in the place of `${NAME}` in every text, at any depth. Keys, numbers and what was put in are left alone.
fn fill_in(value: &mut Value, lookup: &dyn Fn(&str) -> Option<String>) -> Result<(), CliError> {
    let pattern = Regex::new(r"\$\{([A-Z_][A-Z0-9_]*)\}").map_err(|failed| wrong(failed.to_string()))?;
    let mut missing = BTreeSet::new();
    fill_in_each(value, &pattern, lookup, &mut missing);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.into_iter().collect();
    Err(wrong(format!("missing environment variables: {}", names.join(", "))))
}

fn fill_in_each(
    value: &mut Value,
    pattern: &Regex,
    lookup: &dyn Fn(&str) -> Option<String>,
    missing: &mut BTreeSet<String>,
) {
    match value {
        Value::String(text) if text.contains("${") => {
            let filled = pattern.replace_all(text, |found: &Captures<'_>| {
                lookup(&found[1]).unwrap_or_else(|| {
                    missing.insert(found[1].to_owned());
                    String::new()
                })
            });
            *text = filled.into_owned();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in_each(item, pattern, lookup, missing)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill_in_each(field, pattern, lookup, missing)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_filled_in_once_in_texts_only() {
        let lookup = |name: &str| match name {
            "A" => Some("${B}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let mut value = json!({"${A}": ["x${A}y${EMPTY}", 1, {"deep": "$A ${a} ${A:-x} ${A}${A}"}]});
        fill_in(&mut value, &lookup).unwrap();
        assert_eq!(value, json!({"${A}": ["x${B}y", 1, {"deep": "$A ${a} ${A:-x} ${B}${B}"}]}));
        let mut value = json!({"a": "${NOPE} ${ALSO}", "b": ["${NOPE}"]});
        let error = fill_in(&mut value, &lookup).unwrap_err();
        assert_eq!(error.to_string(), "missing environment variables: ALSO, NOPE");
    }

    #[test]
    fn yaml_and_json_are_told_apart_by_their_content() {
        let expected = json!({"mounts": {"/data": {"resource": "ram"}}, "mode": "write"});
        for text in [
            "mounts:\n  /data:\n    resource: ram\nmode: write\n",
            r#"{"mounts": {"/data": {"resource": "ram"}}, "mode": "write"}"#,
            "{mounts: {/data: {resource: ram}}, mode: write}",
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_its_text() {
        for (text, place) in [
            ("mounts:\n  /data: [ram\nsecret: hunter2\n", "line 3"),
            ("a: 1\na: hunter2\n", "line 2"),
            ("{\"a\": \"hunter2\"", "line 1"),
            ("a: *nothing\nb: hunter2", "line 1"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(place) && why.contains("column") && !why.contains("hunter2"), "{text:?}: {why}");
        }
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (one, next) in "abcdefgh".chars().zip("bcdefghi".chars()) {
            let all = vec![format!("*{one}"); 10].join(", ");
            text.push_str(&format!("{next}: &{next} [{all}]\n"));
        }
        assert!(parse(&text).is_err());
    }
}
