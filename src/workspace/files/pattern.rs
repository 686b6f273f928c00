//! Patterns of one name, as the shell has them: `*`, `?`, `[a-z]`, `[!x]`, `[[:digit:]]`, `\` before what is meant as it is.

/// A pattern of one path component.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Debug, Clone)]
enum Token {
    Letter(char),
    One,
    Any,
    Set { negated: bool, members: Vec<Member> },
}

#[derive(Debug, Clone)]
enum Member {
    Range(char, char),
    Class(fn(char) -> bool),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let mut tokens = Vec::new();
        let letters: Vec<char> = text.chars().collect();
        let mut at = 0;
        while let Some(&letter) = letters.get(at) {
            at += 1;
            match letter {
                '*' if matches!(tokens.last(), Some(Token::Any)) => {}
                '*' => tokens.push(Token::Any),
                '?' => tokens.push(Token::One),
                '[' => match set(&letters[at..]) {
                    Some((token, length)) => {
                        tokens.push(token);
                        at += length;
                    }
                    None => tokens.push(Token::Letter('[')),
                },
                '\\' if at < letters.len() => {
                    tokens.push(Token::Letter(letters[at]));
                    at += 1;
                }
                letter => tokens.push(Token::Letter(letter)),
            }
        }
        Self(tokens)
    }

    /// The one name that it means, when it has nothing special.
    pub(super) fn literal(&self) -> Option<String> {
        let letter = |token: &Token| if let Token::Letter(letter) = token { Some(*letter) } else { None };
        self.0.iter().map(letter).collect()
    }

    /// Whether it matches, with the shell's rule that a dot at the beginning must be written.
    pub(super) fn matches(&self, name: &str) -> bool {
        let hidden = name.starts_with('.') && !matches!(self.0.first(), Some(Token::Letter('.')));
        !hidden && self.matches_hidden(name)
    }

    /// Whether it matches, names with a dot at the beginning like all others.
    pub(super) fn matches_hidden(&self, name: &str) -> bool {
        let letters: Vec<char> = name.chars().collect();
        let (mut token, mut letter) = (0, 0);
        // Where to go on when what followed the last `*` did not match: one letter more belongs to that.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(token), letters.get(letter)) {
                (None, None) => return true,
                (Some(Token::Any), _) => {
                    retry = Some((token + 1, letter));
                    token += 1;
                    continue;
                }
                (Some(wanted), Some(&given)) if wanted.takes(given) => {
                    token += 1;
                    letter += 1;
                    continue;
                }
                _ => {}
            }
            match retry {
                Some((back, from)) if from < letters.len() => {
                    retry = Some((back, from + 1));
                    (token, letter) = (back, from + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Token {
    fn takes(&self, given: char) -> bool {
        match self {
            Self::Letter(letter) => *letter == given,
            Self::One | Self::Any => true,
            Self::Set { negated, members } => {
                let has = members.iter().any(|member| match member {
                    Member::Range(first, last) => (*first..=*last).contains(&given),
                    Member::Class(class) => class(given),
                });
                has != *negated
            }
        }
    }
}

/// A set, from behind its `[`, and how many letters it takes; none when it is not closed.
fn set(letters: &[char]) -> Option<(Token, usize)> {
    let negated = matches!(letters.first(), Some('!' | '^'));
    let mut at = usize::from(negated);
    let first = at;
    let mut members = Vec::new();
    loop {
        match *letters.get(at)? {
            ']' if at > first => return Some((Token::Set { negated, members }, at + 1)),
            '[' if letters.get(at + 1) == Some(&':') => {
                let end = at + 2 + letters[at + 2..].windows(2).position(|two| two == [':', ']'])?;
                let name: String = letters[at + 2..end].iter().collect();
                members.push(Member::Class(class(&name)?));
                at = end + 2;
                continue;
            }
            '\\' if at + 1 < letters.len() => at += 1,
            _ => {}
        }
        let from = *letters.get(at)?;
        at += 1;
        match (letters.get(at), letters.get(at + 1)) {
            (Some('-'), Some(&to)) if to != ']' => {
                members.push(Member::Range(from, to));
                at += 2;
            }
            _ => members.push(Member::Range(from, from)),
        }
    }
}

fn class(name: &str) -> Option<fn(char) -> bool> {
    Some(match name {
        "alpha" => char::is_alphabetic,
        "digit" => |letter| letter.is_ascii_digit(),
        "alnum" => char::is_alphanumeric,
        "upper" => char::is_uppercase,
        "lower" => char::is_lowercase,
        "space" => char::is_whitespace,
        "punct" => |letter| letter.is_ascii_punctuation(),
        "xdigit" => |letter| letter.is_ascii_hexdigit(),
        _ => return None,
    })
}

/// The alternatives of `{a,b}`, in order; the text itself when it has none, or more than `most`.
pub(super) fn alternatives(text: &str, most: usize) -> Vec<String> {
    let mut done = Vec::new();
    let mut left = vec![text.to_owned()];
    while let Some(next) = left.pop() {
        match split(&next) {
            Some((before, inner, after)) => {
                left.extend(inner.iter().rev().map(|inner| format!("{before}{inner}{after}")));
            }
            None => done.push(next),
        }
        if left.len() + done.len() > most {
            return vec![text.to_owned()];
        }
    }
    done
}

/// What is before, in and after the first braces that hold a comma.
fn split(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let mut from = 0;
    while let Some(open) = find(text, from, '{') {
        if let Some((inner, end)) = members(text, open + 1).filter(|(inner, _)| inner.len() > 1) {
            return Some((&text[..open], inner, &text[end..]));
        }
        from = open + 1;
    }
    None
}

/// The members between an opening brace and its closing one, and where that ends.
fn members(text: &str, start: usize) -> Option<(Vec<&str>, usize)> {
    let (mut depth, mut begin, mut found, mut escaped) = (0, start, Vec::new(), false);
    for (at, letter) in text[start..].char_indices().map(|(at, letter)| (start + at, letter)) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(&text[begin..at]);
                return Some((found, at + 1));
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// Where a letter is that no `\` stands before.
fn find(text: &str, from: usize, wanted: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == wanted && at >= from => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_the_shell() {
        for (pattern, name, wanted) in [
            ("*.txt", "a.txt", true),
            ("*.txt", ".txt", false),
            (".*", ".txt", true),
            ("*a*b*c", "xaxbxbc", true),
            ("*a*b*c", "xaxbxbcx", false),
            ("?", "é", true),
            ("?", "", false),
            ("*", "", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[[:digit:]]*", "7up", true),
            ("[[:digit:]]*", "up", false),
            ("[ab", "[ab", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("[a\\]]", "]", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), wanted, "{pattern} {name}");
        }
        assert!(Pattern::new("*.txt").matches_hidden(".txt"));
        assert_eq!(Pattern::new("a\\*b").literal().as_deref(), Some("a*b"));
        assert_eq!(Pattern::new("a*b").literal(), None);
    }

    #[test]
    fn a_pattern_of_many_stars_is_fast() {
        let pattern = Pattern::new(&"*a".repeat(120));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(250))));
    }

    #[test]
    fn braces_are_alternatives() {
        assert_eq!(alternatives("/a/*.{rs,t{s,sx}}", 10), ["/a/*.rs", "/a/*.ts", "/a/*.tsx"]);
        for same in ["/a/{b}", "/a/{b", "a\\{b,c}", "plain"] {
            assert_eq!(alternatives(same, 10), [same]);
        }
        assert_eq!(alternatives("{a,b}{a,b}", 3).len(), 1);
    }
}
