//! `cp`.

use super::call::{Call, MAX_DEPTH, Outcome, Stop, Utility, base_name, join, reason};
use super::paths;
use super::quote::quote;
use async_trait::async_trait;
use bashkit::{FileType, Metadata};

/// The command.
pub struct Cp;

const LONG: &str = "archive=a attributes-only=A backup=B copy-contents=C dereference=L force=f interactive=i link=l \
                    no-clobber=n no-dereference=P no-target-directory=T one-file-system=x parents=Q path=Q preserve=E \
                    no-preserve=N recursive=R remove-destination=D reflink=F sparse=S strip-trailing-slashes=G \
                    suffix=s symbolic-link=y target-directory=t update=u verbose=v";

#[derive(Default)]
struct Flags {
    recursive: bool,
    /// Links are copied as what they point to: those that are named, and those met in directories.
    follow: (bool, bool),
    no_clobber: bool,
    update: bool,
    verbose: bool,
    preserve_mode: bool,
    preserve_time: bool,
    symbolic: bool,
    attributes_only: bool,
    remove_first: bool,
    force: bool,
    backup: Option<Backup>,
    suffix: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Backup {
    Simple,
    Numbered,
    Existing,
}

#[async_trait]
impl Utility for Cp {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("abdfHilLnprRst:TuvxPS:|A:B::CQE::N:DF::SGy:", LONG).await?;
        let mut flags = Flags { suffix: "~".to_owned(), follow: (true, true), ..Flags::default() };
        let mut link_rule = None;
        for (letter, value) in &options.given {
            match letter {
                'a' => {
                    (flags.recursive, flags.preserve_mode, flags.preserve_time) = (true, true, true);
                    link_rule = Some((false, false));
                }
                'd' | 'P' => link_rule = Some((false, false)),
                'H' => link_rule = Some((true, false)),
                'L' => link_rule = Some((true, true)),
                'r' | 'R' => flags.recursive = true,
                'n' => flags.no_clobber = true,
                'i' => flags.no_clobber = true, // Nobody can be asked; the answer is no.
                'f' => flags.force = true,
                'u' => flags.update = true,
                'v' => flags.verbose = true,
                'p' => (flags.preserve_mode, flags.preserve_time) = (true, true),
                'E' => {
                    for what in value.as_deref().unwrap_or("mode,timestamps").split(',') {
                        flags.preserve_mode |= matches!(what, "mode" | "all");
                        flags.preserve_time |= matches!(what, "timestamps" | "all");
                        if matches!(what, "links" | "all") {
                            link_rule = Some((false, false));
                        }
                    }
                }
                'N' => {
                    for what in value.as_deref().unwrap_or_default().split(',') {
                        flags.preserve_mode &= !matches!(what, "mode" | "all");
                        flags.preserve_time &= !matches!(what, "timestamps" | "all");
                    }
                }
                's' => flags.symbolic = true,
                'A' => flags.attributes_only = true,
                'D' => flags.remove_first = true,
                'b' => flags.backup = flags.backup.or(Some(Backup::Existing)),
                'B' => {
                    flags.backup = match value.as_deref().unwrap_or("existing") {
                        "none" | "off" => None,
                        "numbered" | "t" => Some(Backup::Numbered),
                        "simple" | "never" => Some(Backup::Simple),
                        _ => Some(Backup::Existing),
                    }
                }
                'S' => flags.suffix = value.clone().unwrap_or_default(),
                _ => {}
            }
        }
        // Without a word about links, a tree is copied with its links as they are.
        flags.follow = link_rule.unwrap_or(if flags.recursive { (false, false) } else { (true, true) });
        let (pairs, into) = plan(call, &options).await?;
        for (source, target) in pairs {
            copy_operand(call, &flags, &source, &target, options.has('Q').then_some(into.as_deref()).flatten()).await?;
        }
        Ok(0)
    }
}

