//! What is done with which archive.

use super::super::call::{Call, Outcome, Stop, Utility, join};
use super::super::options::Options;
use super::super::streams::Method;
use super::archive::{Member, members};
use super::create::Writer;
use super::extract::Extraction;
use super::settings::{LONG, SHORT, Settings, selects};
use async_trait::async_trait;
use std::collections::HashSet;

/// The command.
pub struct Tar;

const HINT: &str = "Try 'tar --help' or 'tar --usage' for more information.\n";

#[async_trait]
impl Utility for Tar {
    const TROUBLE: i32 = 2;

    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let args = dashed(call.ctx.args);
        let options = Options::parse(&args, SHORT, LONG)?;
        if let Some(text) = options.answer("tar") {
            call.print(text.as_bytes()).await?;
            return Ok(0);
        }
        let settings = Settings::of(call, &options).await?;
        let operations: HashSet<char> =
            options.given.iter().map(|(letter, _)| *letter).filter(|letter| "AcdrtuxD".contains(*letter)).collect();
        let operation = match operations.iter().collect::<Vec<_>>()[..] {
            [operation] => *operation,
            [] => {
                call.warn("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options").await?;
                call.error(HINT.as_bytes()).await?;
                return Ok(2);
            }
            _ => {
                call.warn("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option").await?;
                call.error(HINT.as_bytes()).await?;
                return Ok(2);
            }
        };
        let code = match operation {
            'c' | 'r' | 'u' => write(call, &options, &settings, operation).await?,
            'A' | 'D' => return Err(Stop::Message("this operation is not supported here".to_owned())),
            _ => read(call, &options, &settings, operation).await?,
        };
        if call.failed == 2 && code == 0 {
            call.warn("Exiting with failure status due to previous errors").await?;
        }
        Ok(code)
    }
}

/// `tar cf a b` as `tar -c -f a b`: the values follow in the order of their letters.
fn dashed(args: &[String]) -> Vec<String> {
    let Some((first, rest)) = args.split_first().filter(|(first, _)| !first.starts_with('-')) else {
        return args.to_vec();
    };
    let (mut out, mut rest) = (Vec::new(), rest.iter());
    for letter in first.chars() {
        out.push(format!("-{letter}"));
        let takes_value = SHORT.split('|').next().is_some_and(|letters| letters.contains(&format!("{letter}:")));
        if takes_value {
            out.extend(rest.next().cloned());
        }
    }
    out.extend(rest.cloned());
    out
}

async fn fatal(call: &Call<'_>, text: String) -> Result<i32, Stop> {
    call.warn(text).await?;
    call.warn("Error is not recoverable: exiting now").await?;
    Ok(2)
}

/// The archive's name: standard output or input when there is none.
fn archive(options: &Options) -> &str {
    options.value('f').unwrap_or("-")
}

async fn load(call: &Call<'_>, options: &Options) -> Result<Result<Vec<u8>, String>, Stop> {
    let name = archive(options);
    let bytes = match call.read(name).await? {
        Ok(bytes) => bytes,
        Err(reason) => return Ok(Err(format!("{name}: Cannot open: {reason}"))),
    };
    Ok(match Method::of(&bytes) {
        Some(method) => method.unpack(&bytes).map_err(|error| format!("{name}: {error}")),
        None => Ok(bytes),
    })
}

/// The operands with the directories that they are relative to, and the names in files of names.
async fn operands(call: &Call<'_>, options: &Options) -> Result<Result<Vec<(String, String)>, String>, Stop> {
    let mut directory = String::new();
    let mut found = Vec::new();
    for (letter, value) in &options.given {
        let value = value.clone().unwrap_or_default();
        match letter {
            'C' => {
                let next = if directory.is_empty() { value.clone() } else { join(&directory, &value) };
                directory = if value.starts_with('/') { value.clone() } else { next };
                if !call.is_dir(&directory).await {
                    let reason = call.stat(&directory).await.err().unwrap_or_else(|| "Not a directory".to_owned());
                    return Ok(Err(format!("{value}: Cannot open: {reason}")));
                }
            }
            'T' => {
                let text = match call.read(&value).await? {
                    Ok(text) => String::from_utf8_lossy(&text).into_owned(),
                    Err(reason) => return Ok(Err(format!("{value}: Cannot open: {reason}"))),
                };
                let end = if options.has('6') { '\0' } else { '\n' };
                let names = text.split(end).filter(|name| !name.is_empty());
                found.extend(names.map(|name| (directory.clone(), name.to_owned())));
            }
            '\0' => found.push((directory.clone(), value)),
            _ => {}
        }
    }
    if found.is_empty() {
        // Whoever extracts needs the directory all the same.
        found.push((directory, String::new()));
    }
    Ok(Ok(found))
}

