//! The expressions of `-regex`.

use super::super::regular;
use regex::{Regex, RegexBuilder};

const TYPES: &[&str] = &[
    "findutils-default",
    "ed",
    "emacs",
    "gnu-awk",
    "grep",
    "posix-awk",
    "awk",
    "posix-basic",
    "posix-egrep",
    "egrep",
    "posix-extended",
    "posix-minimal-basic",
    "sed",
];

/// Checks the argument of `-regextype`.
pub fn known(kind: &str) -> Result<(), String> {
    if TYPES.contains(&kind) {
        return Ok(());
    }
    let valid: Vec<String> = TYPES.iter().map(|kind| format!("‘{kind}’")).collect();
    Err(format!("Unknown regular expression type ‘{kind}’; valid types are {}.", valid.join(", ")))
}

/// An expression of type `kind` that all of a path has to fit.
pub fn compile(text: &str, kind: &str, fold: bool) -> Result<Regex, String> {
    let ours = match kind {
        "emacs" | "findutils-default" => regular::basic(&from_emacs(text)),
        "ed" | "grep" | "posix-basic" | "posix-minimal-basic" | "sed" => regular::basic(text),
        _ => regular::extended(text),
    };
    RegexBuilder::new(&format!("^(?:{ours})$"))
        .case_insensitive(fold)
        .dot_matches_new_line(true)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| format!("failed to compile regular expression '{text}': Invalid regular expression"))
}

/// In Emacs `+` and `?` repeat as they are, and braces are only braces.
fn from_emacs(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars());
    let mut in_class = 0;
    while let Some(c) = chars.next() {
        match c {
            // The first character of a class does not end it.
            ']' if in_class > 1 => in_class = 0,
            _ if in_class > 0 => in_class += usize::from(c != '^' || in_class > 1),
            '[' => in_class = 1,
            '\\' => match chars.next() {
                Some(plain @ ('+' | '?' | '{' | '}')) => {
                    out.push(plain);
                    continue;
                }
                Some(other) => {
                    out.extend(['\\', other]);
                    continue;
                }
                None => {}
            },
            '+' | '?' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}
