//! What `systemctl show` says of the unit.

use super::commands::{Commands, SHORT, done};
use super::places::UNIT;
use crate::process::shown;
use crate::service::ServiceError;
use std::collections::BTreeMap;

/// What is asked for.
const PROPERTIES: &str = "LoadState,LoadError,ActiveState,SubState,MainPID,NRestarts,Result,ExecMainCode,ExecMainStatus,\
                          StateChangeTimestampMonotonic,InvocationID,FragmentPath,UnitFileState,NeedDaemonReload";

/// The unit's properties. One that this systemd does not know is missing.
#[derive(Debug, Default)]
pub(super) struct Shown(BTreeMap<String, String>);

impl Shown {
    /// Asks.
    pub(super) fn ask(commands: &Commands) -> Result<Self, ServiceError> {
        done(commands.systemctl(["show", "-p", PROPERTIES, UNIT]), SHORT).map(|text| Self::parse(&text))
    }

    /// Reads lines of `Name=value`.
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// A property; empty when it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A property that is a number.
    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.get(name).parse().ok()
    }

    /// Why systemd does not take the unit.
    pub(super) fn unusable(&self, commands: &Commands) -> ServiceError {
        let said = match (self.get("LoadState"), self.get("LoadError")) {
            ("masked", _) => format!("{UNIT} is masked: run `{}`", shown(&commands.systemctl(["unmask", UNIT]))),
            ("not-found", _) => format!(
                "systemd does not find {UNIT} where it was written: is XDG_CONFIG_HOME set here and not for the user's manager?"
            ),
            (state, "") => format!("systemd does not take {UNIT}: {state}"),
            (state, error) => format!("systemd does not take {UNIT}: {state}, {error}"),
        };
        ServiceError::Command { command: shown(&commands.systemctl(["show", UNIT])), said }
    }
}
