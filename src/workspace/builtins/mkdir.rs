//! `mkdir` and `rmdir`.

use super::call::{Call, Outcome, Stop, Utility, join, reason};
use super::mode;
use super::quote::quote;
use async_trait::async_trait;

/// `mkdir`.
pub struct Mkdir;
/// `rmdir`.
pub struct Rmdir;

#[async_trait]
impl Utility for Mkdir {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("m:pvZ", "mode=m parents=p verbose=v context=Z").await?;
        if options.operands.is_empty() {
            return Err(Stop::Usage("missing operand".to_owned()));
        }
        let wanted = match options.value('m') {
            None => None,
            Some(text) => {
                let parsed = mode::apply(text, 0o777, true, 0);
                Some(parsed.ok_or_else(|| format!("invalid mode {}", call.curly(text)))?)
            }
        };
        for operand in &options.operands {
            let made = if options.has('p') {
                with_parents(call, operand, options.has('v')).await?
            } else {
                one(call, operand, options.has('v')).await?
            };
            if let (true, Some(mode)) = (made, wanted) {
                let _ = call.ctx.fs.chmod(&call.path(operand), mode).await;
            }
        }
        Ok(0)
    }
}

/// Makes one directory, saying so or why not; whether it is new.
async fn one(call: &mut Call<'_>, name: &str, verbose: bool) -> Result<bool, Stop> {
    let made = if name.is_empty() {
        Err("No such file or directory".to_owned())
    } else {
        call.ctx.fs.mkdir(&call.path(name), false).await.map_err(|error| reason(&error))
    };
    match made {
        Ok(()) if verbose => call.print(format!("mkdir: created directory {}\n", quote(name)).as_bytes()).await?,
        Ok(()) => {}
        Err(reason) => {
            call.complain(format!("cannot create directory {}: {reason}", call.curly(name))).await?;
            return Ok(false);
        }
    }
    Ok(true)
}

async fn with_parents(call: &mut Call<'_>, name: &str, verbose: bool) -> Result<bool, Stop> {
    let mut at = if name.starts_with('/') { "/".to_owned() } else { String::new() };
    let mut made = false;
    for part in name.split('/').filter(|part| !part.is_empty()) {
        at = if at.is_empty() { part.to_owned() } else { join(&at, part) };
        match call.stat(&at).await {
            Ok(found) if found.file_type.is_dir() => {}
            Ok(_) => {
                let why = if at.len() == name.trim_end_matches('/').len() { "File exists" } else { "Not a directory" };
                call.complain(format!("cannot create directory {}: {why}", call.curly(&at))).await?;
                return Ok(false);
            }
            Err(_) => {
                made = one(call, &at, verbose).await?;
                if !made {
                    return Ok(false);
                }
            }
        }
    }
    Ok(made)
}

#[async_trait]
impl Utility for Rmdir {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let long = "parents=p verbose=v ignore-fail-on-non-empty=i";
        let options = call.options("pv|i", long).await?;
        if options.operands.is_empty() {
            return Err(Stop::Usage("missing operand".to_owned()));
        }
        for operand in &options.operands {
            let mut at = operand.trim_end_matches('/');
            loop {
                if options.has('v') {
                    call.print(format!("rmdir: removing directory, {}\n", quote(at)).as_bytes()).await?;
                }
                if let Err(why) = remove(call, at).await {
                    if !(options.has('i') && why == "Directory not empty") {
                        let what = if at == operand.trim_end_matches('/') { "" } else { "directory " };
                        call.complain(format!("failed to remove {what}{}: {why}", quote(at))).await?;
                    }
                    break;
                }
                match at.rsplit_once('/') {
                    Some((parent, _)) if options.has('p') && !parent.is_empty() => at = parent,
                    _ => break,
                }
            }
        }
        Ok(0)
    }
}

async fn remove(call: &Call<'_>, name: &str) -> Result<(), String> {
    if !call.lstat(name).await?.file_type.is_dir() {
        return Err("Not a directory".to_owned());
    }
    if name == "." || name.ends_with("/.") {
        return Err("Invalid argument".to_owned());
    }
    call.ctx.fs.remove(&call.path(name), false).await.map_err(|error| reason(&error))
}
