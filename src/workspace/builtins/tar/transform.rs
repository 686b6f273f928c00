//! `--transform s/a/b/`.

use super::super::regular;
use regex::{Regex, RegexBuilder};

/// One substitution.
pub struct Transform {
    expression: Regex,
    replacement: String,
    global: bool,
}

impl Transform {
    /// Reads `s/REGEX/REPLACEMENT/FLAGS`.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('s')?;
        let separator = rest.chars().next()?;
        let mut parts = vec![String::new()];
        let mut chars = rest[separator.len_utf8()..].chars();
        while let Some(c) = chars.next() {
            if c == separator {
                parts.push(String::new());
            } else {
                let part = parts.last_mut()?;
                part.push(c);
                if c == '\\' {
                    let next = chars.next()?;
                    if next == separator {
                        part.pop();
                    }
                    part.push(next);
                }
            }
        }
        let [pattern, replacement, flags] = &parts[..] else { return None };
        let pattern = if flags.contains('x') { regular::extended(pattern) } else { regular::basic(pattern) };
        let expression = RegexBuilder::new(&pattern).case_insensitive(flags.contains('i')).size_limit(1 << 20).build();
        let mut words = String::new();
        let mut chars = replacement.chars();
        while let Some(c) = chars.next() {
            match c {
                '&' => words.push_str("${0}"),
                '$' => words.push_str("$$"),
                '\\' => match chars.next()? {
                    digit if digit.is_ascii_digit() => words.push_str(&format!("${{{digit}}}")),
                    other => words.push(other),
                },
                c => words.push(c),
            }
        }
        Some(Self { expression: expression.ok()?, replacement: words, global: flags.contains('g') })
    }

    /// The name after it.
    pub fn apply(&self, name: &str) -> String {
        let limit = usize::from(!self.global);
        self.expression.replacen(name, limit, self.replacement.as_str()).into_owned()
    }
}
