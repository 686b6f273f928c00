//! The words of a program.

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(String),
    Name(String),
    Text(String),
    /// An operator or a bracket.
    Mark(&'static str),
    /// The end of a line.
    Line,
}

const MARKS: [&str; 37] = [
    "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "+", "-", "*", "/", "%", "^",
    "=", "<", ">", "!", "(", ")", "{", "}", "[", "]", ";", ",", "&", "|", ".", "?", ":",
];

/// Takes the program apart; the error names a character that has no meaning.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\\\n") {
            rest = after;
        } else if c == '\n' {
            tokens.push(Token::Line);
            rest = &rest[1..];
        } else if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").map_or("", |(_, after)| after);
        } else if c == '#' {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if c == '"' {
            let (body, after) = rest[1..].split_once('"').unwrap_or((&rest[1..], ""));
            tokens.push(Token::Text(body.to_owned()));
            rest = after;
        } else if c.is_ascii_digit()
            || c.is_ascii_uppercase()
            || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()))
        {
            let mut number = String::new();
            let mut end = 0;
            for (at, c) in rest.char_indices() {
                let is_part = c.is_ascii_digit() || c.is_ascii_uppercase() || (c == '.' && !number.contains('.'));
                let continues =
                    (c == '\\' && rest[at..].starts_with("\\\n")) || (c == '\n' && rest[..at].ends_with('\\'));
                if is_part {
                    number.push(c);
                } else if !continues {
                    break;
                }
                end = at + c.len_utf8();
            }
            tokens.push(Token::Number(number));
            rest = &rest[end..];
        } else if c.is_ascii_lowercase() {
            let end =
                rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            let mark = mark.ok_or_else(|| format!("illegal character: {c}"))?;
            tokens.push(Token::Mark(mark));
            rest = &rest[mark.len()..];
        }
    }
    Ok(tokens)
}