async fn write(call: &mut Call<'_>, options: &Options, settings: &Settings, operation: char) -> Outcome {
    let sources = match operands(call, options).await? {
        Ok(sources) => sources,
        Err(text) => return fatal(call, text).await,
    };
    if sources.iter().all(|(_, name)| name.is_empty()) && operation == 'c' && !options.has('T') {
        call.warn("Cowardly refusing to create an empty archive").await?;
        call.error(HINT.as_bytes()).await?;
        return Ok(2);
    }
    let name = archive(options);
    let mut old = Vec::new();
    if operation != 'c' && call.stat(name).await.is_ok() {
        old = match load(call, options).await? {
            Ok(old) => old,
            Err(text) => return fatal(call, text).await,
        };
    }
    let there = members(&old).0;
    let end = old.chunks(512).rposition(|block| block.iter().any(|byte| *byte != 0)).map_or(0, |at| (at + 1) * 512);
    old.resize(end, 0);
    let mut writer = Writer::new(old);
    if operation == 'u' {
        writer.newest = there.into_iter().map(|member| (member.name, member.time)).collect();
    }
    let own = (name != "-").then(|| call.path(name));
    for (directory, source) in sources.iter().filter(|(_, name)| !name.is_empty()) {
        let path = if directory.is_empty() { source.clone() } else { join(directory, source) };
        if own.as_ref() == Some(&call.path(&path)) {
            call.warn(format!("{source}: file is the archive; not dumped")).await?;
            continue;
        }
        writer.add(call, settings, directory, source, settings.verbose > 0 && name != "-").await?;
    }
    let taken = std::mem::take(&mut writer.taken);
    let mut bytes = writer.finish()?;
    if let Some(method) = settings.method {
        bytes =
            method.pack(&bytes, if method == Method::Gzip { 6 } else { 9 }, None).map_err(|error| error.to_string())?;
    }
    if name == "-" {
        call.print(&bytes).await?;
    } else if let Err(reason) = call.write(name, &bytes).await {
        return fatal(call, format!("{name}: Cannot open: {reason}")).await;
    }
    if settings.remove {
        for path in taken.iter().rev() {
            let _ = call.ctx.fs.remove(&call.path(path), false).await;
        }
    }
    Ok(0)
}

async fn read(call: &mut Call<'_>, options: &Options, settings: &Settings, operation: char) -> Outcome {
    let wanted = match operands(call, options).await? {
        Ok(wanted) => wanted,
        Err(text) => return fatal(call, text).await,
    };
    let bytes = match load(call, options).await? {
        Ok(bytes) => bytes,
        Err(text) => return fatal(call, text).await,
    };
    let (members, broken) = members(&bytes);
    drop(bytes);
    let directory = wanted.first().map(|(directory, _)| directory.clone()).unwrap_or_default();
    let names: Vec<&str> = wanted.iter().map(|(_, name)| name.as_str()).filter(|name| !name.is_empty()).collect();
    let mut seen = vec![false; names.len()];
    let mut extraction = Extraction::new(settings, directory);
    let mut width = 18;
    for member in &members {
        let selected: Vec<usize> =
            (0..names.len()).filter(|at| selects(names[*at], &member.name, settings.wildcards)).collect();
        if (selected.is_empty() && !names.is_empty()) || settings.excludes(&member.name) {
            continue;
        }
        selected.into_iter().for_each(|at| seen[at] = true);
        match operation {
            't' => list(call, settings, member, &mut width).await?,
            'd' => extraction.compare(call, member).await?,
            _ => {
                if extraction.member(call, member).await? && settings.verbose > 0 {
                    list(call, &Settings { verbose: settings.verbose - 1, ..brief(settings) }, member, &mut width)
                        .await?;
                }
            }
        }
    }
    extraction.finish(call).await;
    if let Some(text) = broken {
        call.complain(text).await?;
        call.failed = 2;
    }
    for (name, _) in names.iter().zip(&seen).filter(|(_, seen)| !**seen) {
        call.complain(format!("{name}: Not found in archive")).await?;
        call.failed = 2;
    }
    Ok(0)
}

/// What a listing needs of the settings.
fn brief(settings: &Settings) -> Settings {
    Settings {
        exclude: Vec::new(),
        transform: Vec::new(),
        owner: None,
        group: None,
        verbose: 0,
        method: None,
        mtime: None,
        ..*settings
    }
}

async fn list(call: &mut Call<'_>, settings: &Settings, member: &Member, width: &mut usize) -> Result<(), Stop> {
    let line = match settings.verbose {
        0 => format!("{}\n", member.name),
        _ => member.line(settings, call.zone(), width),
    };
    Ok(call.print(line.as_bytes()).await?)
}
