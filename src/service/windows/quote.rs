//! A command line that a program splits into the same words again, by the rules of Microsoft's C runtime.

/// The words as one line.
pub(super) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A backslash is a backslash, except before a quotation mark: there two stand for one.
fn word(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '\n', '\x0b', '"']) {
        return word.to_owned();
    }
    let mut quoted = String::from('"');
    let mut backslashes = 0;
    for c in word.chars() {
        match c {
            '\\' => backslashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes * 2 + 1));
                quoted.push('"');
                backslashes = 0;
            }
            _ => {
                quoted.push_str(&"\\".repeat(backslashes));
                quoted.push(c);
                backslashes = 0;
            }
        }
    }
    quoted.push_str(&"\\".repeat(backslashes * 2));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_the_c_runtime_reads_them() {
        for (given, quoted) in [
            ("node", "node"),
            ("", "\"\""),
            (r"C:\a b\", r#""C:\a b\\""#),
            (r"C:\ab\", r"C:\ab\"),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r#"a\"b"#, r#""a\\\"b""#),
        ] {
            assert_eq!(word(given), quoted);
        }
        assert_eq!(line(["node", "run", "a b"]), "node run \"a b\"");
    }
}
