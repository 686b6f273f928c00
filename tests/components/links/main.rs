//! The relayed door over links that fail: a gateway and a node in network namespaces of their own, joined by a wire, where the
//! node can only dial out.
//!
//! Needs root, `ip`, `ss`, `tc` (iproute2) and `nft` (nftables). Each test has its own wire, so they run side by side:
//! `cargo test --test links -- --test-threads=8`. The reference's clients are found as in the target `clients`; tests of
//! transfers move `WAYPOST_LINK_MB` (200) megabytes each way. What both programs said in a test that failed is in
//! `target/tmp/link-*.txt`, as much as `WAYPOST_LINK_LOG` (info) asks for.

mod archive;
mod clients;
mod faults;
mod link;
mod namespace;
mod rig;
mod tally;
mod transfers;
mod verdict;

#[path = "../../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "this target uses a part of it")]
mod support;

#[path = "../../clients/mod.rs"]
#[allow(dead_code, reason = "this target uses a part of it")]
mod reference;
