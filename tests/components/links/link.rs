//! The wire between a gateway and a node, and everything that can happen to it.

use super::namespace::{Namespace, run};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};

/// The interface's name at both ends.
const WIRE: &str = "wire0";
/// The gateway's address.
pub const GATEWAY: &str = "10.77.0.1";
const NODE: &str = "10.77.0.2";

/// Two namespaces and a wire. At the node's end nothing is let in but answers.
pub struct Link {
    pub gateway: Namespace,
    pub node: Namespace,
}

impl Link {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("wpl{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let (gateway, node) = (Namespace::new(format!("{name}g")), Namespace::new(format!("{name}n")));
        run(
            "ip",
            &["link", "add", WIRE, "netns", &gateway.name, "type", "veth", "peer", "name", WIRE, "netns", &node.name],
        );
        for (end, address) in [(&gateway, GATEWAY), (&node, NODE)] {
            run("ip", &["-n", &end.name, "address", "add", &format!("{address}/24"), "dev", WIRE]);
            run("ip", &["-n", &end.name, "link", "set", WIRE, "up"]);
        }
        node.filter(
            "fence",
            "chain input {\ntype filter hook input priority 0; policy drop;\niif lo accept\nct state established,related accept\n}",
        );
        Self { gateway, node }
    }

    /// Pulls the wire: both ends see that it is gone.
    pub fn cut(&self) {
        run("ip", &["-n", &self.gateway.name, "link", "set", WIRE, "down"]);
    }

    /// Plugs it in again.
    pub fn restore(&self) {
        run("ip", &["-n", &self.gateway.name, "link", "set", WIRE, "up"]);
    }

    /// Everything that arrives at either end is dropped; nobody is told.
    pub fn blackhole(&self) {
        let rules = format!("chain input {{\ntype filter hook prerouting priority -300;\niifname {WIRE} drop\n}}");
        for end in [&self.gateway, &self.node] {
            end.filter("hole", &rules);
        }
    }

    /// Packets arrive again.
    pub fn unblackhole(&self) {
        for end in [&self.gateway, &self.node] {
            end.filter("hole", "");
        }
    }

    /// So many bytes per second each way from now on.
    pub fn rate(&self, bytes_per_s: u64) {
        let (rate, burst) = (format!("{bytes_per_s}bps"), (bytes_per_s / 50).max(64 << 10).to_string());
        for end in [&self.gateway, &self.node] {
            let shaped = ["-n", &end.name, "qdisc", "replace", "dev", WIRE, "root", "tbf"];
            run("tc", &[&shaped[..], &["rate", &rate, "burst", &burst, "latency", "100ms"]].concat());
        }
    }

    /// Every connection ends with an RST that both ends see.
    pub fn reset(&self) {
        run("ip", &["netns", "exec", &self.node.name, "ss", "-K", "-t", "dst", GATEWAY]);
    }

    /// Bytes that the wire has carried so far: to the node, from the node.
    pub fn carried(&self) -> (u64, u64) {
        let text = run("ip", &["-n", &self.node.name, "-s", "-j", "link", "show", "dev", WIRE]);
        let seen: Value = serde_json::from_str(&text).expect("JSON");
        let bytes = |way: &str| seen[0]["stats64"][way]["bytes"].as_u64().expect("a counter");
        (bytes("rx"), bytes("tx"))
    }
}

#[test]
fn the_node_can_dial_out_and_nobody_can_dial_in() {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;
    let link = Link::new();
    let listens = |end: &Namespace, address: &str| end.within(|| TcpListener::bind((address, 0)).expect("a port"));
    let dials = |end: &Namespace, listener: &TcpListener| {
        let address = listener.local_addr().expect("an address");
        end.within(|| TcpStream::connect_timeout(&address, Duration::from_millis(500))).is_ok()
    };
    let (at_gateway, at_node) = (listens(&link.gateway, GATEWAY), listens(&link.node, NODE));
    assert!(dials(&link.node, &at_gateway));
    assert!(!dials(&link.gateway, &at_node));
    link.blackhole();
    assert!(!dials(&link.node, &at_gateway));
    link.unblackhole();
    assert!(dials(&link.node, &at_gateway));
    link.cut();
    assert!(!dials(&link.node, &at_gateway));
    link.restore();
    assert!(dials(&link.node, &at_gateway));
}
