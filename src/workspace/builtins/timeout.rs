//! `timeout`. A command that takes too long is given up; what signal it would get only shows in the exit code.

use super::options::{Options, Usage};
use async_trait::async_trait;
use bashkit::{BashBuilder, Builtin, BuiltinContext, ExecResult, ExecutionPlan, Result, SubCommand};
use std::time::Duration;

/// What gives up: `SECONDS COMMAND...`, 137 when it did.
const LIMITED: &str = "__timeout";
/// The exit code of a wrong call.
const TROUBLE: i32 = 125;
/// The longest that can be waited for.
const LONGEST: f64 = 1e9;
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL",
    "PWR", "SYS",
];

/// Adds the command and what it is made of.
pub fn register(builder: BashBuilder) -> BashBuilder {
    builder.builtin("timeout", Box::new(Timeout)).builtin(LIMITED, Box::new(Limited))
}

struct Timeout;
struct Limited;

#[async_trait]
impl Builtin for Timeout {
    async fn execute(&self, ctx: BuiltinContext<'_>) -> Result<ExecResult> {
        let said =
            |text: String, code| ExecResult::err(format!("{text}Try 'timeout --help' for more information.\n"), code);
        Ok(match script(ctx.args) {
            Err(Wrong::Usage(text)) if text.is_empty() => said(text, TROUBLE),
            Err(Wrong::Usage(text)) => said(format!("timeout: {text}\n"), TROUBLE),
            Err(Wrong::Answer(text)) => ExecResult::ok(text),
            Ok(_) => ExecResult::default(),
        })
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let Ok(script) = script(ctx.args) else { return Ok(None) };
        let stdin = ctx.stdin.cloned();
        // A shell of its own: what the engine keeps while a command runs is not put back when that is given up.
        let args = vec!["-c".to_owned(), script];
        let command = SubCommand { name: "bash".to_owned(), args, stdin, assignments: Vec::new() };
        Ok(Some(ExecutionPlan::Batch { commands: vec![command] }))
    }
}

#[async_trait]
impl Builtin for Limited {
    async fn execute(&self, _: BuiltinContext<'_>) -> Result<ExecResult> {
        Ok(ExecResult::err(format!("{LIMITED}: is a part of timeout\n"), TROUBLE))
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let [seconds, name, args @ ..] = ctx.args else { return Ok(None) };
        let command =
            SubCommand { name: name.clone(), args: args.to_vec(), stdin: ctx.stdin.cloned(), assignments: Vec::new() };
        Ok(Some(match seconds.parse().ok().filter(|seconds| *seconds > 0.0) {
            None => ExecutionPlan::Batch { commands: vec![command] },
            Some(seconds) => {
                let duration = Duration::from_secs_f64(f64::min(seconds, LONGEST));
                ExecutionPlan::Timeout { duration, preserve_status: true, command }
            }
        }))
    }
}

enum Wrong {
    Usage(String),
    Answer(String),
}

impl From<Usage> for Wrong {
    fn from(usage: Usage) -> Self {
        Self::Usage(usage.0)
    }
}

/// What the call does, as a script.
fn script(args: &[String]) -> std::result::Result<String, Wrong> {
    let long = "foreground=f kill-after=k preserve-status=p signal=s verbose=v";
    let options = Options::parse(args, "+fk:s:v|p", long)?;
    if let Some(text) = options.answer("timeout") {
        return Err(Wrong::Answer(text));
    }
    let signal = match options.value('s') {
        None => 15,
        Some(text) => signal(text).ok_or_else(|| Wrong::Usage(format!("‘{text}’: invalid signal")))?,
    };
    if let Some(text) = options.value('k') {
        seconds(text)?;
    }
    let [limit, command @ ..] = &options.operands[..] else { return Err(Wrong::Usage(String::new())) };
    let Some(name) = command.first() else { return Err(Wrong::Usage(String::new())) };
    let limit = seconds(limit)?;
    let code = if options.has('p') || signal == 9 { 128 + signal } else { 124 };
    let said = match (options.has('v'), SIGNALS.get(signal.saturating_sub(1))) {
        (true, Some(signal)) => {
            let text = format!("timeout: sending signal {signal} to command ‘{name}’");
            format!("printf '%s\\n' {} >&2; ", quoted(&text))
        }
        _ => String::new(),
    };
    let missing = quoted(&format!("timeout: failed to run command ‘{name}’: No such file or directory"));
    let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    let (name, words) = (&words[0], words.join(" "));
    Ok(format!(
        "command -v {name} >/dev/null || [ -e {name} ] || {{ printf '%s\\n' {missing} >&2; exit 127; }}; \
         {LIMITED} {limit} {words}; __code=$?; case $__code in 137) {said}exit {code} ;; esac; exit $__code"
    ))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn signal(text: &str) -> Option<usize> {
    if let Ok(number) = text.parse() {
        return (0..=64).contains(&number).then_some(number);
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().position(|known| *known == name).map(|at| at + 1)
}

fn seconds(text: &str) -> std::result::Result<f64, Wrong> {
    let (digits, unit) = match text.chars().last() {
        Some('s') => (&text[..text.len() - 1], 1.0),
        Some('m') => (&text[..text.len() - 1], 60.0),
        Some('h') => (&text[..text.len() - 1], 3600.0),
        Some('d') => (&text[..text.len() - 1], 86400.0),
        _ => (text, 1.0),
    };
    let number: Option<f64> = digits.parse().ok().filter(|number: &f64| *number >= 0.0);
    number.map(|number| number * unit).ok_or_else(|| Wrong::Usage(format!("invalid time interval ‘{text}’")))
}
