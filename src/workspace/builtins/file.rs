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
        let is_option = |arg: &&String| arg.starts_with('-') && arg.len() > 1;
        let is_brief = ctx.args.iter().any(|arg| matches!(arg.as_str(), "-b" | "--brief"));
        let options: Vec<&String> = ctx.args.iter().filter(is_option).collect();
        let names: Vec<&String> = ctx.args.iter().filter(|arg| !is_option(arg)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut code = 0;
        for name in &names {
            let mut kind = self.link(&ctx, name).await;
            if kind.is_none() {
                let args = options.iter().filter(|arg| !matches!(arg.as_str(), "-b" | "--brief")).chain([name]);
                let args = args.map(|arg| (*arg).clone()).collect();
                let result = apart::run(&ctx, args, b"", apart::deadline(&ctx), SHARE).await?;
                ctx.stderr.write_all(result.stderr.as_bytes()).await?;
                code = code.max(result.exit_code);
                let line = String::from_utf8_lossy(result.stdout.as_bytes()).into_owned();
                let without = line.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix(':'));
                kind = without.map(|rest| rest.trim().to_owned()).filter(|rest| !rest.is_empty());
            }
            let Some(kind) = kind else { continue };
            let padding = " ".repeat(width - name.chars().count());
            let line = if is_brief { format!("{kind}\n") } else { format!("{name}:{padding} {kind}\n") };
            ctx.stdout.write_all(line.as_bytes()).await?;
        }
        if names.is_empty() {
            ctx.stderr.write_all(b"Usage: file [-b] FILE...\n").await?;
            code = 1;
        }
        Ok(CommandStatus::with_code(code))
    }
}

impl File {
    /// What there is to say of a symbolic link.
    async fn link(&self, ctx: &CommandContext<'_>, name: &str) -> Option<String> {
        let path = ctx.cwd.join(name);
        let target = ctx.fs.read_link(&path).await.ok()?;
        let is_broken = ctx.fs.stat(&path).await.is_err();
        let kind = if is_broken { "broken symbolic link" } else { "symbolic link" };
        Some(format!("{kind} to {}", target.display()))
    }
}
