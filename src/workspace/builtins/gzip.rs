//! `gzip`, `bzip2` and the names under which they unpack.

use super::call::{Call, MAX_DEPTH, Outcome, Stop, Utility, base_name, join, reason};
use super::date::instant;
use super::streams::Method;
use async_trait::async_trait;

/// `gzip`, `gunzip`, `zcat`, `bzip2`, `bunzip2` and `bzcat`, by the name they are called with.
pub struct Gzip;

const LONG: &str = "stdout=c to-stdout=c decompress=d uncompress=d force=f keep=k list=l no-name=n name=N quiet=q \
                    recursive=r suffix=S test=t verbose=v fast=1 best=9 synchronous=y rsyncable=y small=s compress=z";

struct Flags {
    method: Method,
    unpack: bool,
    stdout: bool,
    force: bool,
    keep: bool,
    list: bool,
    test: bool,
    verbose: bool,
    quiet: bool,
    recursive: bool,
    no_name: bool,
    suffix: String,
    level: u32,
    listed: bool,
}

#[async_trait]
impl Utility for Gzip {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("cdfhklnNqrS:tvVzs123456789|y", LONG).await?;
        let name = call.ctx.name.to_owned();
        let method = if name.starts_with('b') { Method::Bzip2 } else { Method::Gzip };
        let usual = if method == Method::Gzip { ".gz" } else { ".bz2" };
        let mut flags = Flags {
            method,
            unpack: options.has('d')
                || options.has('t')
                || options.has('l')
                || name.contains("un")
                || name.ends_with("cat"),
            stdout: options.has('c') || name.ends_with("cat"),
            force: options.has('f'),
            keep: options.has('k'),
            list: options.has('l') && method == Method::Gzip,
            test: options.has('t'),
            verbose: options.has('v'),
            quiet: options.has('q'),
            recursive: options.has('r') && method == Method::Gzip,
            no_name: options.has('n'),
            suffix: options.value('S').unwrap_or(usual).to_owned(),
            level: options
                .last_of("123456789")
                .and_then(|digit| digit.to_digit(10))
                .unwrap_or(if method == Method::Gzip { 6 } else { 9 }),
            listed: false,
        };
        let mut operands: Vec<(String, usize)> = options.operands.iter().rev().map(|name| (name.clone(), 0)).collect();
        if operands.is_empty() {
            operands.push(("-".to_owned(), 0));
        }
        while let Some((operand, depth)) = operands.pop() {
            if operand == "-" {
                stream(call, &flags).await?;
                continue;
            }
            match call.lstat(&operand).await {
                Ok(found) if found.file_type.is_dir() && flags.recursive && depth < MAX_DEPTH => {
                    let members = call.list(&operand).await.unwrap_or_default();
                    operands.extend(members.into_iter().rev().map(|(name, _)| (join(&operand, &name), depth + 1)));
                }
                Ok(found) if found.file_type.is_dir() => {
                    warn(call, &flags, format!("{operand} is a directory -- ignored")).await?
                }
                _ => file(call, &mut flags, &operand, depth > 0).await?,
            }
        }
        Ok(0)
    }
}

/// The scripts `gunzip` and `zcat` speak as `gzip`.
async fn say(call: &Call<'_>, text: String) -> Result<(), Stop> {
    let name = if call.ctx.name.starts_with('b') { call.ctx.name } else { "gzip" };
    Ok(call.error(format!("{name}: {text}\n").as_bytes()).await?)
}

/// Says it; `gzip` ends with 2 then, unless something worse happens.
async fn warn(call: &mut Call<'_>, flags: &Flags, text: String) -> Result<(), Stop> {
    let failed = call.failed;
    if !flags.quiet {
        say(call, text).await?;
    }
    call.failed = if failed == 0 { 2 } else { failed };
    Ok(())
}

async fn fail(call: &mut Call<'_>, text: String) -> Result<(), Stop> {
    if call.ctx.name.starts_with('b') {
        call.warn(text).await?;
        call.failed = 2;
        return Ok(());
    } else {
        call.error(format!("\ngzip: {text}\n").as_bytes()).await?;
    }
    call.failed = 1;
    Ok(())
}

async fn stream(call: &mut Call<'_>, flags: &Flags) -> Result<(), Stop> {
    let input = call.input().await?;
    if !flags.unpack {
        let packed = flags.method.pack(&input, flags.level, None).map_err(|error| error.to_string())?;
        return Ok(call.print(&packed).await?);
    }
    match unpack(flags, &input, true) {
        Ok(_) if flags.test => {}
        Ok(plain) => call.print(&plain).await?,
        Err(text) => fail(call, format!("stdin: {text}")).await?,
    }
    Ok(())
}

