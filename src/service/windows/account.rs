//! Who runs this, by security identifier where the system says it: names are localised and can change.

#[cfg(windows)]
use crate::service::{ServiceError, call::demand};
#[cfg(windows)]
use std::process::Command;

/// The service account without rights on the machine or the network's machines.
pub(super) const LOCAL_SERVICE: &str = "S-1-5-19";
/// The system itself.
pub(super) const SYSTEM: &str = "S-1-5-18";
/// Administrators.
pub(super) const ADMINISTRATORS: &str = "S-1-5-32-544";
/// The integrity levels of elevated processes.
const ELEVATED: [&str; 2] = ["S-1-16-12288", "S-1-16-16384"];

/// A user, and what this process may do in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `S-1-5-21-…`; `DOMAIN\name` where the system does not say it.
    pub id: String,
    /// Whether this process has an administrator's rights.
    pub is_elevated: bool,
}

impl Account {
    /// From what `whoami /user /fo csv /nh` and `whoami /groups /fo csv /nh` print.
    pub fn parse(user: &str, groups: &str) -> Option<Self> {
        let words = |text: &str| -> Vec<String> {
            text.lines().flat_map(|line| line.split(',')).map(|word| word.trim().trim_matches('"').to_owned()).collect()
        };
        let user = words(user);
        let id =
            user.iter().find(|word| word.starts_with("S-1-")).or_else(|| user.iter().find(|word| !word.is_empty()))?;
        let is_elevated = words(groups).iter().any(|word| ELEVATED.contains(&word.as_str()));
        Some(Self { id: id.clone(), is_elevated })
    }

    /// This process's.
    ///
    /// # Errors
    /// When `whoami` does not say it.
    #[cfg(windows)]
    pub(super) fn current() -> Result<Self, ServiceError> {
        let said = |what: &str| demand(Command::new("whoami").args([what, "/fo", "csv", "/nh"]));
        Self::parse(&said("/user")?.stdout, &said("/groups")?.stdout).ok_or_else(|| ServiceError::Unavailable {
            manager: "Windows Task Scheduler".to_owned(),
            reason: "`whoami /user` does not say who this is".to_owned(),
        })
    }

    /// What may be in the name of a task and is this account's alone.
    pub(super) fn tag(&self) -> String {
        self.id.chars().map(|c| if c.is_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect()
    }
}

/// An account as `icacls` takes it.
pub(super) fn for_icacls(id: &str) -> String {
    if id.starts_with("S-1-") { format!("*{id}") } else { id.to_owned() }
}
