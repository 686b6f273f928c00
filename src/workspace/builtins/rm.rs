//! `rm`.

use super::call::{Call, Outcome, Stop, Utility, base_name, join, reason};
use super::quote::quote;
use async_trait::async_trait;
use bashkit::FileType;

/// The command.
pub struct Rm;

const LONG: &str = "force=f recursive=r dir=d verbose=v interactive=i one-file-system=x no-preserve-root=x \
                    preserve-root=x";

#[async_trait]
impl Utility for Rm {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("frRdvIi::|x::", LONG).await?;
        let force = options.has('f');
        if options.operands.is_empty() {
            return if force { Ok(0) } else { Err(Stop::Usage("missing operand".to_owned())) };
        }
        let recursive = options.has('r') || options.has('R');
        for operand in &options.operands {
            let found = match call.lstat(operand).await {
                Ok(found) => found,
                Err(reason) if force && reason == "No such file or directory" => continue,
                Err(reason) if force && reason == "Not a directory" => continue,
                Err(reason) => {
                    call.complain(format!("cannot remove {}: {reason}", quote(operand))).await?;
                    continue;
                }
            };
            let is_dir = found.file_type == FileType::Directory;
            if is_dir && recursive && matches!(base_name(operand), "." | "..") {
                let text = format!("refusing to remove '.' or '..' directory: skipping {}", quote(operand));
                call.complain(text).await?;
            } else if is_dir && recursive && call.path(operand) == std::path::Path::new("/") {
                let root = format!("it is dangerous to operate recursively on {}", quote(operand));
                call.complain(root).await?;
                call.warn("use --no-preserve-root to override this failsafe").await?;
            } else if is_dir && !recursive && !options.has('d') {
                call.complain(format!("cannot remove {}: Is a directory", quote(operand))).await?;
            } else if is_dir && options.has('v') && recursive {
                remove_aloud(call, operand).await?;
            } else {
                let removed = call.ctx.fs.remove(&call.path(operand), recursive && is_dir).await;
                match removed {
                    Ok(()) if options.has('v') && is_dir => said_directory(call, operand).await?,
                    Ok(()) if options.has('v') => said(call, operand).await?,
                    Ok(()) => {}
                    Err(error) => {
                        call.complain(format!("cannot remove {}: {}", quote(operand), reason(&error))).await?;
                    }
                }
            }
        }
        Ok(0)
    }
}

async fn said(call: &mut Call<'_>, name: &str) -> Result<(), Stop> {
    Ok(call.print(format!("removed {}\n", quote(name)).as_bytes()).await?)
}

async fn said_directory(call: &mut Call<'_>, name: &str) -> Result<(), Stop> {
    Ok(call.print(format!("removed directory {}\n", quote(name)).as_bytes()).await?)
}

/// Takes a tree away one by one, saying so.
async fn remove_aloud(call: &mut Call<'_>, top: &str) -> Result<(), Stop> {
    // A directory comes twice: before its members, and when they are gone.
    let mut todo = vec![(top.to_owned(), false)];
    while let Some((name, emptied)) = todo.pop() {
        let path = call.path(&name);
        let is_dir = call.ctx.fs.lstat(&path).await.is_ok_and(|found| found.file_type.is_dir());
        if is_dir && !emptied {
            todo.push((name.clone(), true));
            let members = call.list(&name).await.unwrap_or_default();
            todo.extend(members.into_iter().rev().map(|(member, _)| (join(&name, &member), false)));
            continue;
        }
        match call.ctx.fs.remove(&path, false).await {
            Ok(()) if is_dir => said_directory(call, &name).await?,
            Ok(()) => said(call, &name).await?,
            Err(error) => call.complain(format!("cannot remove {}: {}", quote(&name), reason(&error))).await?,
        }
    }
    Ok(())
}
