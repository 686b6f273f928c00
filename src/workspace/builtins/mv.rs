//! `mv` of GNU coreutils: `mv [-finuvT] [-t DIR] SOURCE... TARGET`. The engine's own takes `-n` and overwrites all the
//! same.

use super::call::{reason, resolve};
use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, FileSystem, Metadata, Result};
use std::path::Path;

/// The command.
pub struct Mv;

#[derive(Default)]
struct Options {
    no_clobber: bool,
    update: bool,
    verbose: bool,
    backup: bool,
    no_target_directory: bool,
    target_directory: Option<String>,
    operands: Vec<String>,
}

#[async_trait]
impl Command for Mv {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let (moves, mut failed) = match plan(&ctx).await {
            Ok(moves) => (moves, false),
            Err(message) => (Moves::default(), complain(&ctx, &message).await?),
        };
        for (from, to) in &moves.pairs {
            match move_one(&ctx, &moves.options, from, to).await {
                Ok(true) if moves.options.verbose => {
                    ctx.stdout.write_all(format!("renamed '{from}' -> '{to}'\n").as_bytes()).await?;
                }
                Ok(_) => {}
                Err(message) => failed = complain(&ctx, &message).await?,
            }
        }
        Ok(CommandStatus::with_code(i32::from(failed)))
    }
}

/// What is to be moved where, as the messages show it.
#[derive(Default)]
struct Moves {
    options: Options,
    pairs: Vec<(String, String)>,
}

async fn complain(ctx: &CommandContext<'_>, message: &str) -> Result<bool> {
    let is_usage = ["missing ", "invalid option", "unrecognized option"].iter().any(|start| message.starts_with(start));
    let hint = if is_usage { "Try 'mv --help' for more information.\n" } else { "" };
    ctx.stderr.write_all(format!("mv: {message}\n{hint}").as_bytes()).await?;
    Ok(true)
}

impl Options {
    fn parse(args: &[String]) -> std::result::Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--" => options.operands.extend(args.by_ref().cloned()),
                "--force" | "--interactive" => options.no_clobber = false,
                "--no-clobber" => options.no_clobber = true,
                "--update" => options.update = true,
                "--backup" => options.backup = true,
                "--verbose" => options.verbose = true,
                "--no-target-directory" => options.no_target_directory = true,
                "--target-directory" => options.target_directory = args.next().cloned(),
                long if long.starts_with("--target-directory=") => {
                    options.target_directory = long.split_once('=').map(|(_, dir)| dir.to_owned());
                }
                long if long.starts_with("--") => return Err(format!("unrecognized option '{long}'")),
                short if short.starts_with('-') && short.len() > 1 => {
                    for (at, flag) in short.char_indices().skip(1) {
                        match flag {
                            // Nobody can be asked: no terminal is there.
                            'f' | 'i' => options.no_clobber = false,
                            'n' => options.no_clobber = true,
                            'u' => options.update = true,
                            'v' => options.verbose = true,
                            'b' => options.backup = true,
                            'T' => options.no_target_directory = true,
                            't' => {
                                let rest = &short[at + 1..];
                                options.target_directory =
                                    if rest.is_empty() { args.next().cloned() } else { Some(rest.to_owned()) };
                                break;
                            }
                            other => return Err(format!("invalid option -- '{other}'")),
                        }
                    }
                }
                operand => options.operands.push(operand.to_owned()),
            }
        }
        Ok(options)
    }
}

async fn plan(ctx: &CommandContext<'_>) -> std::result::Result<Moves, String> {
    let mut options = Options::parse(ctx.args)?;
    let mut sources = std::mem::take(&mut options.operands);
    let directory = match options.target_directory.take() {
        Some(directory) if is_dir(ctx, &directory).await => Some(directory),
        Some(directory) => return Err(format!("target directory '{directory}': Not a directory")),
        None if sources.is_empty() => return Err("missing file operand".to_owned()),
        None if sources.len() == 1 => {
            return Err(format!("missing destination file operand after '{}'", sources[0]));
        }
        None => {
            let target = sources.pop().unwrap_or_default();
            if !options.no_target_directory && is_dir(ctx, &target).await {
                Some(target)
            } else if sources.len() > 1 {
                return Err(format!("target '{target}' is not a directory"));
            } else {
                return Ok(Moves {
                    options,
                    pairs: sources.into_iter().map(|source| (source, target.clone())).collect(),
                });
            }
        }
    };
    let directory = directory.unwrap_or_default();
    let into = |source: String| {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let to = format!("{}/{name}", directory.trim_end_matches('/'));
        (source, to)
    };
    Ok(Moves { pairs: sources.into_iter().map(into).collect(), options })
}

/// Moves one; false when it was to be left alone.
async fn move_one(
    ctx: &CommandContext<'_>,
    options: &Options,
    from: &str,
    to: &str,
) -> std::result::Result<bool, String> {
    let (source, target) = (resolve(ctx.cwd, from), resolve(ctx.cwd, to));
    let old = ctx.fs.lstat(&source).await.map_err(|error| format!("cannot stat '{from}': {}", reason(&error)))?;
    let there = ctx.fs.lstat(&target).await.ok();
    if source == target {
        return Err(format!("'{from}' and '{to}' are the same file"));
    }
    if let Some(there) = &there {
        if options.no_clobber || (options.update && there.modified >= old.modified) {
            return Ok(false);
        }
        match (old.file_type.is_dir(), there.file_type.is_dir()) {
            (true, false) => return Err(format!("cannot overwrite non-directory '{to}' with directory '{from}'")),
            (false, true) => return Err(format!("cannot overwrite directory '{to}' with non-directory '{from}'")),
            (true, true) => empty(&*ctx.fs, &target, from, to).await?,
            (false, false) => {}
        }
    }
    if old.file_type.is_dir() && target.starts_with(&source) {
        return Err(format!("cannot move '{from}' to a subdirectory of itself, '{to}'"));
    }
    if options.backup && there.is_some() {
        let backup = resolve(ctx.cwd, &format!("{}~", to.trim_end_matches('/')));
        let kept = ctx.fs.rename(&target, &backup).await;
        kept.map_err(|error| format!("cannot backup '{to}': {}", reason(&error)))?;
    }
    let moved = ctx.fs.rename(&source, &target).await;
    moved.map(|()| true).map_err(|error| format!("cannot move '{from}' to '{to}': {}", reason(&error)))
}

async fn empty(fs: &dyn FileSystem, target: &Path, from: &str, to: &str) -> std::result::Result<(), String> {
    match fs.read_dir(target).await {
        Ok(entries) if entries.is_empty() => Ok(()),
        Ok(_) => Err(format!("cannot move '{from}' to '{to}': Directory not empty")),
        Err(error) => Err(format!("cannot move '{from}' to '{to}': {}", reason(&error))),
    }
}

async fn is_dir(ctx: &CommandContext<'_>, path: &str) -> bool {
    let is_dir = |found: Metadata| found.file_type.is_dir();
    ctx.fs.stat(&resolve(ctx.cwd, path)).await.is_ok_and(is_dir)
}
