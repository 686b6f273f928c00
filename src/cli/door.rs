//! Which door a caller's command goes to.

use super::args::Global;
use super::commands::daemon::background;
use super::error::{CliError, ExitKind};
use super::settings;
use crate::base::{Pin, Secret};
use crate::client::{Door, DoorError, GatewayUrl};
use crate::daemon::{Running, is_alive, spawn};
use crate::state::{Home, Settings, StateError};
use clap::Args;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long a daemon that a command started at least waits for that command's workspace, however short its idle grace.
const FIRST_GRACE: Duration = Duration::from_secs(30);

/// Options of every command that calls a door.
#[derive(Debug, Clone, Args)]
pub struct DoorArgs {
    /// A gateway, or a node's own address [default: what runs from this home]
    #[arg(long, value_name = "URL", env = "WAYPOST_URL")]
    pub url: Option<String>,
    /// The key or token for it; better in the environment, where other users cannot read it
    #[arg(long, value_name = "TOKEN", env = "WAYPOST_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// The fingerprint by which the door's certificate is known, `sha256:…`, when no authority vouches for it
    #[arg(long, value_name = "FINGERPRINT", env = "WAYPOST_PIN")]
    pub pin: Option<Pin>,
}

impl DoorArgs {
    /// The door: as given, or what runs from this home. `MIRAGE_DAEMON_URL` and `MIRAGE_TOKEN` stand in for the options, then
    /// the settings `url` and `auth_token`.
    pub fn open(&self, global: &Global) -> Result<Door, CliError> {
        let wanted = Wanted::of(self, global)?;
        let url = match wanted.url()? {
            Some(url) => url,
            None => return Err(wanted.nothing_runs()),
        };
        wanted.door(&url)
    }

    /// The same, but when nothing answers on this machine, a daemon is started in the background first: for commands that make
    /// something from nothing.
    pub async fn open_or_spawn(&self, global: &Global) -> Result<Door, CliError> {
        let wanted = Wanted::of(self, global)?;
        let url = wanted.url()?;
        if let Some(url) = &url
            && (is_alive(url).await || !wanted.may_spawn_at(url))
        {
            return wanted.door(url);
        }
        let grace = wanted.settings.duration("idle_grace_seconds").unwrap_or_default().max(FIRST_GRACE);
        let mut arguments: Vec<OsString> = vec!["--first-grace".into(), grace.as_secs_f64().to_string().into()];
        if let Some(url) = &url {
            arguments.extend(["--listen".into(), listen_at(url)?.to_string().into()]);
        }
        let spawned = spawn(&wanted.home, background(&wanted.home, global, arguments)).await?;
        wanted.door(&spawned.running.url)
    }
}

/// What a command wants to talk to.
struct Wanted {
    home: Home,
    settings: Settings,
    given: Option<String>,
    token: Option<Secret>,
    running: Option<Running>,
    pin: Option<Pin>,
}

impl Wanted {
    fn of(args: &DoorArgs, global: &Global) -> Result<Self, CliError> {
        let (home, settings) = settings::load(global)?;
        let given = args.url.clone().filter(|url| !url.trim().is_empty());
        let given = given.or_else(|| settings.text("url").map(str::to_owned));
        let theirs = || std::env::var("MIRAGE_TOKEN").ok();
        let token = args.token.clone().filter(|token| !token.trim().is_empty()).or_else(theirs);
        let token = token.map(Secret::new).filter(|token| !token.is_empty()).or_else(|| settings.secret("auth_token"));
        if token.as_ref().is_some_and(|token| !token.is_one_word()) {
            return Err(CliError::new(ExitKind::Usage, "the token has characters that no token has")
                .hint("look for spaces and line breaks in WAYPOST_TOKEN or --token"));
        }
        let running = Running::of(&home)?;
        Ok(Self { home, settings, given, token, running, pin: args.pin.clone() })
    }

    /// Where to go; none when nothing was named and nothing runs.
    fn url(&self) -> Result<Option<String>, CliError> {
        let url = self.given.clone().or_else(|| self.running.as_ref().map(|running| running.url.clone()));
        if let Some(url) = &url {
            GatewayUrl::parse(url).map_err(DoorError::from)?;
        }
        Ok(url)
    }