/// What is to be copied where, and the directory that it goes into.
async fn plan(
    call: &Call<'_>,
    options: &super::options::Options,
) -> Result<(Vec<(String, String)>, Option<String>), Stop> {
    let mut sources = options.operands.clone();
    let directory = match options.value('t') {
        Some(directory) => match call.stat(directory).await {
            Ok(found) if found.file_type.is_dir() => Some(directory.to_owned()),
            Ok(_) => return Err(Stop::Message(format!("target directory {}: Not a directory", quote(directory)))),
            Err(reason) => return Err(Stop::Message(format!("target directory {}: {reason}", quote(directory)))),
        },
        None => None,
    };
    let directory = match directory {
        _ if sources.is_empty() => return Err(Stop::Usage("missing file operand".to_owned())),
        Some(directory) => directory,
        None if sources.len() == 1 => {
            return Err(Stop::Usage(format!("missing destination file operand after {}", quote(&sources[0]))));
        }
        None => {
            let target = sources.pop().unwrap_or_default();
            let found = call.stat(&target).await;
            match found {
                _ if options.has('T') && sources.len() > 1 => {
                    return Err(Stop::Usage(format!("extra operand {}", quote(&target))));
                }
                Ok(found) if found.file_type.is_dir() && !options.has('T') => target,
                Err(reason) if sources.len() > 1 => {
                    return Err(Stop::Message(format!("target {}: {reason}", quote(&target))));
                }
                Ok(_) if sources.len() > 1 => {
                    return Err(Stop::Message(format!("target {}: Not a directory", quote(&target))));
                }
                _ => return Ok((vec![(sources.pop().unwrap_or_default(), target)], None)),
            }
        }
    };
    let name = |source: &str| match base_name(source) {
        _ if options.has('Q') => source.trim_end_matches('/').to_owned(),
        ".." => ".".to_owned(),
        name => name.to_owned(),
    };
    let into = |source: String| {
        let name = name(&source);
        // The members of `a/.` go into the directory itself.
        let target = if name == "." { join(&directory, ".") } else { join(&directory, &name) };
        (source, target)
    };
    Ok((sources.into_iter().map(into).collect(), Some(directory.clone())))
}

async fn copy_operand(
    call: &mut Call<'_>,
    flags: &Flags,
    source: &str,
    target: &str,
    parents_in: Option<&str>,
) -> Result<(), Stop> {
    if let Some(top) = parents_in {
        let mut at = top.to_owned();
        let parts: Vec<_> = source.split('/').filter(|part| !part.is_empty()).collect();
        for (depth, part) in parts.iter().enumerate().take(parts.len().saturating_sub(1)) {
            at = join(&at, part);
            if !call.is_dir(&at).await && call.ctx.fs.mkdir(&call.path(&at), false).await.is_ok() && flags.verbose {
                call.print(format!("{} -> {at}\n", parts[..=depth].join("/")).as_bytes()).await?;
            }
        }
    }
    let mut todo = vec![(source.to_owned(), target.to_owned(), 0)];
    // Directories get their times when all in them is there.
    let mut directories = Vec::new();
    while let Some((from, to, depth)) = todo.pop() {
        let follow = if depth == 0 { flags.follow.0 } else { flags.follow.1 };
        let found = if follow { call.stat(&from).await } else { call.lstat(&from).await };
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                call.complain(format!("cannot stat {}: {reason}", quote(&from))).await?;
                continue;
            }
        };
        if !found.file_type.is_dir() {
            copy_file(call, flags, &from, &to, &found, follow).await?;
            continue;
        }
        if !flags.recursive {
            call.complain(format!("-r not specified; omitting directory {}", quote(&from))).await?;
            continue;
        }
        if depth > MAX_DEPTH {
            call.complain(format!("{}: too many levels of directories", quote(&from))).await?;
            continue;
        }
        let (here, there) = (call.path(&from), call.path(&to));
        match call.stat(&to).await {
            Ok(old) if !old.file_type.is_dir() => {
                let text = format!("cannot overwrite non-directory {} with directory {}", quote(&to), quote(&from));
                call.complain(text).await?;
                continue;
            }
            Ok(_) => {}
            Err(_) => {
                if let Err(error) = call.ctx.fs.mkdir(&there, false).await {
                    call.complain(format!("cannot create directory {}: {}", quote(&to), reason(&error))).await?;
                    continue;
                }
                if flags.verbose {
                    call.print(format!("{} -> {}\n", quote(&from), quote(&to)).as_bytes()).await?;
                }
                let mode = if flags.preserve_mode { found.mode } else { found.mode & !0o022 };
                let _ = call.ctx.fs.chmod(&there, mode).await;
            }
        }
        if flags.preserve_time {
            directories.push((there.clone(), found.modified));
        }
        if depth == 0 && there.starts_with(&here) && there != here {
            let text = format!("cannot copy a directory, {}, into itself, {}", quote(&from), quote(&to));
            call.complain(text).await?;
        }
        match call.list(&from).await {
            Ok(members) => {
                for (name, _) in
                    members.into_iter().rev().filter(|(name, _)| call.path(&join(&from, name)) != call.path(target))
                {
                    todo.push((join(&from, &name), join(&to, &name), depth + 1));
                }
            }
            Err(reason) => call.complain(format!("cannot access {}: {reason}", quote(&from))).await?,
        }
    }
    for (path, time) in directories.into_iter().rev() {
        let _ = call.ctx.fs.set_modified_time(&path, time).await;
    }
    Ok(())
}

