//! `jq`: the engine's own, on a thread and under limits of its own.
//!
//! A filter computes without looking up, and the values that it makes can be nested as deeply as memory allows, while
//! the engine prints and drops them recursively. So it gets a stack that holds as many levels as its memory can, and a
//! script that is stopped does not wait for it.

use super::apart::{self, STREAM, Share};
use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Result};

/// A level of nesting costs at least 64 bytes of the values, and at most 2.5 KiB of the stack, 1.5 KiB in a release
/// build. Only touched pages cost memory.
const SHARE: Share = Share { values: 32 << 20, stack: if cfg!(debug_assertions) { 2 << 30 } else { 1 << 30 } };
/// Levels of nesting in a result.
const MAX_NESTING: usize = 1000;

/// The command.
pub struct Jq;

#[async_trait]
impl Command for Jq {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let Some(stdin) = input(&ctx).await? else {
            let text = format!("jq: the input is limited to {STREAM} bytes\n");
            ctx.stderr.write_all(text.as_bytes()).await?;
            return Ok(CommandStatus::with_code(5));
        };
        let until = apart::deadline(&ctx);
        if builds_values(ctx.args) {
            let rehearsal = apart::run(&ctx, compact(ctx.args), &stdin, until, SHARE).await?;
            if nesting(rehearsal.stdout.as_bytes()) > MAX_NESTING {
                let text = format!("jq: error: the result is nested more than {MAX_NESTING} levels deep\n");
                ctx.stderr.write_all(text.as_bytes()).await?;
                return Ok(CommandStatus::with_code(5));
            }
        }
        let result = apart::run(&ctx, ctx.args.to_vec(), &stdin, until, SHARE).await?;
        ctx.stderr.write_all(result.stderr.as_bytes()).await?;
        ctx.stdout.write_all(result.stdout.as_bytes()).await?;
        Ok(CommandStatus::with_code(result.exit_code))
    }
}

/// Standard input, unless the filter does not ask for it; none when it is too long.
async fn input(ctx: &CommandContext<'_>) -> Result<Option<Vec<u8>>> {
    let is_null =
        |arg: &String| arg == "--null-input" || (arg.starts_with('-') && !arg.starts_with("--") && arg.contains('n'));
    let asks = |arg: &String| arg.contains("input") && !arg.starts_with("--");
    if ctx.args.iter().any(is_null) && !ctx.args.iter().any(asks) {
        return Ok(Some(Vec::new()));
    }
    apart::read_input(ctx).await
}

/// Whether a filter has the words with which values can become deeper than its input, which is limited to 100 levels.
fn builds_values(args: &[String]) -> bool {
    const WORDS: &[&str] = &["reduce", "foreach", "def ", "recurse", "repeat", "until", "while", "limit", "last"];
    args.iter().any(|arg| arg == "-f" || arg.starts_with("--from-file") || WORDS.iter().any(|word| arg.contains(word)))
}

/// The same filter without indentation, which grows with the square of the nesting.
fn compact(args: &[String]) -> Vec<String> {
    let mut compact = vec!["-c".to_owned()];
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--tab" => {}
            "--indent" => drop(args.next()),
            _ => compact.push(arg.clone()),
        }
    }
    compact
}

/// The deepest nesting of brackets outside of strings.
fn nesting(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
