//! Remote mounts against a real S3 server: `rclone serve s3`, started here. `WAYPOST_RCLONE` names its binary; `.ci/run`
//! installs one.

mod conformance;
mod server;
