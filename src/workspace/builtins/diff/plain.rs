//! `diff` without options, and as commands for `ed`.

use super::lines::Side;
use super::script::Change;
use super::settings::Style;
use std::ops::Range;

/// The changes in the style given.
pub fn plain(left: &Side<'_>, right: &Side<'_>, changes: &[Change], style: Style) -> Vec<u8> {
    let mut out = Vec::new();
    let counting: Vec<&Change> = changes.iter().filter(|change| !change.ignored).collect();
    match style {
        Style::Ed => counting.iter().rev().for_each(|change| ed(change, right, &mut out)),
        Style::Forward => counting.iter().for_each(|change| forward(change, right, &mut out)),
        Style::Rcs => counting.iter().for_each(|change| rcs(change, right, &mut out)),
        _ => counting.iter().for_each(|change| normal(change, left, right, &mut out)),
    }
    out
}

fn letter(change: &Change) -> char {
    match (change.left.is_empty(), change.right.is_empty()) {
        (true, _) => 'a',
        (_, true) => 'd',
        _ => 'c',
    }
}

/// Numbers of lines, from 1; the line before when there are none.
fn range(lines: &Range<usize>, separator: char) -> String {
    if lines.len() > 1 { format!("{}{separator}{}", lines.start + 1, lines.end) } else { lines.end.to_string() }
}

fn normal(change: &Change, left: &Side<'_>, right: &Side<'_>, out: &mut Vec<u8>) {
    let head = format!("{}{}{}\n", range(&change.left, ','), letter(change), range(&change.right, ','));
    out.extend_from_slice(head.as_bytes());
    change.left.clone().for_each(|at| left.write("< ", at, out));
    if letter(change) == 'c' {
        out.extend_from_slice(b"---\n");
    }
    change.right.clone().for_each(|at| right.write("> ", at, out));
}

fn body(change: &Change, right: &Side<'_>, out: &mut Vec<u8>) {
    for at in change.right.clone() {
        out.extend_from_slice(right.lines[at]);
        out.push(b'\n');
    }
}

fn ed(change: &Change, right: &Side<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}{}\n", range(&change.left, ','), letter(change)).as_bytes());
    if !change.right.is_empty() {
        body(change, right, out);
        out.extend_from_slice(b".\n");
    }
}

fn forward(change: &Change, right: &Side<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}{}\n", letter(change), range(&change.left, ' ')).as_bytes());
    if !change.right.is_empty() {
        body(change, right, out);
        out.extend_from_slice(b".\n");
    }
}

fn rcs(change: &Change, right: &Side<'_>, out: &mut Vec<u8>) {
    if !change.left.is_empty() {
        out.extend_from_slice(format!("d{} {}\n", change.left.start + 1, change.left.len()).as_bytes());
    }
    if !change.right.is_empty() {
        out.extend_from_slice(format!("a{} {}\n", change.left.end, change.right.len()).as_bytes());
        body(change, right, out);
    }
}
