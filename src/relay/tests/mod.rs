//! The relay against a scripted gateway on a real socket.

mod fake_gateway;
mod faults;
mod happy;
mod leases;
mod mswarm;
mod protocol_1;
mod restart;
mod rules;
mod test_node;

use std::time::{Duration, Instant};

/// Waits for a state, and says which one did not come.
async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within 10 s");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
