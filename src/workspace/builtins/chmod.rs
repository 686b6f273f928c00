//! `chmod`.

use super::call::{Call, MAX_DEPTH, Outcome, Stop, Utility, join, reason};
use super::mode::{apply, words};
use super::quote::quote;
use async_trait::async_trait;
use bashkit::FileType;

/// The command.
pub struct Chmod;

const LONG: &str = "changes=c silent=f quiet=f verbose=v recursive=R reference=D no-preserve-root=N preserve-root=N";

#[async_trait]
impl Utility for Chmod {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        // `-w` and `-x` are modes and no options.
        let is_mode = |arg: &&String| {
            arg.starts_with('-') && arg.len() > 1 && arg[1..].chars().all(|c| "rwxXstugoa,=+-".contains(c))
        };
        let given = call.ctx.args.iter().take_while(|arg| *arg != "--").find(is_mode).cloned();
        let args: Vec<String> = call.ctx.args.iter().filter(|arg| Some(*arg) != given.as_ref()).cloned().collect();
        let options = super::options::Options::parse(&args, "cfvR|D:N", LONG)?;
        if let Some(text) = options.answer("chmod") {
            call.print(text.as_bytes()).await?;
            return Ok(0);
        }
        let mut operands = options.operands.clone();
        let wanted = match (options.value('D'), given) {
            (Some(file), _) => {
                let found = call.stat(file).await;
                let found = found.map_err(|reason| format!("failed to get attributes of {}: {reason}", quote(file)))?;
                format!("{:o}", found.mode & 0o7777)
            }
            (None, Some(mode)) => mode,
            (None, None) if operands.is_empty() => return Err(Stop::Usage("missing operand".to_owned())),
            (None, None) => operands.remove(0),
        };
        if operands.is_empty() {
            return Err(Stop::Usage(format!("missing operand after {}", call.curly(&wanted))));
        }
        if apply(&wanted, 0, false, 0o022).is_none() {
            return Err(Stop::Usage(format!("invalid mode: {}", call.curly(&wanted))));
        }
        let mut todo: Vec<(String, usize)> = operands.into_iter().rev().map(|operand| (operand, 0)).collect();
        while let Some((name, depth)) = todo.pop() {
            let found = if depth == 0 { call.stat(&name).await } else { call.lstat(&name).await };
            let found = match found {
                Ok(found) if found.file_type == FileType::Symlink => continue,
                Ok(found) => found,
                Err(reason) => {
                    if options.has('f') {
                        call.failed = 1;
                    } else {
                        call.complain(format!("cannot access {}: {reason}", quote(&name))).await?;
                    }
                    continue;
                }
            };
            let (old, is_dir) = (found.mode & 0o7777, found.file_type.is_dir());
            let mut new = apply(&wanted, old, is_dir, 0o022).unwrap_or(old);
            // A number of up to four digits leaves a directory's set-id bits alone.
            if is_dir && wanted.len() < 5 && wanted.bytes().all(|byte| byte.is_ascii_digit()) {
                new |= old & 0o6000;
            }
            if new != old
                && let Err(error) = call.ctx.fs.chmod(&call.path(&name), new).await
            {
                call.complain(format!("changing permissions of {}: {}", quote(&name), reason(&error))).await?;
                continue;
            }
            if options.has('v') || (options.has('c') && new != old) {
                let shown = |mode: u32| format!("{mode:04o} ({})", &words(FileType::File, mode)[1..]);
                let text = if new == old {
                    format!("mode of {} retained as {}\n", quote(&name), shown(old))
                } else {
                    format!("mode of {} changed from {} to {}\n", quote(&name), shown(old), shown(new))
                };
                call.print(text.as_bytes()).await?;
            }
            if is_dir && options.has('R') && depth < MAX_DEPTH {
                let members = call.list(&name).await.unwrap_or_default();
                todo.extend(members.into_iter().rev().map(|(member, _)| (join(&name, &member), depth + 1)));
            }
        }
        Ok(0)
    }
}
