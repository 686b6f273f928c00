//! The daemon inside a program of your own: builds it, serves it, runs a script over HTTP and one without.
//!
//! Run it with `cargo run --example embed`; give it a directory to keep the workspace there.

use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use waypost::api::{BuildConfig, build};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data_dir = std::env::args_os().nth(1).map(Into::into);
    let (router, handle) = build(BuildConfig { data_dir, ..BuildConfig::default() }).await?;

    // Any listener will do; merge the router into one of yours if you have one.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(handle.ended()).into_future());
    println!("serving /v1 at {url}");

    // Without HTTP: the same operations under the same names.
    let create = json!({ "id": "demo", "config": { "mounts": { "/data": { "resource": "ram" } } } });
    let created = handle.call("workspaces.create", create.as_object().cloned().unwrap_or_default()).await;
    match created.failure {
        None => println!("created the workspace 'demo'"),
        Some(failure) => println!("not created: {failure}"),
    }

    // Over HTTP, as any client of /v1.
    let loopback = waypost::client::GatewayUrl::parse(&url)?;
    let client = waypost::client::http_client(&loopback, &waypost::client::Network::default())?;
    let answer: Value = client
        .post(format!("{url}/v1/workspaces/demo/execute"))
        .json(&json!({ "command": "date >> /data/log.txt; wc -l < /data/log.txt" }))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    println!("the script printed {} and ended with {}", answer["stdout"], answer["exit_code"]);

    handle.shutdown(Duration::from_secs(5)).await;
    drop(client);
    server.await??;
    Ok(())
}
