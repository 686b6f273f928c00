//! Ends of a node that its service manager must not answer with a new start, for those that cannot tell exit codes apart.
//!
//! systemd is told the codes in its unit and needs none of this. The option is in the definitions that `src/service/` writes.

use super::error::ExitKind;
use crate::process::leave_console;
use crate::service::TaskScheduler;
use std::ffi::OsString;
use std::str::FromStr;

/// With these, starting again would end the same way until somebody has done something.
const FINAL: [ExitKind; 5] =
    [ExitKind::Usage, ExitKind::NotSetUp, ExitKind::Unauthorized, ExitKind::Config, ExitKind::Superseded];
/// The option, as the definitions spell it.
const OPTION: &str = "--supervisor=";

/// Which service manager has started this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supervisor {
    /// launchd, which starts a service again unless it ended with 0.
    Launchd,
    /// Windows Task Scheduler, which starts it again whatever it ended with, until the task of this name is disabled.
    Task(String),
}

impl FromStr for Supervisor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "launchd" => Ok(Self::Launchd),
            Some(("task", name)) if !name.is_empty() => Ok(Self::Task(name.to_owned())),
            _ => Err("it is launchd or task:NAME".to_owned()),
        }
    }
}

impl Supervisor {
    /// The one that the arguments name, also where the rest of them is wrong.
    pub fn of(arguments: &[OsString]) -> Option<Self> {
        arguments.iter().find_map(|argument| argument.to_str()?.strip_prefix(OPTION)?.parse().ok())
    }

    /// To be called first thing: a task of a user who is logged in has a console window, which nobody wants to look at.
    pub fn begin(&self) {
        if matches!(self, Self::Task(_)) {
            leave_console();
        }
    }

    /// The exit code for the manager, given that for people; sees to it that a final end stays one.
    pub fn end(&self, code: u8) -> u8 {
        if !FINAL.iter().any(|kind| kind.code() == code) {
            return code;
        }
        match self {
            Self::Launchd => 0,
            Self::Task(name) => {
                if let Err(failed) = TaskScheduler::disable(name) {
                    tracing::error!("the task will start the node again: {failed}");
                }
                code
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launchd_is_told_success_where_another_start_cannot_help() {
        let given: Vec<OsString> = ["waypost", "nod", "--supervisor=launchd"].map(OsString::from).into();
        let supervisor = Supervisor::of(&given).unwrap();
        let told = [0, 1, 2, 4, 5, 6, 7, 12, 75, 130].map(|code| supervisor.end(code));
        assert_eq!(told, [0, 1, 0, 0, 0, 6, 0, 0, 75, 130]);
        assert_eq!(Supervisor::of(&given[..2]), None);
        assert_eq!("task:waypost-node".parse(), Ok(Supervisor::Task("waypost-node".to_owned())));
        assert!("task:".parse::<Supervisor>().is_err() && "systemd".parse::<Supervisor>().is_err());
    }
}
