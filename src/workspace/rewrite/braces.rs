//! Ranges that are longer than what the engine expands become their words.

use super::scan::Scan;
use crate::workspace::brace;

/// Bytes that one script may grow by ranges.
const MAX_BYTES: u128 = 2 << 20;

/// The words of the range that starts here, when it is a word of its own and too long for the engine.
pub(super) fn expand(scan: &mut Scan<'_>, starts_word: bool) -> Option<String> {
    let range = brace::long_range(scan.rest())?;
    let after = scan.rest().as_bytes().get(range.length).copied().unwrap_or(b' ');
    if !starts_word || !b" \t\n;&|)<>".contains(&after) || range.members * range.width() > MAX_BYTES {
        return None;
    }
    scan.at += range.length;
    scan.changed = true;
    Some(range.words())
}
