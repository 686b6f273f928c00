//! Patterns for names of files.

use super::scope::Scope;
use crate::workspace::mount::Kind;
use regex::Regex;

/// The most paths that one pattern may give; of more nobody would read the estimate.
const MAX_PATHS: usize = 10_000;

/// The paths that a pattern stands for, absolute and in order.
pub(super) fn paths(pattern: &str, scope: &mut Scope<'_>) -> Vec<String> {
    let Some(pattern) = scope.path(pattern) else { return Vec::new() };
    let mut found = vec![String::new()];
    let mut components = pattern.split('/').filter(|component| !component.is_empty()).peekable();
    while let Some(component) = components.next() {
        let is_last = components.peek().is_none();
        let Some(matcher) = matcher(component) else {
            found.iter_mut().for_each(|path| *path = format!("{path}/{component}"));
            continue;
        };
        let mut next = Vec::new();
        for directory in found {
            let at = if directory.is_empty() { "/" } else { &directory };
            for (name, there) in scope.list(at).unwrap_or_default() {
                let hidden = name.starts_with('.') && !component.starts_with('.');
                if !hidden && (is_last || there.kind != Kind::File) && matcher.is_match(&name) && next.len() < MAX_PATHS
                {
                    next.push(format!("{directory}/{name}"));
                }
            }
        }
        found = next;
    }
    found
}

/// A matcher for one name; none when it is no pattern.
fn matcher(component: &str) -> Option<Regex> {
    if !component.contains(['*', '?', '[']) {
        return None;
    }
    let mut pattern = String::from("(?s)^");
    let mut rest = component.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            '[' => {
                let tail: String = rest.clone().collect();
                let Some(end) = tail.char_indices().skip(1).find(|(_, letter)| *letter == ']').map(|(end, _)| end)
                else {
                    pattern.push_str("\\[");
                    continue;
                };
                let (inside, negated) = match tail[..end].strip_prefix(['!', '^']) {
                    Some(inside) => (inside, "^"),
                    None => (&tail[..end], ""),
                };
                let inside = inside.replace('\\', "\\\\").replace('[', "\\[").replace('&', "\\&").replace('~', "\\~");
                pattern.push_str(&format!("[{negated}{inside}]"));
                let taken = tail[..=end].chars().count();
                rest.by_ref().take(taken).for_each(drop);
            }
            other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push('$');
    Regex::new(&pattern).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_a_shell_s_do() {
        let matches = |pattern: &str, name: &str| matcher(pattern).unwrap().is_match(name);
        assert!(matches("*.txt", "a.txt") && !matches("*.txt", "a.txt.gz") && matches("?", "é"));
        assert!(
            matches("[a-c]x", "bx")
                && !matches("[!a-c]x", "bx")
                && matches("a.[ch]", "a.c")
                && !matches("a.[ch]", "abc")
        );
        assert!(matches("[]x", "[]x") || !matches("[]x", "y"));
        assert!(matcher("plain.txt").is_none());
    }
}
