//! Runs one of the engine's own commands on a thread and under limits of its own.

use bashkit::{Bash, CommandContext, Error, ExecOptions, ExecResult, ExecutionLimits, Result};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// When the script that calls a command has to end.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(pub Option<Instant>);

/// The longest input, and the longest output.
pub const STREAM: usize = 64 << 20;
/// The longest that a command may take, also one whose script was stopped meanwhile.
const LONGEST: Duration = Duration::from_secs(60);
/// How often half of everything is tried on a host that does not give the whole stack.
const HALVINGS: u32 = 3;

/// What a command gets.
#[derive(Clone, Copy)]
pub struct Share {
    /// Bytes of the values that it holds at once.
    pub values: u64,
    /// Bytes of its stack, enough for `values` nested as deeply as they go.
    pub stack: usize,
}

/// When a command that is called now has to end.
pub fn deadline(ctx: &CommandContext<'_>) -> Instant {
    let script = ctx.execution_extension::<Deadline>().and_then(|at| at.try_with(|at| at.0).ok()).flatten();
    let longest = Instant::now() + LONGEST;
    script.map_or(longest, |at| at.min(longest))
}

/// All of standard input; none when it is too long.
pub async fn read_input(ctx: &CommandContext<'_>) -> Result<Option<Vec<u8>>> {
    let mut input = Vec::new();
    while let Some(chunk) = ctx.stdin.read_chunk().await? {
        if input.len() + chunk.len() > STREAM {
            return Ok(None);
        }
        input.extend_from_slice(&chunk);
    }
    Ok(Some(input))
}

/// Runs the engine's own `ctx.name` with other arguments. A script that is stopped does not wait for it.
pub async fn run(
    ctx: &CommandContext<'_>,
    mut args: Vec<String>,
    stdin: &[u8],
    until: Instant,
    share: Share,
) -> Result<ExecResult> {
    // What a process substitution holds is only visible in here.
    let mut copies = Vec::new();
    for arg in args.iter_mut().filter(|arg| arg.starts_with("/dev/fd/")) {
        if let Ok(content) = ctx.fs.read_file(Path::new(arg.as_str())).await {
            let copy = format!("/tmp/.fd-{}", &arg["/dev/fd/".len()..]);
            copies.push((copy.clone(), String::from_utf8_lossy(&content).into_owned()));
            *arg = copy;
        }
    }
    let mut result = None;
    for halving in 0..=HALVINGS {
        let (sender, receiver) = oneshot::channel();
        let limits = ExecutionLimits::new()
            .max_stdout_bytes(STREAM)
            .max_stderr_bytes(STREAM)
            .max_live_intermediate_bytes(share.values >> halving)
            .max_aggregate_input_bytes(1 << 40)
            .max_work_units(u64::MAX / 4)
            .timeout(until.saturating_duration_since(Instant::now()));
        let mut builder = Bash::builder().fs(ctx.fs.clone()).cwd(ctx.cwd).limits(limits);
        for (name, value) in ctx.env {
            builder = builder.env(name, value);
        }
        for (path, content) in &copies {
            builder = builder.mount_text(path, content);
        }
        let options = ExecOptions::new().positional(args.iter().cloned()).stdin(stdin.to_vec());
        let script = format!("{} \"$@\"", ctx.name);
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let result = runtime.map_err(Error::from).and_then(|runtime| {
                runtime.block_on(async { builder.build().exec_with_options(&script, options).await })
            });
            // Nobody waits any more when the script was stopped.
            let _ = sender.send(result);
        };
        let thread = std::thread::Builder::new().name(ctx.name.to_owned()).stack_size(share.stack >> halving);
        match thread.spawn(work) {
            Ok(_) => {
                result = Some(receiver);
                break;
            }
            Err(error) if halving == HALVINGS => return Err(error.into()),
            Err(_) => {}
        }
    }
    let failed = |what: &str| Ok(ExecResult::err(format!("{}: {what}\n", ctx.name), 5));
    let Some(result) = result else { return failed("no thread") };
    match result.await {
        Ok(Err(Error::ResourceLimit(limit))) => failed(&limit.to_string()),
        Ok(Err(Error::Cancelled)) => failed("took too long"),
        Ok(result) => result,
        Err(_) => failed("internal error"),
    }
}
