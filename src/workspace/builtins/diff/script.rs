//! Changes, and the hunks that they are shown in.

use super::compare::Changed;
use super::lines::{Side, is_trivial};
use super::settings::Settings;
use std::ops::Range;

/// Lines of the left side that became lines of the right side.
#[derive(Clone)]
pub struct Change {
    pub left: Range<usize>,
    pub right: Range<usize>,
    /// It does not count on its own.
    pub ignored: bool,
}

/// The changes, from the first to the last.
pub fn changes(changed: &Changed, left: &Side<'_>, right: &Side<'_>, settings: &Settings) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < changed.left.len() || j < changed.right.len() {
        let (from_left, from_right) = (i, j);
        while i < changed.left.len() && changed.left[i] {
            i += 1;
        }
        while j < changed.right.len() && changed.right[j] {
            j += 1;
        }
        if (from_left, from_right) == (i, j) {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let trivial =
            |side: &Side<'_>, range: Range<usize>| range.into_iter().all(|at| is_trivial(side.lines[at], settings));
        let ignored = trivial(left, from_left..i) && trivial(right, from_right..j);
        changes.push(Change { left: from_left..i, right: from_right..j, ignored });
    }
    changes
}

/// Changes that are shown together: those with at most twice `context` lines between them. What does not count is left
/// out unless it stands beside what does.
pub fn hunks(changes: &[Change], context: usize) -> Vec<&[Change]> {
    let mut hunks = Vec::new();
    let mut start = 0;
    while start < changes.len() {
        let mut end = start + 1;
        while end < changes.len() {
            let gap = changes[end].left.start - changes[end - 1].left.end;
            let most = if changes[end].ignored { context } else { 2 * context + 1 };
            if gap >= most {
                break;
            }
            end += 1;
        }
        let hunk = &changes[start..end];
        if hunk.iter().any(|change| !change.ignored) {
            hunks.push(hunk);
        }
        start = end;
    }
    hunks
}

/// The line to show beside a hunk: the last before it that looks like a heading.
pub fn heading(left: &Side<'_>, before: usize, settings: &Settings) -> Option<Vec<u8>> {
    let expression = settings.function.as_ref()?;
    let line = left.lines[..before].iter().rev().find(|line| expression.is_match(line))?;
    let line = &line[..line.len().min(40)];
    Some(line.trim_ascii().to_vec())
}
