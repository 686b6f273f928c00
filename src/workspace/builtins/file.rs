//! `file`: the engine's own, which does not know `-b`.

use super::apart::{self, Share};
use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Result};

const SHARE: Share = Share { values: 32 << 20, stack: 64 << 20 };

/// The command.
pub struct File;

#[async_trait]
impl Command for File {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let is_brief = |arg: &String| matches!(arg.as_str(), "-b" | "--brief");
        let args: Vec<String> = ctx.args.iter().filter(|arg| !is_brief(arg)).cloned().collect();
        let is_named = args.len() == ctx.args.len();
        let result = apart::run(&ctx, args.clone(), b"", apart::deadline(&ctx), SHARE).await?;
        ctx.stderr.write_all(result.stderr.as_bytes()).await?;
        let stdout = String::from_utf8_lossy(result.stdout.as_bytes());
        for line in stdout.lines() {
            let name =
                args.iter().find(|arg| line.strip_prefix(arg.as_str()).is_some_and(|rest| rest.starts_with(':')));
            let kind = match name {
                Some(name) if !is_named => line[name.len() + 1..].trim_start(),
                _ => line,
            };
            ctx.stdout.write_all(format!("{kind}\n").as_bytes()).await?;
        }
        Ok(CommandStatus::with_code(result.exit_code))
    }
}