fn unpack(flags: &Flags, content: &[u8], as_is: bool) -> Result<Vec<u8>, String> {
    match Method::of(content) {
        Some(method) if method == flags.method => match method.unpack(content) {
            Ok(plain) => Ok(plain),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err("unexpected end of file".to_owned()),
            Err(error) if error.to_string().contains("crc") => Err("invalid compressed data--crc error".to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => Err(error.to_string()),
            Err(_) => Err("invalid compressed data--format violated".to_owned()),
        },
        // `zcat -f` shows what is not compressed.
        _ if flags.force && flags.stdout && as_is => Ok(content.to_vec()),
        _ if content.is_empty() => Err("unexpected end of file".to_owned()),
        _ => Err("not in gzip format".to_owned()),
    }
}

/// The name without its ending; none when it has none that is known.
fn plain_name(flags: &Flags, name: &str) -> Option<String> {
    let endings: &[(&str, &str)] = match flags.method {
        Method::Gzip => &[(".gz", ""), (".tgz", ".tar"), (".taz", ".tar"), ("-gz", ""), (".z", ""), ("-z", "")],
        Method::Bzip2 => &[(".bz2", ""), (".bz", ""), (".tbz2", ".tar"), (".tbz", ".tar")],
    };
    let own = (flags.suffix.as_str(), "");
    let ending =
        std::iter::once(&own).chain(endings).find(|(ending, _)| name.len() > ending.len() && name.ends_with(ending));
    ending.map(|(ending, instead)| format!("{}{instead}", &name[..name.len() - ending.len()]))
}

async fn file(call: &mut Call<'_>, flags: &mut Flags, operand: &str, quiet: bool) -> Result<(), Stop> {
    let mut name = operand.to_owned();
    if flags.unpack && call.lstat(&name).await.is_err() && call.lstat(&format!("{name}{}", flags.suffix)).await.is_ok()
    {
        name.push_str(&flags.suffix);
    }
    let target = match (flags.unpack, plain_name(flags, &name)) {
        (true, Some(target)) => target,
        (true, None) if flags.stdout || flags.test || flags.list => String::new(),
        (true, None) if call.lstat(&name).await.is_ok() => {
            if !quiet {
                let text = match flags.method {
                    Method::Gzip => format!("{name}: unknown suffix -- ignored"),
                    Method::Bzip2 => format!("Can't guess original name for {name} -- using {name}.out"),
                };
                warn(call, flags, text).await?;
            }
            return Ok(());
        }
        (true, None) => String::new(),
        (false, Some(_)) if name.ends_with(&flags.suffix) && !flags.force => {
            if !quiet {
                warn(call, flags, format!("{name} already has {} suffix -- unchanged", flags.suffix)).await?;
            }
            return Ok(());
        }
        (false, _) => format!("{name}{}", flags.suffix),
    };
    let content = match call.read(&name).await? {
        Ok(content) => content,
        Err(reason) => {
            let shown = if flags.unpack && plain_name(flags, &name).is_none() && flags.method == Method::Gzip {
                format!("{name}{}", flags.suffix)
            } else {
                name.clone()
            };
            let text = match flags.method {
                Method::Gzip => format!("{shown}: {reason}"),
                Method::Bzip2 => format!("Can't open input file {name}: {reason}."),
            };
            say(call, text).await?;
            call.failed = 1;
            return Ok(());
        }
    };
    let found = call.stat(&name).await?;
    let result = if flags.unpack {
        match unpack(flags, &content, true) {
            Ok(plain) => plain,
            Err(text) => return fail(call, format!("{name}: {text}")).await,
        }
    } else {
        let origin = (base_name(&name), instant(found.modified).0);
        let origin = (!flags.no_name).then_some(origin);
        flags.method.pack(&content, flags.level, origin).map_err(|error| error.to_string())?
    };
    if flags.list {
        return list(call, flags, &target, content.len(), result.len()).await;
    }
    if flags.test {
        if flags.verbose {
            call.error(format!("{name}:\t OK\n").as_bytes()).await?;
        }
        return Ok(());
    }
    if flags.stdout {
        return Ok(call.print(&result).await?);
    }
    if call.lstat(&target).await.is_ok() && !flags.force {
        let text = match flags.method {
            Method::Gzip => format!("{target} already exists;\tnot overwritten"),
            Method::Bzip2 => format!("Output file {target} already exists."),
        };
        if flags.method == Method::Gzip {
            say(call, text).await?;
            call.failed = if call.failed == 0 { 2 } else { call.failed };
        } else {
            call.complain(text).await?;
        }
        return Ok(());
    }
    call.write(&target, &result).await.map_err(|reason| format!("{target}: {reason}"))?;
    let path = call.path(&target);
    let _ = call.ctx.fs.chmod(&path, found.mode).await;
    let _ = call.ctx.fs.set_modified_time(&path, found.modified).await;
    if !flags.keep {
        call.ctx.fs.remove(&call.path(&name), false).await.map_err(|error| format!("{name}: {}", reason(&error)))?;
    }
    if flags.verbose && flags.method == Method::Gzip {
        let (packed, plain) = if flags.unpack { (content.len(), result.len()) } else { (result.len(), content.len()) };
        let verb = if flags.keep { "created" } else { "replaced with" };
        let text = format!("{name}:\t{} -- {verb} {target}\n", ratio(packed, plain, flags));
        call.error(text.as_bytes()).await?;
    }
    Ok(())
}

/// How much smaller it became. The head and the name do not count.
fn ratio(packed: usize, plain: usize, _flags: &Flags) -> String {
    let saved = plain as f64 - packed as f64 + 18.0;
    let percent = if plain == 0 { 0.0 } else { 100.0 * saved / plain as f64 };
    format!("{percent:5.1}%")
}

async fn list(call: &mut Call<'_>, flags: &mut Flags, target: &str, packed: usize, plain: usize) -> Result<(), Stop> {
    if !flags.listed && !flags.quiet {
        call.print(b"         compressed        uncompressed  ratio uncompressed_name\n").await?;
        flags.listed = true;
    }
    let saved = plain as f64 - (packed as f64 - 18.0 - base_name(target).len() as f64 - 1.0);
    let percent = if plain == 0 { 0.0 } else { 100.0 * saved / plain as f64 };
    Ok(call.print(format!("{packed:>19} {plain:>19} {percent:>5.1}% {target}\n").as_bytes()).await?)
}
