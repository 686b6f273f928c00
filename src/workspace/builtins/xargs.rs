//! `xargs` of GNU findutils. `-P` is taken and the commands run one after the other, so that their output does not mix.

use super::options::{Options, Usage};
use async_trait::async_trait;
use bashkit::{Builtin, BuiltinContext, ExecResult, ExecutionPlan, Result, StreamData, SubCommand};
use std::fmt::Write as _;

/// The command.
pub struct Xargs;

const SHORT: &str = "+0a:d:E:e::I:i::L:l::n:P:prs:tx|ov:";
const LONG: &str = "null=0 arg-file=a delimiter=d eof=e replace=i max-lines=l max-args=n max-procs=P interactive=p \
                    no-run-if-empty=r max-chars=s verbose=t exit=x open-tty=o process-slot-var=v";
/// The longest command line, in bytes, as GNU has it.
const MAX_CHARS: usize = 128 << 10;

/// The longest script that is made of command lines, in bytes; the engine takes four times as much.
const MAX_SCRIPT: usize = 1 << 20;
/// What a command's exit code means for that of `xargs`.
const ENDED: &str = "__ended() { case $1 in 0) ;; 126|127) exit $1 ;; 255) printf 'xargs: %s: exited with status 255; \
                     aborting\\n' \"$2\" >&2; exit 124 ;; *) __code=123 ;; esac; }";

struct Flags {
    null: bool,
    delimiter: Option<u8>,
    eof: Option<String>,
    replace: Option<String>,
    lines: Option<usize>,
    args: Option<usize>,
    chars: usize,
    no_empty: bool,
    trace: bool,
    exit: bool,
}

/// What is to be run, as a script: the engine runs commands for a builtin, but does not say how each of them ended.
struct Plan {
    scripts: Vec<String>,
    stdin: Option<StreamData>,
}

#[async_trait]
impl Builtin for Xargs {
    async fn execute(&self, ctx: BuiltinContext<'_>) -> Result<ExecResult> {
        Ok(prepare(&ctx).await?.err().unwrap_or_default())
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let Some(plan) = prepare(ctx).await?.ok() else { return Ok(None) };
        let command = |script| SubCommand {
            name: "eval".to_owned(),
            args: vec![script],
            stdin: plan.stdin.clone(),
            assignments: Vec::new(),
        };
        Ok(Some(ExecutionPlan::Batch { commands: plan.scripts.into_iter().map(command).collect() }))
    }
}

fn failed(text: String) -> ExecResult {
    ExecResult::err(format!("xargs: {text}\n"), 1)
}

fn wrong(text: &str) -> ExecResult {
    failed(format!("{text}\nTry 'xargs --help' for more information."))
}

async fn prepare(ctx: &BuiltinContext<'_>) -> Result<std::result::Result<Plan, ExecResult>> {
    let options = match Options::parse(ctx.args, SHORT, LONG) {
        Ok(options) => options,
        Err(Usage(text)) => return Ok(Err(wrong(&text))),
    };
    if let Some(text) = options.answer("xargs") {
        return Ok(Err(ExecResult::ok(text)));
    }
    let flags = match Flags::of(&options) {
        Ok(flags) => flags,
        Err(text) => return Ok(Err(wrong(&text))),
    };
    let (input, stdin) = match options.value('a') {
        Some(file) => {
            let path = super::call::resolve(ctx.cwd, file);
            match ctx.fs.read_file(&path).await {
                Ok(content) => (content, ctx.stdin.cloned()),
                Err(error) => {
                    let reason = super::call::reason(&error);
                    return Ok(Err(failed(format!("Cannot open input file {}: {reason}", super::quote::quote(file)))));
                }
            }
        }
        None => (ctx.stdin_bytes().unwrap_or_default().to_vec(), None),
    };
    let mut command = options.operands.clone();
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    let (items, trouble) = flags.split(&String::from_utf8_lossy(&input));
    let (mut lines, too_long) = flags.compose(&command, &items);
    if trouble.is_some() && items.is_empty() {
        lines.clear();
    }
    let trouble = trouble.or(too_long);
    Ok(Ok(Plan { scripts: scripts(&lines, &flags, trouble, options.has('a')), stdin }))
}