    /// A door with the token that was given, or with this home's own when it is this home's.
    fn door(&self, url: &str) -> Result<Door, CliError> {
        let token = match &self.token {
            Some(token) => Some(token.clone()),
            None if self.is_ours(url)? => self.home.api_token()?,
            None => None,
        };
        // A pin is for TLS: what runs on this machine is spoken to without.
        let pin = self.pin.as_ref().filter(|_| GatewayUrl::parse(url).is_ok_and(|url| !url.is_plain()));
        Door::open_pinned(url, token, pin).map_err(CliError::from)
    }

    /// Whether what serves there runs from this home: nobody else gets its token.
    fn is_ours(&self, url: &str) -> Result<bool, CliError> {
        let running = Running::of(&self.home)?;
        Ok(running.is_some_and(|running| match (listen_at(&running.url), listen_at(url)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }))
    }

    /// Only for this machine, and not beside what runs from this home already.
    fn may_spawn_at(&self, url: &str) -> bool {
        self.running.is_none() && GatewayUrl::parse(url).is_ok_and(|url| url.is_plain()) && listen_at(url).is_ok()
    }

    fn nothing_runs(&self) -> CliError {
        let port = self.settings.port();
        CliError::new(ExitKind::NotRunning, format!("nothing serves /v1 from {}", self.home.root().display()))
            .hint(format!(
                "start a daemon at port {port} with `waypost daemon start`, or a node with `waypost node run`"
            ))
            .hint("or name another door with --url or WAYPOST_URL")
    }
}

/// The address behind a loopback URL.
fn listen_at(url: &str) -> Result<SocketAddr, CliError> {
    let parsed = reqwest::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let address = match host.trim_start_matches('[').trim_end_matches(']') {
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        "::1" => Some(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        other => other.parse().ok(),
    };
    // A URL without a port means a daemon's own, not that of the web.
    let port = parsed.as_ref().and_then(reqwest::Url::port).unwrap_or(8765);
    address
        .filter(IpAddr::is_loopback)
        .map(|address| SocketAddr::new(address, port))
        .ok_or_else(|| CliError::new(ExitKind::Usage, format!("{url} is not an address of this machine")))
}

impl From<DoorError> for CliError {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::BadUrl(_) => Self::new(ExitKind::Usage, error.to_string()),
            DoorError::Http(_) => Self::new(ExitKind::Failure, error.to_string()),
            DoorError::Unreachable { ref reason, .. } if reason.contains("certificate") => {
                Self::new(ExitKind::Unreachable, error.to_string())
                    .hint("a node with a certificate of its own is known by its fingerprint: `waypost node status` there shows it, and --pin takes it")
            }
            DoorError::Unreachable { .. } => Self::new(ExitKind::Unreachable, error.to_string())
                .hint("is it running, and is the address right? `waypost node doctor` checks a node"),
            DoorError::Foreign { .. } => {
                Self::new(ExitKind::Failure, error.to_string()).hint("is something else listening at this address?")
            }
            DoorError::Refused(problem) => Self::from_problem(&problem),
        }
    }
}

impl From<StateError> for CliError {
    fn from(error: StateError) -> Self {
        let text = error.to_string();
        let StateError::Io { source, .. } = error else {
            let running = matches!(error, StateError::AlreadyRunning { .. });
            return Self::new(if running { ExitKind::Superseded } else { ExitKind::Config }, text);
        };
        Self::new(ExitKind::Config, text).hint(match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space on this disk",
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "mend the permissions, or choose another directory (--home or --data)"
            }
            _ => "choose a directory that can be used (--home or --data)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_is_only_started_where_it_would_be_found() {
        for (url, address) in [
            ("http://127.0.0.1:9000", Some("127.0.0.1:9000")),
            ("http://localhost:9000/v1", Some("127.0.0.1:9000")),
            ("http://[::1]:9000", Some("[::1]:9000")),
            ("http://127.0.0.1", Some("127.0.0.1:8765")),
            ("http://192.0.2.1:9000", None),
            ("http://0.0.0.0:9000", None),
            ("http://localhost.example:9000", None),
        ] {
            assert_eq!(listen_at(url).ok().map(|address| address.to_string()).as_deref(), address, "{url}");
        }
    }
}
