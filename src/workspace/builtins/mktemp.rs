//! `mktemp`.

use super::call::{Call, Outcome, Stop, Utility, join, reason};
use async_trait::async_trait;

/// The command.
pub struct Mktemp;

const LONG: &str = "directory=d dry-run=u quiet=q suffix=S tmpdir=T";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// How many names are tried.
const TRIES: usize = 100;

#[async_trait]
impl Utility for Mktemp {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("dp:qtuV|S:T::", LONG).await?;
        if options.operands.len() > 1 {
            return Err(Stop::Usage("too many templates".to_owned()));
        }
        let given = options.operands.first();
        let template = given.map_or("tmp.XXXXXXXXXX", String::as_str);
        let (prefix, count, suffix) = parts(call, template, options.value('S'))?;
        let in_tmp = given.is_none() || "ptT".chars().any(|letter| options.has(letter));
        let prefix = if in_tmp {
            let shared = || call.env("TMPDIR").filter(|dir| !dir.is_empty()).unwrap_or("/tmp");
            let chosen = options.value('p').or(options.value('T')).filter(|dir| !dir.is_empty());
            let dir = if options.has('t') {
                if template.contains('/') {
                    let text = format!("invalid template, {}, contains directory separator", call.curly(template));
                    return Err(Stop::Message(text));
                }
                call.env("TMPDIR").filter(|dir| !dir.is_empty()).or(chosen).unwrap_or("/tmp")
            } else {
                if template.starts_with('/') {
                    let text =
                        format!("invalid template, {}; with --tmpdir, it may not be absolute", call.curly(template));
                    return Err(Stop::Message(text));
                }
                chosen.unwrap_or_else(shared)
            };
            join(dir, &prefix)
        } else {
            prefix
        };
        let mut why = "File exists".to_owned();
        for _ in 0..TRIES {
            let name = format!("{prefix}{}{suffix}", random(count));
            if call.lstat(&name).await.is_ok() {
                continue;
            }
            match make(call, &name, options.has('d'), options.has('u')).await {
                Ok(()) => {
                    call.print((name + "\n").as_bytes()).await?;
                    return Ok(0);
                }
                Err(reason) => {
                    why = reason;
                    break;
                }
            }
        }
        if options.has('q') {
            return Ok(1);
        }
        let kind = if options.has('d') { "directory" } else { "file" };
        let template = format!("{prefix}{}{suffix}", "X".repeat(count));
        Err(Stop::Message(format!("failed to create {kind} via template {}: {why}", call.curly(&template))))
    }
}

/// What is before and behind the `X`s of a template, and how many they are.
fn parts(call: &Call<'_>, template: &str, suffix: Option<&str>) -> Result<(String, usize, String), Stop> {
    let slash = |suffix: &str| {
        let text = format!("invalid suffix {}, contains directory separator", call.curly(suffix));
        if suffix.contains('/') { Err(Stop::Message(text)) } else { Ok(()) }
    };
    let (body, suffix) = match suffix {
        Some(_) if !template.ends_with('X') => {
            let text = format!("with --suffix, template {} must end in X", call.curly(template));
            return Err(Stop::Message(text));
        }
        Some(suffix) => (template, suffix),
        None => {
            let end = template.rfind('X').map_or(0, |at| at + 1);
            (&template[..end], &template[end..])
        }
    };
    slash(suffix)?;
    let prefix = body.trim_end_matches('X');
    let count = body.len() - prefix.len();
    if count < 3 {
        return Err(Stop::Message(format!("too few X's in template {}", call.curly(template))));
    }
    Ok((prefix.to_owned(), count, suffix.to_owned()))
}

/// Makes it for its owner alone.
async fn make(call: &Call<'_>, name: &str, directory: bool, dry: bool) -> Result<(), String> {
    let path = call.path(name);
    if dry {
        return Ok(());
    }
    let fs = &call.ctx.fs;
    let made = if directory { fs.mkdir(&path, false).await } else { fs.write_file(&path, b"").await };
    made.map_err(|error| reason(&error))?;
    fs.chmod(&path, if directory { 0o700 } else { 0o600 }).await.map_err(|error| reason(&error))
}

/// Letters and digits that nobody foresees.
fn random(count: usize) -> String {
    (0..count).map(|_| char::from(LETTERS[usize::from(rand::random::<u16>()) % LETTERS.len()])).collect()
}