/// Text in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Runs the command lines one after the other, and ends as `xargs` does. What is too long for one script goes on in the
/// next, which a variable tells how the one before ended.
fn scripts(lines: &[Vec<String>], flags: &Flags, mut trouble: Option<String>, keeps_stdin: bool) -> Vec<String> {
    let mut body = String::new();
    if let Some(name) = lines.first().and_then(|line| line.first()) {
        let message = format!("xargs: {name}: No such file or directory");
        let (name, message) = (quoted(name), quoted(&message));
        let _ = writeln!(
            body,
            "command -v {name} >/dev/null || [ -e {name} ] || {{ printf '%s\\n' {message} >&2; exit 127; }}"
        );
    }
    let mut bodies = Vec::new();
    for line in lines {
        if body.len() > MAX_SCRIPT {
            bodies.push(std::mem::take(&mut body));
        }
        if flags.trace {
            let words: Vec<String> = line.iter().map(|word| super::call::quote_if_needed(word)).collect();
            let _ = writeln!(body, "printf '%s\\n' {} >&2", quoted(&words.join(" ")));
        }
        let words: Vec<String> = line.iter().map(|word| quoted(word)).collect();
        let _ = writeln!(body, "{}; __ended $? {}", words.join(" "), words[0]);
    }
    if let Some(trouble) = trouble.take() {
        let _ = writeln!(body, "printf '%s\\n' {} >&2; exit 1", quoted(&format!("xargs: {trouble}")));
    }
    bodies.push(body);
    let input = if keeps_stdin { "" } else { " </dev/null" };
    if let [body] = &bodies[..] {
        return vec![format!("( __code=0; {ENDED}\n{body}exit $__code ){input}")];
    }
    let part = |body: &String| {
        format!(
            "case ${{__xargs:=0}} in 0|123) ( __code=$__xargs; {ENDED}\n{body}exit $__code ){input}; __xargs=$?; :;; esac"
        )
    };
    let last = "__xargs_end() { unset __xargs; unset -f __xargs_end; return $1; }; __xargs_end $__xargs".to_owned();
    bodies.iter().map(part).chain([last]).collect()
}

impl Flags {
    fn of(options: &Options) -> std::result::Result<Self, String> {
        let number = |letter: char, default: usize| -> std::result::Result<Option<usize>, String> {
            if !options.has(letter) {
                return Ok(None);
            }
            let Some(text) = options.value(letter) else { return Ok(Some(default)) };
            let name = if letter == 'l' { 'L' } else { letter };
            match text.parse::<i64>() {
                Ok(value) if value >= 1 => Ok(usize::try_from(value).ok()),
                Ok(value) => Err(format!("value {value} for -{name} option should be >= 1")),
                Err(_) => Err(format!("invalid number \"{text}\" for -{name} option")),
            }
        };
        let mut flags = Self {
            null: options.has('0'),
            delimiter: None,
            eof: options.value('E').or(options.value('e')).map(str::to_owned),
            replace: options.value('I').map(str::to_owned),
            lines: number('L', 1)?.or(number('l', 1)?),
            args: number('n', 1)?,
            chars: number('s', MAX_CHARS)?.unwrap_or(MAX_CHARS),
            no_empty: options.has('r'),
            trace: options.has('t') || options.has('p'),
            exit: options.has('x'),
        };
        if options.has('i') {
            flags.replace = Some(options.value('i').unwrap_or("{}").to_owned());
        }
        if let Some(text) = options.value('d') {
            let mut out = String::new();
            let chars: Vec<char> = text.chars().collect();
            match chars.strip_prefix(&['\\']) {
                Some(after) => drop(super::escape::push(after, &mut out)),
                None => out.push_str(text),
            }
            flags.delimiter = out.bytes().next().filter(|_| out.len() == 1);
            if flags.delimiter.is_none() {
                return Err(format!(
                    "Invalid input delimiter specification {text}: the delimiter must be either a single character or an escape sequence starting with \\."
                ));
            }
        }
        // The last of these counts.
        match options.last_of("IiLln") {
            Some('I' | 'i') => (flags.lines, flags.args) = (None, None),
            Some('L' | 'l') => (flags.replace, flags.args) = (None, None),
            Some('n') if flags.args != Some(1) || flags.replace.is_none() => {
                (flags.replace, flags.lines) = (None, None)
            }
            Some('n') => flags.args = None,
            _ => {}
        }
        Ok(flags)
    }

