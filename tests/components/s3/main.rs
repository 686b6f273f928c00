//! Remote mounts against a real S3 server: `rclone serve s3`, started here. `WAYPOST_RCLONE` names its binary; `.ci/run`
//! installs one.

mod cached;
mod conformance;
mod credentials;
mod file_work;
mod interrupted;
mod large;
mod node;
mod secrets;
mod server;

#[allow(dead_code, unused_imports)] // other tests use the rest of it
#[path = "../../it/support/mod.rs"]
mod support;
