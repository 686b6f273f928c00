//! Remote mounts against real S3 servers, started here: `rclone serve s3` (`WAYPOST_RCLONE` names its binary), which keeps
//! what it has on disk and checks keys, and `moto_server` (`WAYPOST_MOTO`), which has all of S3's semantics. `.ci/run`
//! installs both.

mod cached;
mod conformance;
mod credentials;
mod file_work;
mod interrupted;
mod large;
mod node;
mod proxy;
mod secrets;
mod server;

#[allow(dead_code, unused_imports)] // other tests use the rest of it
#[path = "../../it/support/mod.rs"]
mod support;
