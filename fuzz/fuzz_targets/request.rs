//! Requests, from their head to the operation's own look at its parameters.
//!
//! The input is `METHOD PATH[?QUERY]`, a line with the content type, and the body.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::cell::RefCell;
use tokio::runtime::Runtime;
use waypost::jobs::{Engine, EngineOptions, RunContext};
use waypost::wire::v1::http::{decode, route};
use waypost::wire::v1::{OperationRequest, Problem};
use waypost::workspace::snapshot::LoadLimits;
use waypost::workspace::{Options, Workspaces};

/// Requests that one engine gets: what they make in it is bounded then.
const TURNS: usize = 200;

thread_local! {
    static RUNTIME: Runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    static ENGINE: RefCell<Option<(Engine, usize)>> = const { RefCell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let mut text = || lines.next().and_then(|line| std::str::from_utf8(line).ok());
    let (Some(head), Some(media)) = (text(), text()) else { return };
    let body = Bytes::copy_from_slice(lines.next().unwrap_or_default());
    let Some((method, target)) = head.split_once(' ') else { return };
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let Ok(routed) = route(method, path) else { return };
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let media = (!media.is_empty()).then_some(media);
            let Ok(mut request) = decode(routed, query, media, body).await else { return };
            if runs_scripts(&request) {
                // Its parameters are looked at, and then there is no such workspace.
                request.params.insert("id".to_owned(), "nobody".into());
            }
            let outcome = engine().await.run(request, RunContext::default()).await;
            if let Some(failure) = outcome.failure {
                let message = Problem::new(&failure, "request").detail;
                assert!(failure.code.status() != 500, "{message}");
                assert!(!message.contains(|letter: char| letter.is_control()), "{message:?}");
            }
        });
    });
});

fn runs_scripts(request: &OperationRequest) -> bool {
    matches!(request.operation.as_str(), "workspaces.execute" | "workspaces.shell" | "tools.shell")
}

/// An engine with the workspace `w`.
async fn engine() -> Engine {
    let left = ENGINE.with(|engine| {
        engine.borrow_mut().as_mut().and_then(|(engine, turns)| {
            *turns = turns.checked_sub(1)?;
            Some(engine.clone())
        })
    });
    if let Some(engine) = left {
        return engine;
    }
    let limits = Options { max_workspace_bytes: 1 << 20, max_file_bytes: 1 << 18, ..Options::default() };
    let workspaces = Workspaces::open(None, limits).await.unwrap();
    let load_limits = LoadLimits { max_bytes: 1 << 18, max_entries: 100, ..LoadLimits::default() };
    let engine = Engine::open(EngineOptions { load_limits, ..EngineOptions::new(workspaces) }).await.unwrap();
    let config = json!({"id": "w", "config": {"mounts": {"/data": {"resource": "ram"}}}});
    let serde_json::Value::Object(params) = config else { unreachable!() };
    let create = OperationRequest { operation: "workspaces.create".to_owned(), params, body: Bytes::new() };
    assert!(engine.run(create, RunContext::default()).await.failure.is_none());
    ENGINE.with(|kept| *kept.borrow_mut() = Some((engine.clone(), TURNS)));
    engine
}
