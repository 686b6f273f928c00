//! Values as the formats of service definitions want them written, or a refusal that names the value.

#[cfg(target_os = "linux")]
pub(super) mod systemd;
pub(super) mod xml;
