//! What is compared with what.

use super::super::call::{Call, MAX_DEPTH, Outcome, Stop, Utility, base_name, countable, join};
use super::super::date::{instant, now};
use super::super::{dates, glob};
use super::compare::compare;
use super::lines::{Side, number};
use super::settings::{LONG, SHORT, Settings, Style};
use super::{context, plain, script, side, unified};
use async_trait::async_trait;
use bashkit::{FileType, Metadata};
use std::collections::BTreeMap;

/// The command.
pub struct Diff;

#[async_trait]
impl Utility for Diff {
    const TROUBLE: i32 = 2;

    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options(SHORT, LONG).await?;
        let settings = Settings::of(call, &options).await?;
        let (mut left, mut right) = match &options.operands[..] {
            [left, right] => (left.clone(), right.clone()),
            [.., _, _] => return Err(Stop::Usage(format!("extra operand '{}'", options.operands[2]))),
            [only] => return Err(Stop::Usage(format!("missing operand after '{only}'"))),
            [] => return Err(Stop::Usage("missing operand after 'diff'".to_owned())),
        };
        // A file beside a directory means the file of that name in it.
        match (call.is_dir(&left).await && left != "-", call.is_dir(&right).await && right != "-") {
            (true, false) if right != "-" => left = join(&left, base_name(&right)),
            (false, true) if left != "-" => right = join(&right, base_name(&left)),
            _ => {}
        }
        pair(call, &settings, &left, &right, 0).await
    }
}

/// Compares two operands: 0 when they are the same, 1 when not, 2 for trouble.
async fn pair(call: &mut Call<'_>, settings: &Settings, left: &str, right: &str, depth: usize) -> Outcome {
    let found = [find(call, left, settings).await, find(call, right, settings).await];
    let mut trouble = false;
    let may_miss = [settings.new_files.0, settings.new_files.1];
    for (at, name) in [left, right].iter().enumerate() {
        if let Err(reason) = &found[at]
            && !(may_miss[at] && found[1 - at].is_ok())
        {
            call.complain(format!("{name}: {reason}")).await?;
            trouble = true;
        }
    }
    if trouble {
        return Ok(2);
    }
    let is_dir = |at: usize| found[at].as_ref().is_ok_and(|found| found.as_ref().is_some_and(|f| f.file_type.is_dir()));
    match (is_dir(0), is_dir(1)) {
        (true, true) => return tree(call, settings, left, right, depth).await,
        (true, false) if found[1].is_err() => return tree(call, settings, left, right, depth).await,
        (false, true) if found[0].is_err() => return tree(call, settings, left, right, depth).await,
        (false, false) => {}
        _ => {
            let kind = |at: usize| match &found[at] {
                Ok(Some(found)) if found.file_type.is_dir() => "directory",
                Ok(Some(found)) if found.file_type == FileType::File && found.size == 0 => "regular empty file",
                _ => "regular file",
            };
            let text = format!("File {left} is a {} while file {right} is a {}\n", kind(0), kind(1));
            call.print(text.as_bytes()).await?;
            return Ok(1);
        }
    }
    let contents = [content(call, left, &found[0]).await?, content(call, right, &found[1]).await?];
    let time = |at: usize| match &found[at] {
        Ok(Some(found)) => instant(found.modified),
        Ok(None) => now(),
        Err(_) => (0, 0),
    };
    let zone = call.zone();
    let label = |at: usize, name: &str| match settings.labels.get(at) {
        Some(label) => (label.clone(), String::new()),
        None => (name.to_owned(), dates::format("\t%Y-%m-%d %H:%M:%S.%N %z", time(at), zone)),
    };
    let ((left_name, left_time), (right_name, right_time)) = (label(0, left), label(1, right));
    let output = files(settings, (left_name, left_time, &contents[0]), (right_name, right_time, &contents[1]));
    let shown = |name: &str, at: usize| settings.labels.get(at).cloned().unwrap_or_else(|| name.to_owned());
    match output {
        Compared::Same => {
            if settings.report_identical {
                let text = format!("Files {} and {} are identical\n", shown(left, 0), shown(right, 1));
                call.print(text.as_bytes()).await?;
            }
            Ok(0)
        }
        Compared::Silent(text) => {
            call.print(&text).await?;
            Ok(0)
        }
        Compared::Binary => {
            call.print(format!("Binary files {} and {} differ\n", shown(left, 0), shown(right, 1)).as_bytes()).await?;
            Ok(1)
        }
        Compared::Brief => {
            call.print(format!("Files {} and {} differ\n", shown(left, 0), shown(right, 1)).as_bytes()).await?;
            Ok(1)
        }
        Compared::Different(text) => {
            if depth > 0 {
                call.print(format!("{} {left} {right}\n", settings.words).as_bytes()).await?;
            }
            call.print(&text).await?;
            Ok(1)
        }
    }
}

