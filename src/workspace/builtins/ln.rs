//! `ln`. The mounts have no hard links, so a link without `-s` is a copy that keeps mode and time; nothing makes a
//! symbolic link of it.

use super::call::{Call, Outcome, Stop, Utility, base_name, join, reason};
use super::paths;
use super::quote::quote;
use async_trait::async_trait;
use bashkit::FileType;

/// The command.
pub struct Ln;

const LONG: &str = "symbolic=s force=f interactive=i no-dereference=n verbose=v target-directory=t \
                    no-target-directory=T relative=r logical=L physical=P backup=b directory=d";

struct Flags {
    symbolic: bool,
    force: bool,
    verbose: bool,
    relative: bool,
    backup: bool,
}

#[async_trait]
impl Utility for Ln {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("sfinvt:TrLPbdF", LONG).await?;
        let flags = Flags {
            symbolic: options.has('s'),
            force: options.has('f') || options.has('i'),
            verbose: options.has('v'),
            relative: options.has('r'),
            backup: options.has('b'),
        };
        if flags.relative && !flags.symbolic {
            return Err(Stop::Message("cannot do --relative without --symbolic".to_owned()));
        }
        let directory_link = options.has('n') || options.has('T');
        let mut operands = options.operands.clone();
        let directory = match options.value('t') {
            Some(directory) if !call.is_dir(directory).await => {
                let reason = call.stat(directory).await.err().unwrap_or_else(|| "Not a directory".to_owned());
                return Err(Stop::Message(format!("target directory {}: {reason}", quote(directory))));
            }
            Some(directory) => Some(directory.to_owned()),
            None => None,
        };
        let directory = match (directory, operands.len()) {
            (_, 0) => return Err(Stop::Usage("missing file operand".to_owned())),
            (Some(directory), _) => directory,
            (None, 1) if options.has('T') => {
                let operand = quote(&operands[0]);
                return Err(Stop::Usage(format!("missing destination file operand after {operand}")));
            }
            (None, 1) => ".".to_owned(),
            (None, 2) => {
                let last = operands[1].clone();
                let is_link = call.lstat(&last).await.is_ok_and(|found| found.file_type == FileType::Symlink);
                if options.has('T') || (directory_link && is_link) || !call.is_dir(&last).await {
                    link(call, &flags, &operands[0], &last).await?;
                    return Ok(0);
                }
                operands.pop().unwrap_or_default()
            }
            (None, _) if options.has('T') => return Err(Stop::Usage(format!("extra operand {}", quote(&operands[2])))),
            (None, _) => {
                let last = operands.pop().unwrap_or_default();
                if !call.is_dir(&last).await {
                    return Err(Stop::Message(format!("target {}: Not a directory", quote(&last))));
                }
                last
            }
        };
        for target in &operands {
            let to = join(&directory, base_name(target));
            let shown =
                if directory == "." && options.value('t').is_none() { format!("./{}", base_name(target)) } else { to };
            link(call, &flags, target, &shown).await?;
        }
        Ok(0)
    }
}

async fn link(call: &mut Call<'_>, flags: &Flags, target: &str, name: &str) -> Result<(), Stop> {
    let kind = if flags.symbolic { "symbolic" } else { "hard" };
    if !flags.symbolic {
        match call.lstat(target).await {
            Err(reason) => {
                call.complain(format!("failed to access {}: {reason}", quote(target))).await?;
                return Ok(());
            }
            Ok(found) if found.file_type.is_dir() => {
                call.complain(format!("{}: hard link not allowed for directory", quote(target).trim_matches('\'')))
                    .await?;
                return Ok(());
            }
            Ok(_) => {}
        }
    }
    let (from, to) = (call.path(target), call.path(name));
    if let Ok(there) = call.lstat(name).await {
        if !flags.symbolic && from == to {
            call.complain(format!("{} and {} are the same file", quote(target), quote(name))).await?;
            return Ok(());
        }
        if there.file_type.is_dir() && (flags.force || flags.backup) {
            call.complain(format!("{name}: cannot overwrite directory")).await?;
            return Ok(());
        }
        if flags.backup {
            let backup = call.path(&format!("{name}~"));
            let _ = call.ctx.fs.rename(&to, &backup).await;
        } else if flags.force {
            let _ = call.ctx.fs.remove(&to, false).await;
        } else {
            call.complain(format!("failed to create {kind} link {}: File exists", quote(name))).await?;
            return Ok(());
        }
    }
    let text = if flags.relative { paths::relative_between(&paths::parent(&to), &from) } else { target.to_owned() };
    let made = if flags.symbolic {
        call.ctx.fs.symlink(text.as_ref(), &to).await
    } else {
        paths::copy_entry(call, &from, &to).await
    };
    match made {
        Ok(()) if flags.verbose => {
            let arrow = if flags.symbolic { "->" } else { "=>" };
            call.print(format!("{} {arrow} {}\n", quote(name), quote(&text)).as_bytes()).await?;
        }
        Ok(()) => {}
        Err(error) => {
            let shown = if flags.symbolic { quote(name) } else { format!("{} => {}", quote(name), quote(target)) };
            call.complain(format!("failed to create {kind} link {shown}: {}", reason(&error))).await?;
        }
    }
    Ok(())
}
