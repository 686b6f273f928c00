//! Which file a patch is for, and what is said about it.

use super::super::call::{Call, Outcome, Stop, Utility, countable, join, reason};
use super::apply::{Placed, Target};
use super::parse::{FilePatch, Hunk, parse};
use super::reject::reject;
use async_trait::async_trait;

/// The command.
pub struct Patch;

const SHORT: &str = "bB:cd:D:eEfF:g:i:lnNo:p:r:RstTuvV:x:Y:z:Z|Okj:";
const LONG: &str = "backup=b prefix=B context=c directory=d ifdef=D ed=e remove-empty-files=E force=f fuzz=F get=g \
                    input=i ignore-whitespace=l normal=n forward=N output=o strip=p reject-file=r reverse=R quiet=s \
                    silent=s batch=t unified=u suffix=z dry-run=O verbose=k posix=k binary=k no-backup-if-mismatch=k \
                    backup-if-mismatch=k merge=j";

struct Flags {
    strip: Option<usize>,
    reverse: bool,
    forward: bool,
    force: bool,
    batch: bool,
    quiet: bool,
    dry_run: bool,
    backup: bool,
    no_mismatch_backup: bool,
    fuzz: usize,
    loose: bool,
    output: Option<String>,
    reject: Option<String>,
    remove_empty: bool,
    suffix: String,
    directory: String,
}

#[async_trait]
impl Utility for Patch {
    const TROUBLE: i32 = 2;

    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options(SHORT, LONG).await?;
        let number = |letter: char| match options.value(letter) {
            Some(text) => text.parse().map(Some).map_err(|_| format!("**** strip count {text} is not a number")),
            None => Ok(None),
        };
        let flags = Flags {
            strip: number('p')?,
            reverse: options.has('R'),
            forward: options.has('N'),
            force: options.has('f'),
            batch: options.has('t'),
            quiet: options.has('s'),
            dry_run: options.has('O'),
            backup: options.has('b') || options.has('z'),
            no_mismatch_backup: call.ctx.args.iter().any(|arg| arg.starts_with("--no-b") || arg == "--posix"),
            fuzz: number('F')?.unwrap_or(2),
            loose: options.has('l'),
            output: options.value('o').map(str::to_owned),
            reject: options.value('r').map(str::to_owned),
            remove_empty: options.has('E'),
            suffix: options.value('z').unwrap_or(".orig").to_owned(),
            directory: options.value('d').unwrap_or_default().to_owned(),
        };
        if options.operands.len() > 2 {
            return Err(Stop::Usage(format!("{}: extra operand", options.operands[2])));
        }
        let input = options.value('i').or(options.operands.get(1).map(String::as_str)).unwrap_or("-");
        let input =
            if input == "-" || flags.directory.is_empty() { input.to_owned() } else { join(&flags.directory, input) };
        let text =
            call.read(&input).await?.map_err(|reason| format!("**** Can't open patch file {input} : {reason}"))?;
        let patches = parse(countable(&text)?);
        let patches = match patches {
            Ok(patches) => patches,
            Err(message) => {
                call.warn(message.trim_end()).await?;
                return Ok(2);
            }
        };
        if patches.is_empty() {
            if !text.is_empty() {
                call.warn("**** Only garbage was found in the patch input.").await?;
                return Ok(2);
            }
            return Ok(0);
        }
        let mut worst = 0;
        for patch in patches {
            let code = one(call, &flags, patch, options.operands.first().map(String::as_str)).await?;
            worst = worst.max(code);
        }
        Ok(worst)
    }
}

async fn say(call: &mut Call<'_>, flags: &Flags, text: &str) -> Result<(), Stop> {
    if flags.quiet { Ok(()) } else { Ok(call.print(text.as_bytes()).await?) }
}

