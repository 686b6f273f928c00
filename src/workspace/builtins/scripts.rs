//! The commands that rewritten scripts use, and those that say that an interpreter is not there.

use crate::workspace::calls::INTERPRETERS;
use crate::workspace::rewrite::{EXPORT, SOURCE};
use crate::workspace::scripts::Scripts;
use async_trait::async_trait;
use bashkit::{
    BashBuilder, Builtin, BuiltinContext, Command, CommandContext, CommandStatus, ExecResult, ExecutionPlan, Result,
    SubCommand,
};
use std::path::Path;
use std::sync::Arc;

/// Adds them to the others. `may_interpret`: whether a mount is in exec mode.
pub(in crate::workspace) fn register_for_scripts(
    builder: BashBuilder,
    scripts: &Arc<Scripts>,
    may_interpret: bool,
) -> BashBuilder {
    let builder = builder
        .builtin(SOURCE, Box::new(Source { scripts: scripts.clone() }))
        .command(EXPORT, ExportFunctions { scripts: scripts.clone() });
    INTERPRETERS.iter().fold(builder, |builder, name| builder.command(*name, Missing { may_interpret }))
}

/// `source` of a device or a process substitution: its text goes where the engine reads it as a file.
struct Source {
    scripts: Arc<Scripts>,
}

#[async_trait]
impl Builtin for Source {
    async fn execute(&self, _: BuiltinContext<'_>) -> Result<ExecResult> {
        Ok(ExecResult::err("bash: source: filename argument required\n", 2))
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let Some((path, args)) = ctx.args.split_first() else { return Ok(None) };
        let text = match path.as_str() {
            "/dev/stdin" | "/dev/fd/0" => Some(ctx.stdin.map(|stdin| stdin.as_bytes().to_vec()).unwrap_or_default()),
            path => ctx.fs.read_file(Path::new(path)).await.ok(),
        };
        let path = text.map_or_else(|| path.clone(), |text| self.scripts.keep(text));
        let args = std::iter::once(path).chain(args.iter().cloned()).collect();
        let command = SubCommand { name: "source".to_owned(), args, stdin: None, assignments: Vec::new() };
        Ok(Some(ExecutionPlan::Batch { commands: vec![command] }))
    }
}

/// `export -f`, called with names and what `declare -f` says of them.
struct ExportFunctions {
    scripts: Arc<Scripts>,
}

#[async_trait]
impl Command for ExportFunctions {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let mut status = CommandStatus::success();
        for pair in ctx.args.chunks(2) {
            match pair {
                [name, definition] if !definition.is_empty() => self.scripts.export(name, definition),
                [name, ..] => {
                    ctx.stderr.write_all(format!("bash: export: {name}: not a function\n").as_bytes()).await?;
                    status = CommandStatus::with_code(1);
                }
                [] => {}
            }
        }
        Ok(status)
    }
}

/// An interpreter that is not there: 127, or 126 when no mount would let it run.
struct Missing {
    may_interpret: bool,
}

#[async_trait]
impl Command for Missing {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let (reason, code) = match self.may_interpret {
            true => ("command not found", 127),
            false => ("no mount is in exec mode", 126),
        };
        ctx.stderr.write_all(format!("bash: {}: {reason}\n", ctx.name).as_bytes()).await?;
        Ok(CommandStatus::with_code(code))
    }
}
