//! A sealed environment for tests that drive the real binary: own home, own environment, own ports.

mod env;
mod process;
mod roles;

pub use env::TestEnv;
pub use process::Process;
pub use roles::{Gateway, Node};

use std::time::{Duration, Instant};

/// Polls `probe` until it gives a value; on time-out panics with the last state it reported.
pub async fn wait_until<T>(what: &str, limit: Duration, mut probe: impl AsyncFnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match probe().await {
            Ok(value) => return value,
            Err(state) if begun.elapsed() > limit => panic!("waited {limit:?} until {what}; last seen: {state}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// An HTTP client for tests.
pub fn http() -> reqwest::Client {
    let loopback = waypost::client::GatewayUrl::parse("http://127.0.0.1").expect("a URL");
    waypost::client::http_client(&loopback, &waypost::client::Network::default()).expect("an HTTP client")
}
