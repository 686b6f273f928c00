//! What `launchctl print` and `print-disabled` say. Their output is for people and has no promise: what is not understood
//! is left out.

use crate::service::Activity;

/// A service as `launchctl print DOMAIN/LABEL` describes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// `running`, `not running`, `spawn scheduled`, …
    pub state: String,
    /// Its process.
    pub pid: Option<u32>,
    /// How often it was started since it was loaded.
    pub runs: Option<u64>,
    /// The exit code of its last process.
    pub exit_code: Option<i32>,
    /// The signal that ended its last process, e.g. `Killed: 9`.
    pub signal: Option<String>,
}

impl Printed {
    /// Reads the lines of the service itself: those with one tab before them. Deeper ones are of its parts.
    pub(super) fn parse(text: &str) -> Self {
        let mut printed = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.strip_prefix('\t').and_then(|line| line.split_once(" = ")) else { continue };
            if key.starts_with('\t') {
                continue;
            }
            match key {
                "state" => printed.state = value.to_owned(),
                "pid" => printed.pid = value.parse().ok(),
                "runs" => printed.runs = value.parse().ok(),
                // `78: EX_CONFIG`, or `(never exited)`.
                "last exit code" => {
                    printed.exit_code = value.split(':').next().and_then(|code| code.trim().parse().ok());
                }
                "last terminating signal" => printed.signal = Some(value.to_owned()),
                _ => {}
            }
        }
        printed
    }

    pub(super) fn activity(&self) -> Activity {
        match self.state.as_str() {
            "running" => Activity::Active,
            "spawn scheduled" | "spawning" | "xpcproxy" => Activity::Starting,
            "exiting" | "SIGTERMed" | "SIGKILLed" => Activity::Stopping,
            _ if self.signal.is_some() || self.exit_code.is_some_and(|code| code != 0) => Activity::Failed,
            _ => Activity::Inactive,
        }
    }

    /// How its last process ended.
    pub(super) fn last_exit(&self) -> Option<String> {
        match (&self.signal, self.exit_code) {
            (Some(signal), _) => Some(format!("signal {signal}")),
            (None, Some(code)) => Some(format!("exit code {code}")),
            (None, None) => None,
        }
    }
}

/// Whether `launchctl print-disabled DOMAIN` names the label as disabled: `"label" => disabled`, `true` on older systems.
pub(super) fn is_disabled(text: &str, label: &str) -> bool {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(&format!("\"{label}\" => ")));
    line.is_some_and(|value| matches!(value.trim(), "disabled" | "true"))
}

/// Milliseconds of what `ps -o etime=` prints: `[[days-]hours:]minutes:seconds`.
pub(super) fn elapsed_ms(text: &str) -> Option<u64> {
    let (days, clock) = match text.trim().split_once('-') {
        Some((days, clock)) => (days.parse::<u64>().ok()?, clock),
        None => (0, text.trim()),
    };
    let mut seconds = 0_u64;
    for part in clock.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    days.checked_mul(86_400)?.checked_add(seconds)?.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: &str = "gui/501/dev.waypost.node = {\n\tactive count = 1\n\tpath = /Users/dev/x.plist\n\ttype = LaunchAgent\n\tstate = running\n\n\targuments = {\n\t\tstate = evil\n\t\tpid = 1\n\t}\n\n\truns = 3\n\tpid = 4242\n\tlast exit code = 78: EX_CONFIG\n\n\tspawn type = daemon (3)\n\tevent triggers = {\n\t}\n}\n";

    #[test]
    fn a_running_service_is_read_and_its_parts_are_not_taken_for_it() {
        let printed = Printed::parse(RUNNING);
        assert_eq!((printed.pid, printed.runs, printed.exit_code), (Some(4242), Some(3), Some(78)));
        assert_eq!(printed.activity(), Activity::Active);
        assert_eq!(printed.last_exit().unwrap(), "exit code 78");
    }

    #[test]
    fn the_end_of_its_last_process_decides_when_it_does_not_run() {
        for (lines, activity, exit) in [
            ("\tstate = not running\n\tlast exit code = (never exited)\n", Activity::Inactive, None),
            ("\tstate = not running\n\tlast exit code = 0\n", Activity::Inactive, Some("exit code 0")),
            ("\tstate = not running\n\tlast exit code = 1\n", Activity::Failed, Some("exit code 1")),
            (
                "\tstate = spawn scheduled\n\tlast terminating signal = Killed: 9\n",
                Activity::Starting,
                Some("signal Killed: 9"),
            ),
            (
                "\tstate = not running\n\tlast terminating signal = Killed: 9\n",
                Activity::Failed,
                Some("signal Killed: 9"),
            ),
            ("garbage", Activity::Inactive, None),
        ] {
            let printed = Printed::parse(lines);
            assert_eq!((printed.activity(), printed.last_exit().as_deref()), (activity, exit), "{lines}");
        }
    }

    #[test]
    fn disabled_services_and_times_are_read() {
        let list = "disabled services = {\n\t\t\"dev.waypost.node\" => disabled\n\t\t\"other\" => enabled\n\t}\n";
        assert!(is_disabled(list, "dev.waypost.node"));
        assert!(!is_disabled(list, "other") && !is_disabled(list, "dev.waypost"));
        assert!(is_disabled("\t\"dev.waypost.node\" => true\n", "dev.waypost.node"));
        for (text, ms) in [("   00:07\n", 7_000), ("01:02:03", 3_723_000), ("2-00:00:01", 172_801_000)] {
            assert_eq!(elapsed_ms(text), Some(ms));
        }
        assert_eq!(elapsed_ms(""), None);
    }
}
