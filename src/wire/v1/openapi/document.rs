//! Puts the document together.

use super::summaries::{group, summary};
use super::types::{Shapes, shapes};
use crate::wire::v1::{AnswerKind, BodyKind, ErrorCode, Method, OPERATIONS, Operation, Problem};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Parameters that stand in the query also of an operation whose other parameters are a JSON body: the reference's newest
/// clients send them there.
const IN_QUERY: &[&str] = &["background", "stream", "explain", "session_id"];

/// The document, made once.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(build)
}

fn build() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let problem = reference(&mut schemas);
    let mut paths = Map::new();
    let mut ids = BTreeSet::new();
    for operation in OPERATIONS {
        let described = describe(operation, &mut schemas, &mut ids);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = described;
    }
    let codes: Map<String, Value> =
        ErrorCode::ALL.iter().map(|code| (code.as_str().to_owned(), json!(code.status()))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Waypost /v1",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0 OR MIT" },
            "description": "Workspaces: virtual filesystems with a virtual bash. Field names may be spelled in snake_case or \
                            camelCase in bodies and queries, and answers carry both where clients differ. A null is the same \
                            as an absent field. Every error is application/problem+json; `code` is for programs.",
        },
        "servers": [{ "url": "http://127.0.0.1:8765", "description": "a node or a daemon on this machine" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": { "Problem": {
                "description": "what is wrong, and the way out",
                "content": { "application/problem+json": { "schema": problem } },
            } },
            "schemas": schemas.take_definitions(true),
        },
        "x-error-codes": codes,
    })
}

fn reference(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<Problem>().to_value()
}

fn describe(operation: &Operation, schemas: &mut SchemaGenerator, ids: &mut BTreeSet<String>) -> Value {
    let Shapes { params, answer } = shapes(operation.name, schemas);
    let (summary, id) = (summary(operation.name), unique(operation.name, ids));
    let mut described = json!({ "operationId": id, "tags": [group(operation.name)], "summary": summary });
    if operation.name == "health" {
        described["security"] = json!([]);
    }
    let params = params.map(|schema| resolved(schema, schemas)).unwrap_or_default();
    let in_path: Vec<&str> =
        operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    let in_body = !matches!(operation.body, BodyKind::None);
    let mut parameters: Vec<Value> = in_path
        .iter()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    for (name, schema) in params.iter().filter(|(name, _)| !in_path.contains(&name.as_str())) {
        if !in_body || IN_QUERY.contains(&name.as_str()) {
            parameters.push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
        }
    }
    for name in beside(operation.name) {
        parameters.push(
            json!({ "name": name, "in": "query", "required": false, "schema": { "type": ["string", "boolean"] } }),
        );
    }
    if !parameters.is_empty() {
        described["parameters"] = Value::Array(parameters);
    }
    if in_body {
        described["requestBody"] = request_body(operation, &params, &in_path);
    }
    described["responses"] = responses(operation, answer);
    described
}

/// Query parameters that are not among an operation's own.
fn beside(operation: &str) -> &'static [&'static str] {
    match operation.split_once('.') {
        Some(("vfs", _)) => &["session_id", "explain"],
        Some(("tools", _)) | Some((_, "glob")) => &["session_id"],
        _ => &[],
    }
}

/// One operation may have several routes, but an id is for one.
fn unique(name: &str, ids: &mut BTreeSet<String>) -> String {
    let mut id = name.to_owned();
    while !ids.insert(id.clone()) {
        id.push_str("_alias");
    }
    id
}

/// A parameter type's properties by name.
fn resolved(schema: Value, schemas: &SchemaGenerator) -> Map<String, Value> {
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.rsplit('/').next())
        .and_then(|name| schemas.definitions().get(name));
    let properties = target.unwrap_or(&schema).get("properties").and_then(Value::as_object);
    properties.cloned().unwrap_or_default()
}

fn request_body(operation: &Operation, params: &Map<String, Value>, in_path: &[&str]) -> Value {
    let properties: Map<String, Value> = params
        .iter()
        .filter(|(name, _)| !in_path.contains(&name.as_str()))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let object = json!({ "type": "object", "properties": properties });
    let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
    let content = match operation.body {
        BodyKind::None | BodyKind::Json => json!({ "application/json": { "schema": object } }),
        BodyKind::JsonWithStdin => json!({
            "application/json": { "schema": object },
            "multipart/form-data": { "schema": { "type": "object", "required": ["request"],
                "properties": { "request": object, "stdin": file } } },
        }),
        BodyKind::Archive => json!({
            "application/x-tar": { "schema": file },
            "multipart/form-data": { "schema": { "type": "object", "properties": {
                "tar": file, "id": { "type": "string" }, "override": { "type": "string" },
                "request": object, "snapshot": file } } },
            "application/json": { "schema": object },
        }),
    };
    json!({ "content": content })
}

fn responses(operation: &Operation, answer: Option<Value>) -> Value {
    let json = |schema: Option<Value>| json!({ "application/json": { "schema": schema.unwrap_or_else(|| json!({})) } });
    let bytes = |media: &str| json!({ media: { "schema": { "type": "string", "contentMediaType": media } } });
    let (status, content) = match operation.answer {
        AnswerKind::Json(status) => (status, json(answer)),
        AnswerKind::Archive => (200, bytes("application/x-tar")),
        AnswerKind::Bytes => (200, bytes("application/octet-stream")),
    };
    let mut responses = Map::new();
    responses.insert(status.to_string(), json!({ "description": "done", "content": content }));
    if operation.method == Method::Post && matches!(operation.name, "workspaces.execute" | "workspaces.shell") {
        responses.insert(
            "202".to_owned(),
            json!({ "description": "accepted as a background job",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Accepted" } } } }),
        );
    }
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    Value::Object(responses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_reference_leads_somewhere() {
        let document = document();
        for operation in OPERATIONS {
            let described = &document["paths"][operation.path][operation.method.as_str().to_ascii_lowercase()];
            assert!(described["summary"].as_str().is_some_and(|text| text.len() > 10), "{}", operation.name);
            assert!(described["responses"].as_object().is_some_and(|all| all.len() >= 2), "{}", operation.name);
        }
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
        }
    }
}
