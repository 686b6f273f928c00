//! POSIX regular expressions in the words of our engine for them.

/// A basic expression (`\(`, `\|`, `\{`) as an extended one that `regex` takes.
pub fn basic(text: &str) -> String {
    translate(text, true)
}

/// An extended expression (`(`, `|`, `{`).
pub fn extended(text: &str) -> String {
    translate(text, false)
}

fn translate(text: &str, basic: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(&c) = chars.get(at) {
        let at_start = out.is_empty() || out.ends_with(['(', '|']);
        match c {
            '\\' => {
                at += 1;
                match chars.get(at) {
                    Some(&special @ ('(' | ')' | '{' | '}' | '|' | '+' | '?')) if basic => out.push(special),
                    Some('<') => out.push_str("\\b{start}"),
                    Some('>') => out.push_str("\\b{end}"),
                    Some('`') => out.push_str("\\A"),
                    Some('\'') => out.push_str("\\z"),
                    Some(&word @ ('w' | 'W' | 's' | 'S' | 'b' | 'B')) => out.extend(['\\', word]),
                    Some(&other) if other.is_ascii_alphanumeric() => out.push(other),
                    Some(&other) => out.extend(['\\', other]),
                    None => out.push_str("\\\\"),
                }
            }
            '[' => at = bracket(&chars, at, &mut out),
            '*' if basic && (at_start || out == "^") => out.push_str("\\*"),
            '*' if at_start => {}
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => out.extend(['\\', c]),
            '^' if basic && !at_start => out.push_str("\\^"),
            '$' if basic && at + 1 != chars.len() && !matches!(chars[at + 1..], ['\\', ')' | '|', ..]) => {
                out.push_str("\\$");
            }
            c => out.push(c),
        }
        at += 1;
    }
    out
}

/// A class: only `]` ends it, and nothing else is special in it.
fn bracket(chars: &[char], start: usize, out: &mut String) -> usize {
    let mut at = start + 1;
    let mut class = String::from("[");
    if chars.get(at) == Some(&'^') {
        class.push('^');
        at += 1;
    }
    let first = at;
    while let Some(&c) = chars.get(at) {
        match c {
            ']' if at > first => {
                class.push(']');
                out.push_str(&class);
                return at;
            }
            '[' if chars.get(at + 1) == Some(&':') => {
                let rest: String = chars[at..].iter().collect();
                match rest.find(":]") {
                    Some(end) => {
                        class.push_str(&rest[..end + 2]);
                        at += rest[..end].chars().count() + 1;
                    }
                    None => class.push_str("\\["),
                }
            }
            '-' => class.push('-'),
            c if c.is_ascii_punctuation() => class.extend(['\\', c]),
            c => class.push(c),
        }
        at += 1;
    }
    out.push_str("\\[");
    start
}
