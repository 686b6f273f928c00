//! `ls -l`.

use super::super::call::{Call, join, room, size};
use super::super::date::{instant, now};
use super::super::stat::inode;
use super::super::{dates, mode};
use super::entry::{Entry, mark, quoted};
use super::settings::Settings;

/// Half a year in seconds: older times show the year.
const HALF_YEAR: i64 = 31_556_952 / 2;

/// The lines of a listing, and the sum of the blocks.
pub async fn lines(call: &Call<'_>, settings: &Settings, dir: &str, entries: &[Entry]) -> Vec<String> {
    let mut table = Vec::new();
    for entry in entries {
        table.push(cells(call, settings, dir, entry).await);
    }
    let columns = table.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|at| table.iter().map(|row| row[at].0.chars().count()).max().unwrap_or(0)).collect();
    let mut lines = Vec::new();
    for (row, entry) in table.into_iter().zip(entries) {
        let mut line = String::new();
        for ((text, right), width) in row.into_iter().zip(&widths) {
            let missing = width.saturating_sub(text.chars().count());
            if right {
                line.extend(std::iter::repeat_n(' ', missing));
            }
            line.push_str(&text);
            if !right {
                line.extend(std::iter::repeat_n(' ', missing));
            }
            line.push(' ');
        }
        line.push_str(&entry.shown(settings));
        if let Some((target, there)) = &entry.target {
            line.push_str(" -> ");
            line.push_str(&quoted(target, settings.quoting));
            if let Some(there) = there {
                line.push_str(mark(there, settings, true));
            }
        }
        lines.push(line);
    }
    lines
}

async fn cells(call: &Call<'_>, settings: &Settings, dir: &str, entry: &Entry) -> Vec<(String, bool)> {
    let found = &entry.found;
    let mut row = prefix(call, settings, dir, entry);
    row.push((mode::words(found.file_type, found.mode), false));
    let mut links = 1;
    if found.file_type.is_dir() {
        let path = if dir.is_empty() { entry.name.clone() } else { join(dir, &entry.name) };
        let below = call.list(&path).await.unwrap_or_default();
        links = 2 + below.iter().filter(|(_, found)| found.file_type.is_dir()).count();
    }
    row.push((links.to_string(), true));
    let owner = if settings.numeric { "1000" } else { "user" };
    if !settings.no_owner {
        row.push((owner.to_owned(), settings.numeric));
    }
    if !settings.no_group {
        row.push((owner.to_owned(), settings.numeric));
    }
    if settings.author {
        row.push((owner.to_owned(), false));
    }
    row.push((amount(size(found), settings), true));
    row.push((time(call, settings, found), false));
    row
}

/// What `-i` and `-s` put before everything.
pub fn prefix(call: &Call<'_>, settings: &Settings, dir: &str, entry: &Entry) -> Vec<(String, bool)> {
    let mut row = Vec::new();
    if settings.inode {
        let path = if dir.is_empty() { entry.name.clone() } else { join(dir, &entry.name) };
        row.push((inode(&call.path(&path)).to_string(), true));
    }
    if settings.blocks {
        row.push((blocks(room(&entry.found), settings), true));
    }
    row
}

/// Room taken, in the unit asked for.
pub fn blocks(room: u64, settings: &Settings) -> String {
    match settings.human {
        Some(base) => super::super::human::short(room, base),
        None => (room / 1024).to_string(),
    }
}

fn amount(size: u64, settings: &Settings) -> String {
    match settings.human {
        Some(base) => super::super::human::short(size, base),
        None => size.to_string(),
    }
}

fn time(call: &Call<'_>, settings: &Settings, found: &bashkit::Metadata) -> String {
    let at = instant(found.modified);
    let (now, zone) = (now().0, call.zone());
    let is_recent = at.0 > now - HALF_YEAR && at.0 <= now;
    let style = settings.style.as_deref().or_else(|| call.env("TIME_STYLE")).unwrap_or("locale");
    let format = match style.strip_prefix("posix-").unwrap_or(style) {
        "full-iso" => "%Y-%m-%d %H:%M:%S.%N %z",
        "long-iso" => "%Y-%m-%d %H:%M",
        "iso" if is_recent => "%m-%d %H:%M",
        "iso" => "%Y-%m-%d ",
        custom if custom.starts_with('+') => {
            let (old, recent) = custom[1..].split_once('\n').unwrap_or((&custom[1..], &custom[1..]));
            return dates::format(if is_recent { recent } else { old }, at, zone);
        }
        _ if is_recent => "%b %e %H:%M",
        _ => "%b %e  %Y",
    };
    dates::format(format, at, zone)
}
