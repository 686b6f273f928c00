//! `yes`: repeats a line until nobody reads it any more.

use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Result};

/// The command.
pub struct Yes;

#[async_trait]
impl Command for Yes {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let line = match ctx.args.strip_prefix(&["--".to_owned()]).unwrap_or(ctx.args) {
            [] => "y\n".to_owned(),
            words => words.join(" ") + "\n",
        };
        let chunk = line.repeat((4096 / line.len()).max(1));
        loop {
            ctx.stdout.write_all(chunk.as_bytes()).await?;
        }
    }
}
