//! In which order names stand.

use super::entry::Entry;
use super::settings::{Order, Settings};
use std::cmp::Ordering;

/// Puts a directory's members in order.
pub fn sort(entries: &mut [Entry], settings: &Settings) {
    let by_name = |a: &Entry, b: &Entry| a.name.as_bytes().cmp(b.name.as_bytes());
    let compare = |a: &Entry, b: &Entry| match settings.order {
        Order::None => Ordering::Equal,
        Order::Name => by_name(a, b),
        Order::Size => {
            let size = super::super::call::size;
            size(&b.found).cmp(&size(&a.found)).then_with(|| by_name(a, b))
        }
        Order::Time => b.found.modified.cmp(&a.found.modified).then_with(|| by_name(a, b)),
        Order::Version => version(&a.name, &b.name),
        Order::Extension => extension(&a.name).cmp(extension(&b.name)).then_with(|| by_name(a, b)),
        Order::Width => a.name.chars().count().cmp(&b.name.chars().count()).then_with(|| by_name(a, b)),
    };
    entries.sort_by(compare);
    if settings.reverse && settings.order != Order::None {
        entries.reverse();
    }
    if settings.directories_first {
        entries.sort_by_key(|entry| {
            let there = entry.target.as_ref().and_then(|(_, there)| there.as_ref());
            !there.unwrap_or(&entry.found).file_type.is_dir()
        });
    }
}

fn extension(name: &str) -> &str {
    name.rfind('.').map_or("", |dot| &name[dot..])
}

/// Numbers in names by their value, as `filevercmp` of GNU.
pub fn version(a: &str, b: &str) -> Ordering {
    let rank = |name: &str| match name {
        "" => 0,
        "." => 1,
        ".." => 2,
        hidden if hidden.starts_with('.') => 3,
        _ => 4,
    };
    let plain = |name: &str| name.len() - suffix(name);
    rank(a)
        .cmp(&rank(b))
        .then_with(|| natural(&a.as_bytes()[..plain(a)], &b.as_bytes()[..plain(b)]))
        .then_with(|| natural(a.as_bytes(), b.as_bytes()))
        .then_with(|| a.cmp(b))
}

/// Length of the extensions, `(\.[A-Za-z~][A-Za-z0-9~]*)*$`.
fn suffix(name: &str) -> usize {
    let bytes = name.as_bytes();
    let mut start = bytes.len();
    while let Some(dot) = bytes[..start].iter().rposition(|byte| *byte == b'.') {
        let part = &bytes[dot + 1..start];
        let fits = part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'~')
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'~');
        if !fits || dot == 0 {
            break;
        }
        start = dot;
    }
    bytes.len() - start
}

fn natural(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |byte: Option<&u8>| match byte {
        Some(b'~') => -2,
        None => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        loop {
            let (left, right) = (a.get(i), b.get(j));
            let digit = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_digit);
            if digit(left) && digit(right) {
                break;
            }
            match rank(left).cmp(&rank(right)) {
                Ordering::Equal => (i, j) = (i + 1, j + 1),
                // The end of one beside digits of the other ranks as a digit does not.
                other => return other,
            }
        }
        let number = |text: &[u8], at: &mut usize| {
            let start = *at + text[*at..].iter().take_while(|byte| **byte == b'0').count();
            let end = start + text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            *at = end;
            (start, end)
        };
        let (left, right) = (number(a, &mut i), number(b, &mut j));
        let (left, right) = (&a[left.0..left.1], &b[right.0..right.1]);
        let order = left.len().cmp(&right.len()).then_with(|| left.cmp(right));
        if order != Ordering::Equal {
            return order;
        }
        if i >= a.len() && j >= b.len() {
            break;
        }
    }
    Ordering::Equal
}
