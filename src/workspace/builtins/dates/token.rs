//! The words of a date.

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// Digits with their sign, if any, and how many they are.
    Number { sign: Option<bool>, value: i64, digits: usize, fraction: Option<u32> },
    /// A word in lower case, without a dot at its end.
    Word(String),
    /// `:`, `/`, `-` and the like.
    Mark(char),
}

/// Takes the text apart; none when a number is too long or a comment in parentheses does not end.
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        let next_is_digit = chars.get(at + 1).is_some_and(char::is_ascii_digit);
        if c.is_whitespace() {
            at += 1;
        } else if c.is_ascii_digit() || (matches!(c, '+' | '-') && next_is_digit) {
            let sign = (!c.is_ascii_digit()).then_some(c == '-');
            let start = at + usize::from(sign.is_some());
            at = start;
            while chars.get(at).is_some_and(char::is_ascii_digit) {
                at += 1;
            }
            let digits: String = chars[start..at].iter().collect();
            let mut value: i64 = digits.parse().ok().filter(|value| *value < 1 << 53)?;
            if sign == Some(true) {
                value = -value;
            }
            let mut fraction = None;
            if matches!(chars.get(at), Some('.' | ',')) && chars.get(at + 1).is_some_and(char::is_ascii_digit) {
                let mut nanos: String = chars[at + 1..].iter().take_while(|c| c.is_ascii_digit()).collect();
                at += 1 + nanos.len();
                nanos.truncate(9);
                fraction = format!("{nanos:0<9}").parse().ok();
            }
            tokens.push(Token::Number { sign, value, digits: digits.len(), fraction });
        } else if c.is_alphabetic() {
            let word: String = chars[at..].iter().take_while(|c| c.is_alphabetic() || **c == '.').collect();
            at += word.chars().count();
            tokens.push(Token::Word(word.trim_end_matches('.').replace('.', "").to_lowercase()));
        } else if c == '(' {
            at += chars[at..].iter().position(|c| *c == ')')? + 1;
        } else {
            tokens.push(Token::Mark(c));
            at += 1;
        }
    }
    Some(tokens)
}
