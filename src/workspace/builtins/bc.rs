//! `bc`: the engine's own, which computes in 64 bits: what does not fit is an error and not the largest number.

use super::apart::{self, Share};
use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Result};

const SHARE: Share = Share { values: 32 << 20, stack: 64 << 20 };
/// Nested parentheses, over which it recurses.
const MAX_NESTING: usize = 1000;
/// Where its numbers end.
const ENDS: [&str; 2] = ["9223372036854775807", "-9223372036854775808"];

/// The command.
pub struct Bc;

#[async_trait]
impl Command for Bc {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let mut program = apart::read_input(&ctx).await?.unwrap_or_default();
        let stdin = program.clone();
        for file in ctx.args.iter().filter(|arg| !arg.starts_with('-')) {
            program.extend(ctx.fs.read_file(&ctx.cwd.join(file)).await.unwrap_or_default());
        }
        if program.iter().filter(|byte| **byte == b'(').count() > MAX_NESTING && nesting(&program) > MAX_NESTING {
            ctx.stderr.write_all(b"bc: parentheses are nested too deeply\n").await?;
            return Ok(CommandStatus::with_code(1));
        }
        let result = apart::run(&ctx, ctx.args.to_vec(), &stdin, apart::deadline(&ctx), SHARE).await?;
        ctx.stderr.write_all(result.stderr.as_bytes()).await?;
        let stdout = String::from_utf8_lossy(result.stdout.as_bytes());
        if stdout.lines().any(|line| ENDS.contains(&line)) {
            ctx.stderr.write_all(b"bc: a number does not fit into 64 bits, which is the limit here\n").await?;
            return Ok(CommandStatus::with_code(1));
        }
        ctx.stdout.write_all(result.stdout.as_bytes()).await?;
        Ok(CommandStatus::with_code(result.exit_code))
    }
}

fn nesting(program: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in program {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
