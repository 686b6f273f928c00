//! The surface described: the OpenAPI document and a page for people, made from it. The page needs nothing from anywhere.

use crate::wire::v1::openapi;
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A document of this server by its request line: media type and text. They hold nothing of anybody, so they need no token.
pub(super) fn at(method: &str, path: &str) -> Option<(&'static str, &'static str)> {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    static PAGE: OnceLock<String> = OnceLock::new();
    match path {
        _ if method != "GET" => None,
        "/v1/openapi.json" => Some(("application/json", DOCUMENT.get_or_init(|| openapi::document().to_string()))),
        "/v1/docs" => Some(("text/html; charset=utf-8", PAGE.get_or_init(|| page(openapi::document())))),
        _ => None,
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}\
h2{margin-top:2.5rem;border-bottom:1px solid #d0d7de}details{border:1px solid #d0d7de;border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}\
summary{cursor:pointer}code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f6f8fa;padding:.6rem;overflow:auto;border-radius:6px}\
.m{display:inline-block;min-width:4.2rem;font-weight:600}.s{color:#57606a}table{border-collapse:collapse;margin:.5rem 0}\
td,th{border:1px solid #d0d7de;padding:.2rem .6rem;text-align:left;vertical-align:top}nav a{margin-right:1rem}\
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}pre{background:#161b22}\
details,td,th,h2{border-color:#30363d}.s{color:#9198a1}a{color:#79b8ff}}";

fn page(document: &Value) -> String {
    let mut groups: Vec<(&str, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let group = operation["tags"][0].as_str().unwrap_or("server");
            let at = groups.iter().position(|(name, _)| *name == group).unwrap_or_else(|| {
                groups.push((group, String::new()));
                groups.len() - 1
            });
            entry(&mut groups[at].1, path, method, operation, document);
        }
    }
    let mut html = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">",
    );
    let _ = write!(html, "<title>Waypost /v1</title><style>{STYLE}</style><h1>Waypost /v1</h1>");
    let description = document["info"]["description"].as_str().unwrap_or_default();
    let _ = write!(
        html,
        "<p>{}</p><p>For programs: <a href=openapi.json>openapi.json</a> (OpenAPI 3.1).</p><nav>",
        escape(description)
    );
    for (group, _) in &groups {
        let _ = write!(html, "<a href=\"#{group}\">{group}</a>");
    }
    html.push_str("<a href=\"#errors\">errors</a></nav>");
    for (group, entries) in &groups {
        let _ = write!(html, "<h2 id=\"{group}\">{group}</h2>{entries}");
    }
    html.push_str("<h2 id=errors>errors</h2><table><tr><th>code<th>HTTP status</tr>");
    for (code, status) in document["x-error-codes"].as_object().into_iter().flatten() {
        let _ = write!(html, "<tr><td><code>{}</code><td>{status}</tr>", escape(code));
    }
    html.push_str("</table></html>\n");
    html
}

fn entry(html: &mut String, path: &str, method: &str, operation: &Value, document: &Value) {
    let summary = escape(operation["summary"].as_str().unwrap_or_default());
    let _ = write!(
        html,
        "<details><summary><code><span class=m>{}</span> {}</code> <span class=s>{summary}</span></summary>",
        method.to_ascii_uppercase(),
        escape(path)
    );
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: String =
        parameters.iter().map(|parameter| row(&parameter["name"], &parameter["in"], &parameter["schema"])).collect();
    let body = operation.pointer("/requestBody/content/application~1json/schema/properties").and_then(Value::as_object);
    let body: String = body
        .into_iter()
        .flatten()
        .map(|(name, schema)| row(&Value::from(name.as_str()), &"body".into(), schema))
        .collect();
    if !rows.is_empty() || !body.is_empty() {
        let _ = write!(html, "<table><tr><th>name<th>in<th>type<th></tr>{rows}{body}</table>");
    }
    for (status, response) in
        operation["responses"].as_object().into_iter().flatten().filter(|(status, _)| *status != "default")
    {
        for (media, content) in response["content"].as_object().into_iter().flatten() {
            let _ = write!(html, "<p>{status} <code>{}</code></p>", escape(media));
            if let Some(properties) = properties(&content["schema"], document) {
                let fields: String = properties
                    .iter()
                    .map(|(name, schema)| row(&Value::from(name.as_str()), &"answer".into(), schema))
                    .collect();
                let _ = write!(html, "<table><tr><th>name<th>in<th>type<th></tr>{fields}</table>");
            }
        }
    }
    html.push_str("</details>");
}

/// The fields of an answer, or of the members of a list.
fn properties<'a>(schema: &'a Value, document: &'a Value) -> Option<&'a serde_json::Map<String, Value>> {
    let schema = schema.get("items").unwrap_or(schema);
    let target = match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#'))?,
        None => schema,
    };
    target.get("properties")?.as_object()
}

fn row(name: &Value, place: &Value, schema: &Value) -> String {
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    let description = schema["description"].as_str().unwrap_or_default();
    format!(
        "<tr><td><code>{}</code><td>{}<td><code>{}</code><td>{}</tr>",
        text(name),
        text(place),
        escape(&kind(schema)),
        escape(description)
    )
}

/// A schema's type in a few words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(options) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        return options.iter().map(kind).collect::<Vec<_>>().join(" | ");
    }
    match &schema["type"] {
        Value::String(word) if word == "array" => format!("[{}]", kind(&schema["items"])),
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
