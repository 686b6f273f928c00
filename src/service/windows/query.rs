//! What `schtasks /Query` says. Its words are in the user's language, so columns count by position and results by number.

use crate::service::Activity;

/// The columns `TaskName` and `Last Result` of `/FO CSV /V`.
const NAME: usize = 1;
const LAST_RESULT: usize = 6;

/// SCHED_S_TASK_RUNNING.
const RUNNING: u32 = 0x0004_1301;
/// SCHED_S_TASK_HAS_NOT_RUN.
const NEVER_RAN: u32 = 0x0004_1303;
/// SCHED_S_TASK_TERMINATED: ended with `/End`.
const ENDED: u32 = 0x0004_1306;
/// SCHED_E_ALREADY_RUNNING, and ERROR_REQUEST_REFUSED as a result: the watchdog found it running.
const REFUSED: [u32; 2] = [0x8004_131f, 0x8007_10e0];

/// The task's last result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastResult(pub u32);

impl LastResult {
    /// From the CSV of a query; a task has a line for each of its triggers.
    pub(super) fn parse(csv: &str, task: &str) -> Option<Self> {
        csv.lines().find_map(|line| {
            let columns = columns(line);
            let name = columns.get(NAME)?.trim_start_matches('\\');
            if name != task {
                return None;
            }
            // Some versions print it signed.
            let number: i64 = columns.get(LAST_RESULT)?.trim().parse().ok()?;
            u32::try_from(number).or_else(|_| i32::try_from(number).map(i32::cast_unsigned)).ok().map(Self)
        })
    }

    pub(super) fn is_running(self) -> bool {
        self.0 == RUNNING || REFUSED.contains(&self.0)
    }

    /// What it does now, given whether the task may be started.
    pub(super) fn activity(self, is_enabled: bool) -> Activity {
        match self.0 {
            _ if self.is_running() => Activity::Active,
            0 | NEVER_RAN | ENDED => Activity::Inactive,
            // The watchdog comes within a minute.
            _ if is_enabled => Activity::Starting,
            _ => Activity::Failed,
        }
    }

    /// The exit code of its last process; none while one runs or when none has ended by itself.
    pub(super) fn exit_code(self) -> Option<i32> {
        match self.0 {
            NEVER_RAN | ENDED => None,
            _ if self.is_running() => None,
            code => Some(code.cast_signed()),
        }
    }

    /// How its last process ended.
    pub(super) fn last_exit(self) -> Option<String> {
        match self.0 {
            ENDED => Some("ended by Task Scheduler".to_owned()),
            code if code > 255 => self.exit_code().map(|_| format!("exit code 0x{code:08X}")),
            _ => self.exit_code().map(|code| format!("exit code {code}")),
        }
    }
}

/// What a registered task's XML says that matters here. Windows writes it anew, with defaults left out or put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Registered {
    /// Whether it may be started.
    pub is_enabled: bool,
    /// Whether it starts with nobody logged in.
    pub starts_at_boot: bool,
}

impl Registered {
    pub(super) fn parse(xml: &str) -> Self {
        let xml: String = xml.chars().filter(|c| *c != '\0' && !c.is_whitespace()).collect();
        let settings = xml.split("<Settings>").nth(1).and_then(|rest| rest.split("</Settings>").next());
        Self {
            is_enabled: !settings.is_some_and(|settings| settings.contains("<Enabled>false</Enabled>")),
            starts_at_boot: xml.contains("<BootTrigger") && !xml.contains("<LogonType>InteractiveToken</LogonType>"),
        }
    }
}

/// The columns of a line; quotation marks within one are doubled.
fn columns(line: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                columns.last_mut().into_iter().for_each(|column| column.push('"'));
            }
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            _ => columns.last_mut().into_iter().for_each(|column| column.push(c)),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(task: &str, result: &str) -> String {
        format!(
            "\"PC\",\"\\{task}\",\"21.11.2026 10:00:00\",\"Wird ausgeführt\",\"Nur interaktiv\",\"20.11.2026\",\"{result}\",\"Way \"\"post\"\", x\"\r\n"
        )
    }

    #[test]
    fn results_are_found_by_position_in_any_language() {
        let csv = format!("{}{}", line("other", "1"), line("waypost-node", "267009"));
        let found = LastResult::parse(&csv, "waypost-node").unwrap();
        assert!(found.is_running());
        assert_eq!((found.activity(true), found.exit_code()), (Activity::Active, None));
        assert_eq!(LastResult::parse(&csv, "waypost"), None);
        assert_eq!(LastResult::parse("", "waypost-node"), None);
        assert_eq!(columns("\"a \"\"b\"\", c\",d"), ["a \"b\", c", "d"]);
    }

    #[test]
    fn a_result_says_what_the_task_does() {
        for (result, enabled, activity, exit) in [
            ("267011", true, Activity::Inactive, None),
            ("267014", false, Activity::Inactive, Some("ended by Task Scheduler")),
            ("0", true, Activity::Inactive, Some("exit code 0")),
            ("5", false, Activity::Failed, Some("exit code 5")),
            ("1", true, Activity::Starting, Some("exit code 1")),
            ("-1073741510", false, Activity::Failed, Some("exit code 0xC000013A")),
            ("-2147020576", true, Activity::Active, None),
            ("2147750687", true, Activity::Active, None),
        ] {
            let found = LastResult::parse(&line("t", result), "t").unwrap();
            assert_eq!((found.activity(enabled), found.last_exit().as_deref()), (activity, exit), "{result}");
        }
    }

    #[test]
    fn what_is_registered_is_read_in_either_encoding() {
        let xml = "<Task><Triggers><BootTrigger /><LogonTrigger><Enabled>false</Enabled></LogonTrigger></Triggers><LogonType>S4U</LogonType><Settings>\r\n <Enabled>false</Enabled></Settings></Task>";
        assert_eq!(Registered::parse(xml), Registered { is_enabled: false, starts_at_boot: true });
        let wide: String = xml
            .replace("<Settings>\r\n <Enabled>false</Enabled>", "<Settings>")
            .chars()
            .flat_map(|c| [c, '\0'])
            .collect();
        assert_eq!(Registered::parse(&wide), Registered { is_enabled: true, starts_at_boot: true });
        let logon = "<LogonType>InteractiveToken</LogonType><BootTrigger/>";
        assert!(!Registered::parse(logon).starts_at_boot);
    }
}
