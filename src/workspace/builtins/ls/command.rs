//! What is listed, and how.

use super::super::call::{Call, MAX_DEPTH, Outcome, Stop, Utility, join, room};
use super::super::quote::quote;
use super::columns::columns;
use super::entry::Entry;
use super::long;
use super::order::sort;
use super::settings::{Layout, Settings};
use async_trait::async_trait;

/// The command.
pub struct Ls;

const SHORT: &str = "aAbBcCdDfFgGhHiI:klLmnNopqQrRsStT:uUvw:xXZ1|yjW:O:EJ:KM:P:Y::0";
const LONG: &str = "all=a almost-all=A escape=b ignore-backups=B directory=d classify=F human-readable=h si=j \
                    dereference-command-line=H inode=i ignore=I hide=O kibibytes=k dereference=L numeric-uid-gid=n \
                    literal=N no-group=G hide-control-chars=q quote-name=Q quoting-style=W reverse=r recursive=R \
                    size=s sort=M time-style=J full-time=K format=P width=w color=Y group-directories-first=E \
                    file-type=y zero=0";

#[async_trait]
impl Utility for Ls {
    const TROUBLE: i32 = 2;

    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options(SHORT, LONG).await?;
        let settings = Settings::of(&options).map_err(Stop::Usage)?;
        let mut operands = options.operands;
        if operands.is_empty() {
            operands.push(".".to_owned());
        }
        let several = operands.len() > 1;
        let (mut files, mut directories) = (Vec::new(), Vec::new());
        for operand in operands {
            // Without -l and -F, a link to a directory lists the directory.
            let follow = settings.dereference
                || settings.dereference_operands
                || !(settings.layout == Layout::Long || settings.classify || settings.directory);
            match Entry::at(call, operand.clone(), &operand, follow).await {
                Ok(entry) if entry.found.file_type.is_dir() && !settings.directory => directories.push(entry),
                Ok(mut entry) => {
                    if follow && !settings.dereference && !entry.found.file_type.is_dir() {
                        entry = Entry::at(call, operand.clone(), &operand, false).await?;
                    }
                    files.push(entry);
                }
                Err(reason) => {
                    call.complain(format!("cannot access {}: {reason}", quote(&operand))).await?;
                    call.failed = 2;
                }
            }
        }
        sort(&mut files, &settings);
        sort(&mut directories, &settings);
        let mut first = files.is_empty();
        show(call, &settings, "", &files).await?;
        let titled = several || settings.recursive;
        let mut todo: Vec<(String, usize)> = directories.into_iter().rev().map(|entry| (entry.name, 0)).collect();
        while let Some((dir, depth)) = todo.pop() {
            let mut members = match Entry::members(call, &settings, &dir).await {
                Ok(members) => members,
                Err(reason) => {
                    call.complain(format!("cannot open directory {}: {reason}", quote(&dir))).await?;
                    call.failed = if depth == 0 { 2 } else { call.failed };
                    continue;
                }
            };
            sort(&mut members, &settings);
            if titled {
                let gap = if first { "" } else { "\n" };
                let title = super::entry::quoted(&dir, settings.quoting);
                call.print(format!("{gap}{title}:\n").as_bytes()).await?;
            }
            first = false;
            if settings.layout == Layout::Long || settings.blocks {
                let total = members.iter().map(|entry| room(&entry.found)).sum();
                call.print(format!("total {}\n", long::blocks(total, &settings)).as_bytes()).await?;
            }
            show(call, &settings, &dir, &members).await?;
            if settings.recursive && depth < MAX_DEPTH {
                let below = members
                    .into_iter()
                    .rev()
                    .filter(|entry| entry.found.file_type.is_dir() && entry.name != "." && entry.name != "..");
                todo.extend(below.map(|entry| (join(&dir, &entry.name), depth + 1)));
            }
        }
        Ok(0)
    }
}

async fn show(call: &mut Call<'_>, settings: &Settings, dir: &str, entries: &[Entry]) -> Result<(), Stop> {
    if entries.is_empty() {
        return Ok(());
    }
    let end = if settings.zero { "\0" } else { "\n" };
    if settings.layout == Layout::Long {
        for line in long::lines(call, settings, dir, entries).await {
            call.print((line + end).as_bytes()).await?;
        }
        return Ok(());
    }
    let mut prefixes: Vec<Vec<String>> = Vec::new();
    for entry in entries {
        let cells = long::prefix(call, settings, dir, entry);
        prefixes.push(cells.into_iter().map(|(text, _)| text).collect());
    }
    let count = prefixes[0].len();
    let widths: Vec<usize> = (0..count).map(|at| prefixes.iter().map(|row| row[at].len()).max().unwrap_or(0)).collect();
    let names: Vec<String> = entries
        .iter()
        .zip(prefixes)
        .map(|(entry, row)| {
            let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:>width$} "));
            cells.chain([entry.shown(settings)]).collect()
        })
        .collect();
    let text = match settings.layout {
        Layout::Columns => columns(&names, settings.width, true),
        Layout::Across => columns(&names, settings.width, false),
        Layout::Commas => commas(&names, settings.width),
        _ => names.iter().flat_map(|name| [name.as_str(), end]).collect(),
    };
    Ok(call.print(text.as_bytes()).await?)
}

fn commas(names: &[String], width: usize) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for (index, name) in names.iter().enumerate() {
        let length = name.chars().count();
        if index > 0 {
            out.push(',');
            if width > 0 && at + 2 + length >= width {
                out.push('\n');
                at = 0;
            } else {
                out.push(' ');
                at += 2;
            }
        }
        out.push_str(name);
        at += length;
    }
    out.push('\n');
    out
}