/// The name without as many leading directories as asked for; all of them when nothing was.
fn strip(name: &str, count: Option<usize>) -> Option<String> {
    let Some(count) = count else { return name.rsplit('/').next().map(str::to_owned) };
    let mut rest = name;
    for _ in 0..count {
        rest = rest.split_once('/')?.1.trim_start_matches('/');
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The file that a patch is for.
async fn target(call: &Call<'_>, flags: &Flags, patch: &FilePatch) -> Option<String> {
    let names: Vec<String> = [&patch.old_name, &patch.new_name, &patch.index_name]
        .into_iter()
        .flatten()
        .filter_map(|name| strip(name, flags.strip))
        .filter(|name| !name.starts_with('/') && !name.split('/').any(|part| part == ".."))
        .collect();
    let mut there = Vec::new();
    for name in &names {
        if call.stat(&place(flags, name)).await.is_ok_and(|found| found.file_type.is_file()) {
            there.push(name.clone());
        }
    }
    // The fewest directories, then the shortest name.
    let key = |name: &String| (name.matches('/').count(), name.len());
    match there.into_iter().min_by_key(key) {
        Some(name) => Some(name),
        None if patch.creates || (flags.reverse && patch.removes) || patch.hunks.iter().any(creates) => {
            names.into_iter().min_by_key(key)
        }
        None => None,
    }
}

fn creates(hunk: &Hunk) -> bool {
    hunk.old == 0
}

fn place(flags: &Flags, name: &str) -> String {
    if flags.directory.is_empty() { name.to_owned() } else { join(&flags.directory, name) }
}

async fn one(call: &mut Call<'_>, flags: &Flags, mut patch: FilePatch, operand: Option<&str>) -> Outcome {
    let name = match operand {
        Some(name) => name.to_owned(),
        None => match target(call, flags, &patch).await {
            Some(name) => name,
            None => return lost(call, flags, &patch).await,
        },
    };
    if flags.reverse {
        patch.hunks = patch.hunks.iter().map(Hunk::reversed).collect();
        std::mem::swap(&mut patch.old_name, &mut patch.new_name);
        (patch.creates, patch.removes) = (patch.removes, patch.creates);
    }
    let path = place(flags, &name);
    let old = if call.stat(&path).await.is_ok() {
        call.read(&path).await?.map_err(|reason| format!("**** Can't open file {name} : {reason}"))?
    } else {
        Vec::new()
    };
    let verb = if flags.dry_run { "checking" } else { "patching" };
    let renamed = patch.rename.clone().and_then(|(_, to)| strip(&to, flags.strip));
    let shown = match (&flags.output, &renamed) {
        (Some(output), _) => format!("{output} (read from {name})"),
        (None, Some(to)) if *to != name => format!("{to} (renamed from {name})"),
        _ => name.clone(),
    };
    say(call, flags, &format!("{verb} file {shown}\n")).await?;
    if !old.is_empty() && patch.creates && patch.hunks.first().is_some_and(creates) {
        let text = format!("The next patch would create the file {name},\nwhich already exists!");
        return already(call, flags, &patch, &name, &text).await;
    }
    if already_applied(&old, &patch, flags) {
        let words = if flags.reverse { "Unreversed" } else { "Reversed (or previously applied)" };
        if flags.batch {
            let mut reversed = patch.clone();
            reversed.hunks = patch.hunks.iter().map(Hunk::reversed).collect();
            say(call, flags, &format!("{words} patch detected!  Assuming -R.\n")).await?;
            return finish(call, flags, reversed, &name, &path, &old, renamed).await;
        }
        if !flags.force {
            return already(call, flags, &patch, &name, &format!("{words} patch detected!")).await;
        }
    }
    finish(call, flags, patch, &name, &path, &old, renamed).await
}

/// Nobody can be asked for the file's name.
async fn lost(call: &mut Call<'_>, flags: &Flags, patch: &FilePatch) -> Outcome {
    let hint = match flags.strip {
        Some(_) => "Perhaps you used the wrong -p or --strip option?",
        None => "Perhaps you should have used the -p or --strip option?",
    };
    let mut text = format!(
        "can't find file to patch at input line {}\n{hint}\nThe text leading up to this was:\n\
         --------------------------\n",
        patch.line
    );
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "/dev/null".to_owned());
    let marks = if patch.context_form { ("***", "---") } else { ("---", "+++") };
    text.push_str(&format!("|{} {}\n|{} {}\n", marks.0, name(&patch.old_name), marks.1, name(&patch.new_name)));
    text.push_str("--------------------------\nFile to patch: \nSkip this patch? [y] \nSkipping patch.\n");
    call.print(text.as_bytes()).await?;
    ignored(call, flags, patch, None).await
}

async fn already(call: &mut Call<'_>, flags: &Flags, patch: &FilePatch, name: &str, text: &str) -> Outcome {
    if flags.forward {
        let what = format!("{text}  Skipping patch.\n");
        call.print(what.as_bytes()).await?;
    } else {
        let text = format!("{text}  Assume -R? [n] \nApply anyway? [n] \nSkipping patch.\n");
        call.print(text.as_bytes()).await?;
    }
    ignored(call, flags, patch, Some(name)).await
}

/// None of the hunks was tried.
async fn ignored(call: &mut Call<'_>, flags: &Flags, patch: &FilePatch, name: Option<&str>) -> Outcome {
    let count = patch.hunks.len();
    let hunks = if count == 1 { "hunk" } else { "hunks" };
    let Some(name) = name.filter(|_| !flags.dry_run) else {
        call.print(format!("{count} out of {count} {hunks} ignored\n").as_bytes()).await?;
        return Ok(1);
    };
    let rejects = flags.reject.clone().unwrap_or_else(|| format!("{name}.rej"));
    let text = format!("{count} out of {count} {hunks} ignored -- saving rejects to file {rejects}\n");
    call.print(text.as_bytes()).await?;
    let text = reject(patch, &patch.hunks);
    call.write(&place(flags, &rejects), &text).await?;
    Ok(1)
}

/// Whether the first hunk fits only backwards.
fn already_applied(old: &[u8], patch: &FilePatch, flags: &Flags) -> bool {
    let Some(first) = patch.hunks.first() else { return false };
    let fits = |hunk: &Hunk| matches!(Target::new(old).place(hunk, 0, flags.loose), Placed::At { .. });
    let forward = matches!(Target::new(old).place(first, flags.fuzz, flags.loose), Placed::At { .. });
    let only_adds = first.side(super::parse::Kind::Added).is_empty();
    !forward && !only_adds && fits(&first.reversed())
}

async fn finish(
    call: &mut Call<'_>,
    flags: &Flags,
    patch: FilePatch,
    name: &str,
    path: &str,
    old: &[u8],
    renamed: Option<String>,
) -> Outcome {
    let mut target = Target::new(countable(old)?);
    let (mut failed, mut report, mut mismatch) = (Vec::new(), String::new(), false);
    for (at, hunk) in patch.hunks.iter().enumerate() {
        let number = at + 1;
        match target.place(hunk, flags.fuzz, flags.loose) {
            Placed::At { offset: 0, fuzz: 0, .. } => {}
            Placed::At { offset, fuzz } => {
                mismatch = true;
                let with = if fuzz > 0 { format!(" with fuzz {fuzz}") } else { String::new() };
                let lines = if offset.abs() == 1 { "line" } else { "lines" };
                let off = if offset == 0 { String::new() } else { format!(" (offset {offset} {lines})") };
                let line = hunk.new as isize + offset;
                report.push_str(&format!("Hunk #{number} succeeded at {line}{with}{off}.\n"));
            }
            Placed::Failed { line } => {
                mismatch = true;
                report.push_str(&format!("Hunk #{number} FAILED at {line}.\n"));
                failed.push(hunk.clone());
            }
        }
    }
    if !flags.quiet || !failed.is_empty() {
        call.print(report.as_bytes()).await?;
    }
    let result = target.finish();
    if !failed.is_empty() {
        let (bad, all) = (failed.len(), patch.hunks.len());
        let hunks = if all == 1 { "hunk" } else { "hunks" };
        let rejects = flags.reject.clone().unwrap_or_else(|| format!("{name}.rej"));
        let saving = if flags.dry_run { String::new() } else { format!(" -- saving rejects to file {rejects}") };
        call.print(format!("{bad} out of {all} {hunks} FAILED{saving}\n").as_bytes()).await?;
        if !flags.dry_run {
            call.write(&place(flags, &rejects), &reject(&patch, &failed)).await?;
        }
    }
    if !flags.dry_run {
        save(call, flags, &patch, (path, old, &result), mismatch && !flags.no_mismatch_backup, renamed).await?;
    }
    Ok(i32::from(!failed.is_empty()))
}

async fn save(
    call: &mut Call<'_>,
    flags: &Flags,
    patch: &FilePatch,
    (path, old, result): (&str, &[u8], &[u8]),
    mismatch: bool,
    renamed: Option<String>,
) -> Result<(), Stop> {
    let output = flags.output.as_ref().map(|output| place(flags, output)).or(renamed.map(|to| place(flags, &to)));
    let to = output.as_deref().unwrap_or(path);
    let is_there = call.stat(path).await.is_ok();
    if (flags.backup || mismatch) && flags.output.is_none() {
        let backup = format!("{path}{}", flags.suffix);
        call.write(&backup, old).await.map_err(|reason| format!("**** Can't create file {backup} : {reason}"))?;
    }
    if result.is_empty() && flags.output.is_none() && (patch.removes || flags.remove_empty) {
        if is_there {
            call.ctx.fs.remove(&call.path(path), false).await.map_err(|error| reason(&error))?;
        }
        return Ok(());
    }
    if let Some((dir, _)) = to.rsplit_once('/') {
        let _ = call.ctx.fs.mkdir(&call.path(dir), true).await;
    }
    if to == "-" {
        return Ok(call.print(result).await?);
    }
    call.write(to, result).await.map_err(|reason| format!("**** Can't create file {to} : {reason}"))?;
    if to != path && flags.output.is_none() && is_there {
        let _ = call.ctx.fs.remove(&call.path(path), false).await;
    }
    if let Some(mode) = patch.mode {
        let _ = call.ctx.fs.chmod(&call.path(to), mode).await;
    }
    Ok(())
}