async fn find(call: &Call<'_>, name: &str, settings: &Settings) -> Result<Option<Metadata>, String> {
    if name == "-" {
        return Ok(None);
    }
    let found = if settings.follow { call.stat(name).await } else { call.lstat(name).await };
    found.map(Some)
}

async fn content(call: &Call<'_>, name: &str, found: &Result<Option<Metadata>, String>) -> Result<Vec<u8>, Stop> {
    match found {
        Err(_) => Ok(Vec::new()),
        Ok(_) => {
            let content = call.read(name).await?.map_err(|reason| format!("{name}: {reason}"))?;
            countable(&content)?;
            Ok(content)
        }
    }
}

enum Compared {
    Same,
    /// Only changes that do not count, with what is shown all the same.
    Silent(Vec<u8>),
    Binary,
    Brief,
    Different(Vec<u8>),
}

fn files(settings: &Settings, left: (String, String, &Vec<u8>), right: (String, String, &Vec<u8>)) -> Compared {
    let is_binary = |text: &[u8]| text[..text.len().min(32 << 10)].contains(&0);
    if left.2 == right.2 && settings.style != Style::Side {
        return Compared::Same;
    }
    if !settings.text && (is_binary(left.2) || is_binary(right.2)) {
        return if settings.style == Style::Brief { Compared::Brief } else { Compared::Binary };
    }
    let (left, right) = (Side::new(left.0, left.1, left.2), Side::new(right.0, right.1, right.2));
    let (a, b, kinds) = number(&left, &right, settings);
    let changes = script::changes(&compare(&a, &b, kinds), &left, &right, settings);
    let counts = changes.iter().any(|change| !change.ignored);
    let text = match settings.style {
        Style::Brief if counts => return Compared::Brief,
        Style::Brief => Vec::new(),
        Style::Unified(lines) => unified::unified(&left, &right, &changes, lines, settings),
        Style::Context(lines) => context::context(&left, &right, &changes, lines, settings),
        Style::Side => side::side_by_side(&left, &right, &changes, settings),
        style => plain::plain(&left, &right, &changes, style),
    };
    match counts {
        true => Compared::Different(text),
        false if text.is_empty() => Compared::Same,
        false => Compared::Silent(text),
    }
}

/// Compares directories member by member.
async fn tree(call: &mut Call<'_>, settings: &Settings, left: &str, right: &str, depth: usize) -> Outcome {
    if depth > MAX_DEPTH {
        call.complain(format!("{left}: too many levels of directories")).await?;
        return Ok(2);
    }
    let mut names: BTreeMap<String, [Option<Metadata>; 2]> = BTreeMap::new();
    for (at, dir) in [left, right].iter().enumerate() {
        for (name, found) in call.list(dir).await.unwrap_or_default() {
            if !settings.exclude.iter().any(|pattern| glob::matches(pattern, &name)) {
                names.entry(name).or_default()[at] = Some(found);
            }
        }
    }
    let mut worst = 0;
    for (name, found) in names {
        let (a, b) = (join(left, &name), join(right, &name));
        let new_file = [settings.new_files.1, settings.new_files.0];
        let code = match found {
            [Some(_), None] if !new_file[0] => {
                call.print(format!("Only in {left}: {name}\n").as_bytes()).await?;
                1
            }
            [None, Some(_)] if !new_file[1] => {
                call.print(format!("Only in {right}: {name}\n").as_bytes()).await?;
                1
            }
            found if !settings.recursive && found.iter().flatten().all(|found| found.file_type.is_dir()) => {
                call.print(format!("Common subdirectories: {a} and {b}\n").as_bytes()).await?;
                0
            }
            _ => Box::pin(pair(call, settings, &a, &b, depth + 1)).await?,
        };
        worst = worst.max(code);
    }
    Ok(worst)
}
