//! The service of an mswarm node on this machine, which must not run beside ours as the same node. Looked up, never changed.

use std::path::PathBuf;

/// Somebody else's service.
#[derive(Debug, Clone)]
pub struct OtherService {
    /// Its name at its manager.
    pub name: &'static str,
    /// What defines it; none where that is no file.
    pub definition: Option<PathBuf>,
    /// Whether it runs now, as far as its manager says.
    pub is_running: bool,
    /// The command that ends it, for good.
    pub stop: &'static str,
}

/// The mswarm node's service of this user, when there is one.
#[cfg(target_os = "linux")]
pub fn mswarm_service() -> Option<OtherService> {
    const UNIT: &str = "mswarm-self-hosted-node.service";
    let systemd = super::systemd::Systemd::new(super::Scope::User).ok()?;
    let (definition, is_running) = systemd.other(UNIT)?;
    let stop = "systemctl --user disable --now mswarm-self-hosted-node";
    Some(OtherService { name: UNIT, definition: Some(definition), is_running, stop })
}

/// The mswarm node's service of this user, when there is one.
#[cfg(target_os = "macos")]
pub fn mswarm_service() -> Option<OtherService> {
    const LABEL: &str = "com.mcoda.mswarm.self-hosted-node";
    let agents = directories::BaseDirs::new()?.home_dir().join("Library/LaunchAgents");
    let definition = agents.join(format!("{LABEL}.plist"));
    if !definition.exists() {
        return None;
    }
    let target = format!("gui/{}/{LABEL}", rustix::process::getuid().as_raw());
    let ran = super::call::ask(std::process::Command::new("launchctl").args(["print", &target]));
    let is_running = ran.is_ok_and(|ran| ran.status.success() && ran.stdout.contains("state = running"));
    Some(OtherService { name: LABEL, definition: Some(definition), is_running, stop: "mswarm node stop" })
}

/// The mswarm node's service of this user, when there is one.
#[cfg(windows)]
pub fn mswarm_service() -> Option<OtherService> {
    const TASK: &str = "MswarmSelfHostedNode";
    let mut query = std::process::Command::new("schtasks");
    let ran = super::call::ask(query.args(["/Query", "/TN", TASK, "/FO", "CSV", "/V"])).ok()?;
    if !ran.status.success() {
        return None;
    }
    // SCHED_S_TASK_RUNNING as the last result, which no language changes.
    let is_running = ran.stdout.contains("\"267009\"");
    Some(OtherService { name: TASK, definition: None, is_running, stop: "mswarm node stop" })
}

/// The mswarm node's service of this user: there are no services here.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub fn mswarm_service() -> Option<OtherService> {
    None
}
