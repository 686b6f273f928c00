//! Backslash escapes in formats.

/// Writes what the escape after a backslash means; how many characters it takes.
pub fn push(after: &[char], out: &mut String) -> usize {
    let Some(&c) = after.first() else {
        out.push('\\');
        return 0;
    };
    let plain = match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        'e' => '\u{1b}',
        '\\' => '\\',
        '"' => '"',
        '0'..='7' => {
            let digits: String = after.iter().take(3).take_while(|c| ('0'..='7').contains(*c)).collect();
            let value = u32::from_str_radix(&digits, 8).unwrap_or(0) & 0xff;
            out.push(char::from_u32(value).unwrap_or('?'));
            return digits.len();
        }
        other => {
            out.push('\\');
            other
        }
    };
    out.push(plain);
    1
}
