//! The filesystem that a bucket is, held to what all do alike.

use crate::server::S3Server;
use serde_json::json;
use waypost::workspace::mount::{Filesystem, Kind};

#[path = "../../../src/workspace/mount/conformance.rs"]
mod suite;

#[test]
fn a_bucket_conforms_however_it_is_cached() {
    for read in ["fresh", "bounded", "pinned"] {
        let server = S3Server::start();
        let mut block = server.block();
        block["read"] = json!(read);
        let bucket = server.filesystem(&block, 1000);
        suite::conforms(&*bucket, suite::Keeps { modes: false, times: false, links: false });
    }
}