    /// The items of the input and whether a line ends behind each; and what is wrong with the input.
    fn split(&self, text: &str) -> (Vec<(String, bool)>, Option<String>) {
        if let Some(end) = if self.null { Some('\0') } else { self.delimiter.map(char::from) } {
            let body = text.strip_suffix(end).unwrap_or(text);
            let items = if text.is_empty() {
                Vec::new()
            } else {
                body.split(end).map(|item| (item.to_owned(), true)).collect()
            };
            return (items, None);
        }
        let (mut items, mut item, mut started) = (Vec::new(), String::new(), false);
        let mut chars = text.chars().peekable();
        let mut before = '\n';
        while let Some(c) = chars.next() {
            let blank_before = std::mem::replace(&mut before, c);
            match c {
                '\n' => {
                    if started || self.replace.is_some() && !item.is_empty() {
                        items.push((std::mem::take(&mut item), true));
                        started = false;
                    } else if let Some((_, ended)) = items.last_mut() {
                        // A blank at its end makes a line go on in the next.
                        *ended |= !matches!(blank_before, ' ' | '\t');
                    }
                }
                ' ' | '\t' if self.replace.is_some() && started => item.push(c),
                ' ' | '\t' if !started => {}
                ' ' | '\t' => {
                    items.push((std::mem::take(&mut item), false));
                    started = false;
                }
                '\\' => {
                    started = true;
                    item.extend(chars.next());
                }
                quote @ ('"' | '\'') => {
                    started = true;
                    loop {
                        match chars.next() {
                            Some(c) if c == quote => break,
                            None | Some('\n') => {
                                let kind = if quote == '"' { "double" } else { "single" };
                                return (
                                    items,
                                    Some(format!(
                                        "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                                    )),
                                );
                            }
                            Some(c) => item.push(c),
                        }
                    }
                }
                c => {
                    started = true;
                    item.push(c);
                }
            }
        }
        if started {
            items.push((item, true));
        }
        if let Some(at) = self.eof.as_ref().and_then(|eof| items.iter().position(|(item, _)| item == eof)) {
            items.truncate(at);
        }
        (items, None)
    }

    /// The command lines; and what is wrong when one would be too long.
    fn compose(&self, command: &[String], items: &[(String, bool)]) -> (Vec<Vec<String>>, Option<String>) {
        if let Some(mark) = &self.replace {
            let fill = |item: &str| {
                command
                    .iter()
                    .enumerate()
                    .map(
                        |(at, word)| {
                            if at == 0 && word != mark { word.clone() } else { word.replace(mark.as_str(), item) }
                        },
                    )
                    .collect()
            };
            return (items.iter().map(|(item, _)| fill(item)).collect(), None);
        }
        let fixed: usize = command.iter().map(|word| word.len() + 1).sum();
        let (mut lines, mut line, mut length, mut ended) = (Vec::new(), command.to_vec(), fixed, 0);
        for (item, ends) in items {
            let full = self.args.is_some_and(|most| line.len() - command.len() >= most)
                || self.lines.is_some_and(|most| ended >= most)
                || length + item.len() + 1 > self.chars;
            if full && line.len() > command.len() {
                if self.exit && length + item.len() + 1 > self.chars {
                    return (lines, Some("argument list too long".to_owned()));
                }
                lines.push(std::mem::replace(&mut line, command.to_vec()));
                (length, ended) = (fixed, 0);
            }
            if length + item.len() + 1 > self.chars {
                return (lines, Some("argument line too long".to_owned()));
            }
            line.push(item.clone());
            length += item.len() + 1;
            ended += usize::from(*ends);
        }
        if line.len() > command.len() || (lines.is_empty() && !self.no_empty && items.is_empty()) {
            lines.push(line);
        }
        (lines, None)
    }
}
