//! `waypost node install` and what comes after, in a booted systemd: PID 1, logind, journald, user managers. The node is in
//! the box, its gateway outside, in the box's network.
//!
//! Needs root, and the roots that `tests/boxes/roots.sh` builds: `WAYPOST_ROOTS` says where they are (target/ci/roots).
//! `WAYPOST_ROOT` keeps a run to one of them, e.g. `trixie-polkitd`.

mod again;
mod failures;
mod gateway;
mod life;
mod machine;
mod odd;
mod package;
mod person;
mod secrets;
mod system;
mod token;

#[path = "../../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "this target uses a part of it")]
mod support;

/// Waits, looking at the state; the state seen last is in the failure.
pub fn until<T>(what: &str, probe: impl FnMut() -> Result<T, String>) -> T {
    until_within(std::time::Duration::from_secs(90), what, probe)
}

/// [`until`] with a limit of its own.
pub fn until_within<T>(limit: std::time::Duration, what: &str, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let begun = std::time::Instant::now();
    loop {
        match probe() {
            Ok(value) => return value,
            Err(state) if begun.elapsed() > limit => panic!("waited {limit:?} until {what}; last seen: {state}"),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(100)),
        }
    }
}
