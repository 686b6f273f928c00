//! `realpath`.

use super::call::{Call, Outcome, Stop, Utility, quote_if_needed};
use super::paths::relative_between;
use async_trait::async_trait;
use bashkit::FileType;
use std::path::{Path, PathBuf};

/// The command.
pub struct Realpath;

const LONG: &str = "canonicalize-existing=e canonicalize-missing=m logical=L physical=P quiet=q relative-to=t \
                    relative-base=b strip=s no-symlinks=s zero=z";
/// As many links as Linux follows.
const MAX_LINKS: usize = 40;

#[async_trait]
impl Utility for Realpath {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("eLmPqsz|t:b:", LONG).await?;
        if options.operands.is_empty() {
            return Err(Stop::Usage("missing operand".to_owned()));
        }
        let rule = options.last_of("em").unwrap_or(' ');
        let follow = !options.has('s');
        let mut given = [None, None];
        for (at, letter) in ['t', 'b'].into_iter().enumerate() {
            if let Some(text) = options.value(letter) {
                let path = canonical(call, text, rule, follow).await;
                given[at] = Some(path.map_err(|reason| format!("{}: {reason}", quote_if_needed(text)))?);
            }
        }
        let [to, base] = given;
        let end = if options.has('z') { '\0' } else { '\n' };
        for operand in &options.operands {
            match canonical(call, operand, rule, follow).await {
                Ok(path) => {
                    let inside = base.as_ref().is_none_or(|base| path.starts_with(base));
                    let shown = match to.as_ref().or(base.as_ref()).filter(|_| inside) {
                        Some(to) => relative_between(to, &path),
                        None => path.to_string_lossy().into_owned(),
                    };
                    call.print(format!("{shown}{end}").as_bytes()).await?;
                }
                Err(_) if options.has('q') => call.failed = 1,
                Err(reason) => call.complain(format!("{}: {reason}", quote_if_needed(operand))).await?,
            }
        }
        Ok(0)
    }
}

/// The path without links; `rule` says what has to be there: all (`e`), nothing (`m`), or all but the last.
pub async fn canonical(call: &Call<'_>, name: &str, rule: char, follow: bool) -> Result<PathBuf, String> {
    let missing = || "No such file or directory".to_owned();
    if name.is_empty() {
        return Err(missing());
    }
    let start = call.ctx.cwd.join(name).to_string_lossy().into_owned();
    let mut todo: Vec<String> = start.split('/').filter(|part| !part.is_empty()).rev().map(str::to_owned).collect();
    let (mut at, mut links) = (PathBuf::from("/"), 0);
    while let Some(part) = todo.pop() {
        match part.as_str() {
            "." => continue,
            ".." => {
                at.pop();
                continue;
            }
            part => at.push(part),
        }
        match call.ctx.fs.lstat(&at).await {
            Ok(found) if found.file_type == FileType::Symlink && follow => {
                links += 1;
                if links > MAX_LINKS {
                    return Err("Too many levels of symbolic links".to_owned());
                }
                let target = call.ctx.fs.read_link(&at).await.map_err(|error| super::call::reason(&error))?;
                let target = target.to_string_lossy().into_owned();
                if target.starts_with('/') {
                    at = PathBuf::from("/");
                } else {
                    at.pop();
                }
                todo.extend(target.split('/').filter(|part| !part.is_empty()).rev().map(str::to_owned));
            }
            Ok(found) if rule != 'm' && !todo.is_empty() && !is_dir(call, &at, found.file_type).await => {
                return Err("Not a directory".to_owned());
            }
            Ok(_) => {}
            Err(_) if rule == 'm' || (rule != 'e' && todo.iter().all(|part| part == ".")) => {}
            Err(error) => return Err(super::call::reason(&error)),
        }
    }
    Ok(at)
}

async fn is_dir(call: &Call<'_>, path: &Path, kind: FileType) -> bool {
    kind.is_dir() || call.ctx.fs.stat(path).await.is_ok_and(|found| found.file_type.is_dir())
}