async fn copy_file(
    call: &mut Call<'_>,
    flags: &Flags,
    from: &str,
    to: &str,
    found: &Metadata,
    follow: bool,
) -> Result<(), Stop> {
    let (source, target) = (call.path(from), call.path(to));
    let link = found.file_type == FileType::Symlink && !follow;
    let old = call.lstat(to).await.ok();
    let mut note = String::new();
    if let Some(old) = &old {
        let real = if old.file_type == FileType::Symlink { call.stat(to).await.ok() } else { Some(old.clone()) };
        if old.file_type.is_dir() || (!link && real.as_ref().is_some_and(|real| real.file_type.is_dir())) {
            call.complain(format!("cannot overwrite directory {} with non-directory", quote(to))).await?;
            return Ok(());
        }
        if flags.no_clobber || (flags.update && old.modified >= found.modified) {
            return Ok(());
        }
        let same = source == target
            || (old.file_type == FileType::Symlink
                && !link
                && !flags.remove_first
                && leads_to(call, to, &source).await);
        if same && flags.backup.is_none() {
            call.complain(format!("{} and {} are the same file", quote(from), quote(to))).await?;
            return Ok(());
        }
        if let Some(kind) = flags.backup {
            let backup = backup_name(call, to, kind, &flags.suffix).await;
            if call.ctx.fs.rename(&target, &call.path(&backup)).await.is_ok() {
                note = format!(" (backup: {})", quote(&backup));
            }
        } else if link || flags.remove_first || flags.symbolic && flags.force {
            let _ = call.ctx.fs.remove(&target, false).await;
        } else if flags.symbolic {
            let text = format!("cannot create symbolic link {} to {}: File exists", quote(to), quote(from));
            call.complain(text).await?;
            return Ok(());
        }
    }
    let made = if to.ends_with('/') && !link {
        Err("Not a directory".to_owned())
    } else if flags.symbolic {
        call.ctx.fs.symlink(from.as_ref(), &target).await.map_err(|error| reason(&error))
    } else if link {
        paths::copy_entry(call, &source, &target).await.map_err(|error| reason(&error))
    } else if flags.attributes_only {
        if call.stat(to).await.is_ok() { Ok(()) } else { call.write(to, b"").await }
    } else {
        call.ctx.fs.copy(&source, &target).await.map_err(|error| reason(&error))
    };
    if let Err(reason) = made {
        let kind = if link || flags.symbolic { "symbolic link" } else { "regular file" };
        call.complain(format!("cannot create {kind} {}: {reason}", quote(to))).await?;
        return Ok(());
    }
    if !link && !flags.symbolic {
        if flags.preserve_mode {
            let _ = call.ctx.fs.chmod(&target, found.mode).await;
        } else if old.is_none() {
            let _ = call.ctx.fs.chmod(&target, found.mode & 0o777 & !0o022).await;
        }
        if flags.preserve_time {
            let _ = call.ctx.fs.set_modified_time(&target, found.modified).await;
        }
    }
    if flags.verbose {
        call.print(format!("{} -> {}{note}\n", quote(from), quote(to)).as_bytes()).await?;
    }
    Ok(())
}

/// Whether the link `name` leads to `path`.
async fn leads_to(call: &Call<'_>, name: &str, path: &std::path::Path) -> bool {
    let at = call.path(name);
    let Ok(target) = call.ctx.fs.read_link(&at).await else { return false };
    super::call::resolve(&paths::parent(&at), &target.to_string_lossy()) == path
}

async fn backup_name(call: &Call<'_>, name: &str, kind: Backup, suffix: &str) -> String {
    let mut highest = 0;
    let directory = paths::parent(&call.path(name));
    let own = base_name(name);
    for entry in call.ctx.fs.read_dir(&directory).await.unwrap_or_default() {
        let number = entry.name.strip_prefix(own).and_then(|rest| rest.strip_prefix(".~")?.strip_suffix('~'));
        highest = highest.max(number.and_then(|number| number.parse::<u32>().ok()).unwrap_or(0));
    }
    match kind {
        Backup::Numbered => format!("{name}.~{}~", highest.saturating_add(1)),
        Backup::Existing if highest > 0 => format!("{name}.~{}~", highest.saturating_add(1)),
        _ => format!("{name}{suffix}"),
    }
}
