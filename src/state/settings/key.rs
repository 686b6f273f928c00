//! The table of settings: their names in the file and in the environment, what they hold, and what stands in for them.

use super::value::Kind;

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its name below `[daemon]`.
    pub name: &'static str,
    /// Variables that win over the file, the first that is set and not blank. Those of Mirage and MAFS come last.
    pub env: &'static [&'static str],
    /// What stands in for it, in its text form; none means that it is off or not needed.
    pub default: Option<&'static str>,
    pub(super) kind: Kind,
}

/// Every setting.
pub static KEYS: &[Key] = &[
    key("url", Kind::Url, &["WAYPOST_URL", "MIRAGE_DAEMON_URL"], None),
    // Read by nobody, as in the reference; a file that has it is not wrong.
    key("socket", Kind::Text, &[], None),
    key("auth_token", Kind::Secret, &["WAYPOST_AUTH_TOKEN", "MIRAGE_AUTH_TOKEN"], None),
    key("idle_grace_seconds", Kind::Seconds, &["WAYPOST_IDLE_GRACE_SECONDS", "MIRAGE_IDLE_GRACE_SECONDS"], Some("30")),
    key("persist_dir", Kind::Path, &["WAYPOST_PERSIST_DIR", "MIRAGE_PERSIST_DIR", "MAFS_PERSIST_DIR"], None),
    key("version_root", Kind::Path, &["WAYPOST_VERSION_ROOT", "MIRAGE_VERSION_ROOT"], None),
    key("port", Kind::Port, &["WAYPOST_DAEMON_PORT", "MIRAGE_DAEMON_PORT", "MAFS_DAEMON_PORT"], Some("8765")),
    key(
        "allowed_hosts",
        Kind::List,
        &["WAYPOST_ALLOWED_HOSTS", "MIRAGE_ALLOWED_HOSTS", "MAFS_ALLOWED_HOSTS"],
        Some("127.0.0.1,localhost,::1"),
    ),
    key(
        "auth_mode",
        Kind::OneOf(&["local", "token", "jwt"]),
        &["WAYPOST_AUTH_MODE", "MIRAGE_AUTH_MODE"],
        Some("local"),
    ),
    key("jwt_pubkey", Kind::Secret, &["WAYPOST_JWT_PUBKEY", "MIRAGE_JWT_PUBKEY"], None),
    key("jwt_pubkey_file", Kind::Path, &["WAYPOST_JWT_PUBKEY_FILE", "MIRAGE_JWT_PUBKEY_FILE"], None),
    key("jwt_alg", Kind::Text, &["WAYPOST_JWT_ALG", "MIRAGE_JWT_ALG"], None),
    key("jwt_issuer", Kind::Text, &["WAYPOST_JWT_ISSUER", "MIRAGE_JWT_ISSUER"], None),
    key("jwt_audience", Kind::Text, &["WAYPOST_JWT_AUDIENCE", "MIRAGE_JWT_AUDIENCE"], None),
    key(
        "jwt_authorized_parties",
        Kind::List,
        &["WAYPOST_JWT_AUTHORIZED_PARTIES", "MIRAGE_JWT_AUTHORIZED_PARTIES"],
        None,
    ),
    key(
        "jwt_clock_skew",
        Kind::Seconds,
        &["WAYPOST_JWT_CLOCK_SKEW_SECONDS", "MIRAGE_JWT_CLOCK_SKEW_SECONDS"],
        Some("5"),
    ),
];

const fn key(name: &'static str, kind: Kind, env: &'static [&'static str], default: Option<&'static str>) -> Key {
    Key { name, env, default, kind }
}

impl Key {
    /// The setting of that name, written with or without its table: `port`, `daemon.port`.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.strip_prefix("daemon.").unwrap_or(name);
        KEYS.iter().find(|key| key.name == name)
    }

    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }
}
