//! `-printf` and `-ls`.

use super::super::call::{Call, room, size};
use super::super::date::{instant, now};
use super::super::dates::{self, Instant};
use super::super::stat::inode;
use super::super::{escape, mode};
use super::check::{letter, links, target};
use super::walk::{Entry, Walk};

/// The widest field.
const MAX_WIDTH: usize = 4096;
/// Half a year in seconds: older times show the year.
const HALF_YEAR: i64 = 31_556_952 / 2;

/// A part of a format.
enum Part {
    Text(String),
    /// Flags with the width, the precision, the letter, and that behind it for times.
    Field {
        flags: String,
        precision: Option<usize>,
        letter: char,
        time: char,
    },
    /// `\c`.
    Stop,
    /// A directive that is none.
    Unknown(String),
}

fn parts(format: &str) -> Vec<Part> {
    let chars: Vec<char> = format.chars().collect();
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        at += 1;
        let mut text = String::new();
        match c {
            '\\' if chars.get(at) == Some(&'c') => {
                parts.push(Part::Stop);
                break;
            }
            '\\' => at += escape::push(&chars[at..], &mut text),
            '%' if chars.get(at) == Some(&'%') => {
                text.push('%');
                at += 1;
            }
            '%' => {
                let start = at - 1;
                let take = |at: &mut usize, allowed: &str| {
                    let taken: String = chars[*at..].iter().take_while(|c| allowed.contains(**c)).collect();
                    *at += taken.len();
                    taken
                };
                let flags = take(&mut at, "-+ #0123456789");
                let precision = (chars.get(at) == Some(&'.')).then(|| {
                    at += 1;
                    take(&mut at, "0123456789").parse().unwrap_or(0)
                });
                let letter = chars.get(at).copied().unwrap_or('%');
                at += 1;
                let mut time = '\0';
                if matches!(letter, 'A' | 'C' | 'T' | 'B') {
                    time = chars.get(at).copied().unwrap_or('\0');
                    at += 1;
                }
                if "abcdDfFgGhHiklmMnpPsStuUyYZATCB".contains(letter) {
                    parts.push(Part::Field { flags, precision, letter, time });
                } else {
                    parts.push(Part::Unknown(chars[start..at.min(chars.len())].iter().collect()));
                }
                continue;
            }
            other => text.push(other),
        }
        match parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(&text),
            _ => parts.push(Part::Text(text)),
        }
    }
    parts
}

/// What is said of a format that has unknown directives.
pub fn warnings(format: &str) -> Vec<String> {
    let unknown = |part| match part {
        Part::Unknown(text) => Some(format!("warning: unrecognized format directive `{text}'")),
        _ => None,
    };
    parts(format).into_iter().filter_map(unknown).collect()
}

/// Fills in the format of `-printf`.
pub async fn format(walk: &Walk, call: &Call<'_>, entry: &Entry, format: &str) -> String {
    let mut out = String::new();
    for part in parts(format) {
        match part {
            Part::Text(text) | Part::Unknown(text) => out.push_str(&text),
            Part::Stop => break,
            Part::Field { flags, precision, letter, time } => {
                let mut text = field(walk, call, entry, letter, time).await;
                if let Some(most) = precision.filter(|_| !"dmns".contains(letter)) {
                    text = text.chars().take(most).collect();
                }
                let width = flags.trim_start_matches(['-', '+', ' ', '#', '0']).parse().unwrap_or(0);
                let missing = std::cmp::min(width, MAX_WIDTH).saturating_sub(text.chars().count());
                let is_zero = flags.starts_with('0') && "dmns".contains(letter);
                let (left, fill) = (flags.contains('-'), if is_zero { "0" } else { " " });
                if flags.contains('#') && letter == 'm' {
                    text.insert(0, '0');
                }
                let fill = fill.repeat(missing);
                out.push_str(&if left { text + &fill } else { fill + &text });
            }
        }
    }
    out
}

async fn field(walk: &Walk, call: &Call<'_>, entry: &Entry, kind: char, time: char) -> String {
    let found = &entry.found;
    let at = instant(found.modified);
    match kind {
        'p' => entry.name.clone(),
        'f' => entry.base().to_owned(),
        'h' => match entry.name.trim_end_matches('/').rsplit_once('/') {
            Some((parent, _)) => parent.to_owned(),
            None if entry.name.starts_with('/') => String::new(),
            None => ".".to_owned(),
        },
        'P' => entry.name[entry.start..].trim_start_matches('/').to_owned(),
        'H' => entry.name[..entry.start].to_owned(),
        's' => size(found).to_string(),
        'b' => (room(found) / 512).to_string(),
        'k' => (room(found) / 1024).to_string(),
        'm' => format!("{:o}", found.mode & 0o7777),
        'M' => mode::words(found.file_type, found.mode),
        'y' => letter(found).to_string(),
        'Y' => match walk.other_letter(call, entry).await {
            'l' if found.file_type == bashkit::FileType::Symlink => "N".to_owned(),
            letter => letter.to_string(),
        },
        'd' => entry.depth.to_string(),
        'l' => target(call, entry).await.unwrap_or_default(),
        'i' => inode(&call.path(&entry.name)).to_string(),
        'n' => links(call, entry).await.to_string(),
        'u' | 'g' => "user".to_owned(),
        'U' | 'G' => "1000".to_owned(),
        'D' => "64".to_owned(),
        'F' => "tmpfs".to_owned(),
        'S' => "1".to_owned(),
        'a' | 'c' | 't' => told(call, "%a %b %e %H:%M:%S.", at) + &fraction(at) + &told(call, " %Y", at),
        'A' | 'C' | 'T' => match time {
            '@' => format!("{}.{}", at.0, fraction(at)),
            '+' => told(call, "%Y-%m-%d+%H:%M:%S.", at) + &fraction(at),
            'S' => told(call, "%S.", at) + &fraction(at),
            'T' | 'X' => told(call, "%H:%M:%S.", at) + &fraction(at),
            '\0' => String::new(),
            other => told(call, &format!("%{other}"), at),
        },
        _ => String::new(),
    }
}

fn told(call: &Call<'_>, format: &str, at: Instant) -> String {
    dates::format(format, at, call.zone())
}

/// Ten digits, as GNU's.
fn fraction((_, nanos): Instant) -> String {
    format!("{nanos:09}0")
}

/// The line of `-ls`.
pub async fn listed(call: &Call<'_>, entry: &Entry) -> String {
    let found = &entry.found;
    let at = instant(found.modified);
    let is_recent = at.0 > now().0 - HALF_YEAR && at.0 <= now().0;
    let time = told(call, if is_recent { "%b %e %H:%M" } else { "%b %e  %Y" }, at);
    let mut line = format!(
        "{:>9} {:>6} {} {:>3} {:<8} {:<8} {:>8} {time} {}",
        inode(&call.path(&entry.name)),
        room(found) / 1024,
        mode::words(found.file_type, found.mode),
        links(call, entry).await,
        "user",
        "user",
        size(found),
        escaped(&entry.name),
    );
    if let Some(target) = target(call, entry).await {
        line.push_str(" -> ");
        line.push_str(&escaped(&target));
    }
    line + "\n"
}

fn escaped(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '\\' | ' ' | '"' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out
}
