//! `diff -u`.

use super::lines::Side;
use super::script::{Change, heading, hunks};
use super::settings::Settings;

/// The changes with `context` lines around them.
pub fn unified(left: &Side<'_>, right: &Side<'_>, changes: &[Change], context: usize, settings: &Settings) -> Vec<u8> {
    let mut out = Vec::new();
    for hunk in hunks(changes, context) {
        if out.is_empty() {
            out.extend_from_slice(
                format!("--- {}{}\n+++ {}{}\n", left.name, left.time, right.name, right.time).as_bytes(),
            );
        }
        let (first, last) = (&hunk[0], &hunk[hunk.len() - 1]);
        let (from, to) = (first.left.start.saturating_sub(context), (last.left.end + context).min(left.lines.len()));
        let before = first.left.start - from;
        let (from_right, to_right) = (
            first.right.start - before.min(first.right.start),
            (last.right.end + (to - last.left.end)).min(right.lines.len()),
        );
        let ranges = format!("@@ -{} +{} @@", range(from, to), range(from_right, to_right));
        out.extend_from_slice(ranges.as_bytes());
        if let Some(heading) = heading(left, from, settings) {
            out.push(b' ');
            out.extend_from_slice(&heading);
        }
        out.push(b'\n');
        let marks = if settings.initial_tab { ["\t", "-\t", "+\t"] } else { [" ", "-", "+"] };
        let mut at = from;
        for change in hunk {
            (at..change.left.start).for_each(|at| left.write(marks[0], at, &mut out));
            change.left.clone().for_each(|at| left.write(marks[1], at, &mut out));
            change.right.clone().for_each(|at| right.write(marks[2], at, &mut out));
            at = change.left.end;
        }
        (at..to).for_each(|at| left.write(marks[0], at, &mut out));
    }
    out
}

fn range(from: usize, to: usize) -> String {
    match to - from {
        0 => format!("{from},0"),
        1 => format!("{to}"),
        count => format!("{},{count}", from + 1),
    }
}
