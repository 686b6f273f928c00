//! `du`: room as on a filesystem of 4 KiB blocks.

use super::call::{Call, MAX_DEPTH, Outcome, Stop, Utility, join, room, size};
use super::quote::quote;
use super::{glob, human};
use async_trait::async_trait;

/// The command.
pub struct Du;

const LONG: &str = "all=a apparent-size=A block-size=B bytes=b total=c dereference-args=D max-depth=d human-readable=h \
                    dereference=L no-dereference=P null=0 separate-dirs=S si=i summarize=s exclude=e one-file-system=x \
                    threshold=t inodes=I";

struct Flags {
    all: bool,
    apparent: bool,
    human: Option<u64>,
    unit: u64,
    depth: usize,
    separate: bool,
    follow: bool,
    exclude: Vec<String>,
    end: char,
}

#[async_trait]
impl Utility for Du {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("aB:bcDd:HhkLlmPSst:x0|Aie:I", LONG).await?;
        let mut flags = Flags {
            all: options.has('a'),
            apparent: options.has('A') || options.has('b'),
            human: match options.last_of("hibkm") {
                Some('h') => Some(1024),
                Some('i') => Some(1000),
                _ => None,
            },
            unit: match options.last_of("bkmB") {
                Some('b') => 1,
                Some('m') => 1 << 20,
                Some('B') => block(options.value('B').unwrap_or_default())?,
                _ => 1024,
            },
            depth: usize::MAX,
            separate: options.has('S'),
            follow: options.has('L'),
            exclude: options.values('e').map(str::to_owned).collect(),
            end: if options.has('0') { '\0' } else { '\n' },
        };
        if let Some(text) = options.value('d') {
            flags.depth =
                text.parse().map_err(|_| Stop::Usage(format!("invalid maximum depth {}", call.curly(text))))?;
        }
        if options.has('s') {
            if flags.all {
                return Err(Stop::Usage("cannot both summarize and show all entries".to_owned()));
            }
            flags.depth = 0;
        }
        let mut operands = options.operands.clone();
        if operands.is_empty() {
            operands.push(".".to_owned());
        }
        let mut total = 0;
        for operand in operands {
            total += walk(call, &flags, &operand, options.has('D')).await?;
        }
        if options.has('c') {
            show(call, &flags, total, "total").await?;
        }
        Ok(0)
    }
}

fn block(text: &str) -> Result<u64, Stop> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = if digits.is_empty() { Some(1) } else { digits.parse().ok() }.unwrap_or(0);
    let factor = match &text[digits.len()..] {
        "" => 1,
        "K" | "k" | "KiB" => 1024,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "KB" | "kB" => 1000,
        "MB" => 1_000_000,
        _ => 0,
    };
    number
        .checked_mul(factor)
        .filter(|unit| *unit > 0)
        .ok_or_else(|| Stop::Message(format!("invalid --block-size argument '{text}'")))
}

async fn show(call: &mut Call<'_>, flags: &Flags, bytes: u64, name: &str) -> Result<(), Stop> {
    let number = match flags.human {
        Some(base) => human::short(bytes, base),
        None => bytes.div_ceil(flags.unit).to_string(),
    };
    Ok(call.print(format!("{number}\t{name}{}", flags.end).as_bytes()).await?)
}

/// A directory whose members are being added up.
struct Open {
    name: String,
    own: u64,
    below: u64,
    members: Vec<String>,
}

async fn walk(call: &mut Call<'_>, flags: &Flags, top: &str, follow_top: bool) -> Result<u64, Stop> {
    let mut open: Vec<Open> = Vec::new();
    let mut next = Some(top.to_owned());
    let mut result = 0;
    loop {
        // Either there is something to look at, or the innermost directory has one more member, or it is done.
        let Some(name) = next.take() else {
            let Some(directory) = open.last_mut() else { return Ok(result) };
            next = directory.members.pop();
            if next.is_none() {
                let Some(done) = open.pop() else { return Ok(result) };
                let whole = done.own + done.below;
                if open.len() <= flags.depth {
                    show(call, flags, if flags.separate { done.own } else { whole }, &done.name).await?;
                }
                match open.last_mut() {
                    Some(parent) => parent.below += whole,
                    None => result += whole,
                }
            }
            continue;
        };
        let base = super::call::base_name(&name);
        if flags.exclude.iter().any(|pattern| glob::matches(pattern, base) || glob::matches(pattern, &name)) {
            continue;
        }
        let follow = flags.follow || (follow_top && open.is_empty());
        let found = if follow { call.stat(&name).await } else { call.lstat(&name).await };
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                call.complain(format!("cannot access {}: {reason}", quote(&name))).await?;
                continue;
            }
        };
        let bytes = if flags.apparent { size(&found) } else { room(&found) };
        if found.file_type.is_dir() && open.len() < MAX_DEPTH {
            let mut members: Vec<String> = call
                .list(&name)
                .await
                .unwrap_or_default()
                .into_iter()
                .map(|(member, _)| join(&name, &member))
                .collect();
            members.reverse();
            open.push(Open { name, own: bytes, below: 0, members });
            continue;
        }
        let depth = open.len();
        match open.last_mut() {
            Some(parent) => parent.own += bytes,
            None => result += bytes,
        }
        if depth == 0 || (flags.all && depth <= flags.depth) {
            show(call, flags, bytes, &name).await?;
        }
    }
}
