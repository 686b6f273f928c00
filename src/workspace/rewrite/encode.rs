//! Code in a form that survives the engine's reading of operands, which strips quotes and stops at braces.

use std::fmt::Write;

/// `$(eval $'...')` that runs `code`. It contains no quote, brace or dollar of its own.
pub(super) fn substitution(code: &str) -> String {
    format!("$(eval {})", quoted(code))
}

/// `text` as one word `$'...'` on one line.
pub(in crate::workspace) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2 + 3);
    out.push_str("$'");
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '_' | '-' | '.' | '/' | ':' | '=' | '%' | '+' | ',' => {
                out.push(c)
            }
            c if c.is_ascii() => drop(write!(out, "\\x{:02x}", c as u8)),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}
