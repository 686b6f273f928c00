//! Finds brace ranges that the engine would leave unexpanded without a word.
//!
//! Looks only where the shell itself would expand: not in quotes, comments and here-documents, but in `$( )` within
//! double quotes. Text that reaches the shell in another way (`eval`, a script file) is not seen.

/// The longest range that the engine expands.
pub const MAX_RANGE: u128 = 10_000;

/// The first range in `script` with more than [`MAX_RANGE`] members, as it is written there.
pub fn oversized_range(script: &str) -> Option<&str> {
    // Most scripts have no range at all.
    if !script.contains("..") {
        return None;
    }
    let mut scan = Scan { text: script, at: 0, documents: Vec::new() };
    scan.code(None)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Delimiters of here-documents that start after the current line.
    documents: Vec<String>,
}

impl<'a> Scan<'a> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Shell code until `end` (a closing parenthesis or backtick) or the end of the text.
    fn code(&mut self, end: Option<u8>) -> Option<&'a str> {
        let mut depth = 0;
        while self.at < self.text.len() {
            let byte = self.byte(self.at);
            match byte {
                b'\\' => self.at += 1,
                b'\'' => self.skip_to(b'\'', self.byte(self.at.wrapping_sub(1)) == b'$'),
                b'"' => {
                    self.at += 1;
                    if let Some(found) = self.double_quoted() {
                        return Some(found);
                    }
                }
                b'#' if self.at == 0 || b" \t\n;(&|".contains(&self.byte(self.at - 1)) => self.skip_line(),
                b'<' if self.byte(self.at + 1) == b'<' => self.here_document(),
                b'\n' if !self.documents.is_empty() => self.skip_documents(),
                b'{' => {
                    if let Some(found) = range_at(&self.text[self.at..]) {
                        return Some(found);
                    }
                }
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                _ if Some(byte) == end => return None,
                _ => {}
            }
            self.at += 1;
        }
        None
    }

    /// The inside of double quotes, where only substitutions are code. Ends on the closing quote.
    fn double_quoted(&mut self) -> Option<&'a str> {
        while self.at < self.text.len() {
            let found = match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'"', _) => return None,
                (b'\\', _) => {
                    self.at += 1;
                    None
                }
                (b'$', b'(') => {
                    self.at += 2;
                    self.code(Some(b')'))
                }
                (b'`', _) => {
                    self.at += 1;
                    self.code(Some(b'`'))
                }
                _ => None,
            };
            if found.is_some() {
                return found;
            }
            self.at += 1;
        }
        None
    }

    fn skip_to(&mut self, quote: u8, escapes: bool) {
        self.at += 1;
        while self.at < self.text.len() && self.byte(self.at) != quote {
            self.at += if escapes && self.byte(self.at) == b'\\' { 2 } else { 1 };
        }
    }

    fn skip_line(&mut self) {
        while self.at + 1 < self.text.len() && self.byte(self.at + 1) != b'\n' {
            self.at += 1;
        }
    }

    /// Notes the delimiter of `<<WORD`; a here-string `<<<` is ordinary code.
    fn here_document(&mut self) {
        if self.byte(self.at + 2) == b'<' {
            self.at += 2;
            return;
        }
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches([' ', '\t']);
        let word = rest.split([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']).next().unwrap_or_default();
        let word = word.replace(['\'', '"', '\\'], "");
        // `1 << 2` in arithmetic is a shift.
        if word.bytes().next().is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic()) {
            self.documents.push(word);
        }
        self.at += 1;
    }

    fn skip_documents(&mut self) {
        for delimiter in std::mem::take(&mut self.documents) {
            while self.at < self.text.len() {
                let line = self.text.get(self.at + 1..).unwrap_or_default().split('\n').next().unwrap_or_default();
                self.at += 1 + line.len();
                if line.trim_start_matches('\t') == delimiter {
                    break;
                }
            }
        }
        // The newline after the last delimiter is seen by the caller.
        self.at = self.at.saturating_sub(1);
    }
}

/// The range that `text` starts with, when it is an oversized one.
fn range_at(text: &str) -> Option<&str> {
    let end = text.find('}')?;
    let mut parts = text[1..end].split("..");
    let (first, last) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
    let step = match parts.next() {
        Some(step) => step.parse::<i64>().ok()?.unsigned_abs().max(1),
        None => 1,
    };
    let members = i128::from(last).abs_diff(i128::from(first)) / u128::from(step) + 1;
    (parts.next().is_none() && members > MAX_RANGE).then_some(&text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_found_where_the_shell_would_expand_them() {
        let found = |script| oversized_range(script);
        assert_eq!(found("echo {1..10001}"), Some("{1..10001}"));
        assert_eq!(found("for i in {0..99999..3}; do :; done"), Some("{0..99999..3}"));
        assert_eq!(found(r#"x="$(echo "a" {1..20000})""#), Some("{1..20000}"));
        assert_eq!(found("cat <<E\n{1..20000}\nE\necho {5..30000}"), Some("{5..30000}"));
        assert_eq!(found("echo $((1 << 2)) {20000..1}"), Some("{20000..1}"));
    }

    #[test]
    fn other_text_is_left_alone() {
        for script in [
            "echo {1..10000}",
            "echo {1..20000..2}",
            "echo '{1..20000}' \"{1..20000}\" \\{1..20000} $'it\\'s {1..20000}'",
            "echo a # {1..20000}",
            "cat <<'EOF' > f\nfor i in {1..20000}; do\nEOF\necho b",
            "cat <<-A <<B\n\tA\n{1..20000}\nB\n",
            "echo ${x} {a..z} {1..20000",
        ] {
            assert_eq!(oversized_range(script), None, "{script}");
        }
    }

    #[test]
    fn broken_text_does_not_panic() {
        for script in ["'..", "\"$(..", "<<..", "{..}", "\\..\\", "<<E\n..", "`..", "{9..é}", "é'..\\"] {
            oversized_range(script);
        }
    }
}
