//! `diff -c`.

use super::lines::Side;
use super::script::{Change, heading, hunks};
use super::settings::Settings;
use std::ops::Range;

/// The changes with `context` lines around them, each side on its own.
pub fn context(left: &Side<'_>, right: &Side<'_>, changes: &[Change], context: usize, settings: &Settings) -> Vec<u8> {
    let mut out = Vec::new();
    for hunk in hunks(changes, context) {
        if out.is_empty() {
            out.extend_from_slice(
                format!("*** {}{}\n--- {}{}\n", left.name, left.time, right.name, right.time).as_bytes(),
            );
        }
        let (first, last) = (&hunk[0], &hunk[hunk.len() - 1]);
        let (from, to) = (first.left.start.saturating_sub(context), (last.left.end + context).min(left.lines.len()));
        let before = first.left.start - from;
        let (from_right, to_right) =
            (first.right.start.saturating_sub(before), (last.right.end + (to - last.left.end)).min(right.lines.len()));
        out.extend_from_slice(b"***************");
        if let Some(heading) = heading(left, from, settings) {
            out.push(b' ');
            out.extend_from_slice(&heading);
        }
        out.extend_from_slice(format!("\n*** {} ****\n", range(from, to)).as_bytes());
        if hunk.iter().any(|change| !change.left.is_empty()) {
            half(left, from..to, hunk, |change| (change.left.clone(), change.right.is_empty()), "-", &mut out);
        }
        out.extend_from_slice(format!("--- {} ----\n", range(from_right, to_right)).as_bytes());
        if hunk.iter().any(|change| !change.right.is_empty()) {
            half(
                right,
                from_right..to_right,
                hunk,
                |change| (change.right.clone(), change.left.is_empty()),
                "+",
                &mut out,
            );
        }
    }
    out
}

fn half(
    side: &Side<'_>,
    whole: Range<usize>,
    hunk: &[Change],
    part: impl Fn(&Change) -> (Range<usize>, bool),
    mark: &str,
    out: &mut Vec<u8>,
) {
    let mut at = whole.start;
    for change in hunk {
        let (range, only) = part(change);
        (at..range.start).for_each(|at| side.write("  ", at, out));
        let mark = if only { format!("{mark} ") } else { "! ".to_owned() };
        range.clone().for_each(|at| side.write(&mark, at, out));
        at = range.end;
    }
    (at..whole.end).for_each(|at| side.write("  ", at, out));
}

fn range(from: usize, to: usize) -> String {
    match to - from {
        0 => format!("{from}"),
        1 => format!("{to}"),
        _ => format!("{},{to}", from + 1),
    }
}
