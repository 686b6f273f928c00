//! From a script's text to what the engine is given.

use super::scan::Scan;
use crate::workspace::towers;
use bashkit::parser::Parser;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Limits of the check that a rewritten script can be parsed.
const MAX_DEPTH: usize = 40;
const MAX_OPERATIONS: usize = 20_000_000;

/// Names of associative arrays that are kept in mind.
const MAX_NAMES: usize = 10_000;

/// What the engine is to run in the place of `text`. The names of associative arrays that `text` declares join the others.
pub(in crate::workspace) fn rewritten<'a>(text: &'a str, associative: &mut BTreeSet<String>) -> Cow<'a, str> {
    if text.len() > towers::MAX_SCRIPT {
        return Cow::Borrowed(text);
    }
    declared(text, associative);
    let Some(new) = Scan::script(text, associative) else { return Cow::Borrowed(text) };
    // The engine runs the lines before a syntax error and shows the text of the bad one: that has to be the original.
    let parses =
        !towers::stacks_time(new.as_bytes()) && Parser::with_limits(&new, MAX_DEPTH, MAX_OPERATIONS).parse().is_ok();
    if parses { Cow::Owned(new) } else { Cow::Borrowed(text) }
}

/// Adds the names after `declare -A` and its like.
fn declared(text: &str, associative: &mut BTreeSet<String>) {
    for (at, _) in text.match_indices("A ") {
        let option = text[..at].rsplit([' ', '\t']).next().unwrap_or_default();
        let is_option =
            option.len() < 6 && option.starts_with('-') && option[1..].bytes().all(|byte| byte.is_ascii_lowercase());
        let line = text[at + 1..].lines().next().unwrap_or_default();
        // Values may hold anything: the names are those before the first, and at the start of words.
        for word in
            line.split([';', '&', '|', '#']).next().unwrap_or_default().split_ascii_whitespace().filter(|_| is_option)
        {
            let name = word.split('=').next().unwrap_or_default();
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if is_name && associative.len() < MAX_NAMES {
                associative.insert(name.to_owned());
            }
        }
    }
}

/// The same for a script file's content. `before` is run first, on the line of the first command.
pub(in crate::workspace) fn rewritten_bytes(
    content: &[u8],
    before: &str,
    associative: &mut BTreeSet<String>,
) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?;
    let new = rewritten(text, associative);
    if before.is_empty() {
        return matches!(new, Cow::Owned(_)).then(|| new.into_owned().into_bytes());
    }
    // After the line that names the interpreter.
    let start = if new.starts_with("#!") { new.find('\n').map_or(new.len(), |end| end + 1) } else { 0 };
    Some(format!("{}{before}{}", &new[..start], &new[start..]).into_bytes())
}
