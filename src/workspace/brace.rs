//! Finds brace ranges that the engine would leave unexpanded without a word.
//!
//! Looks only where the shell itself would expand: not in quotes, comments and here-documents, but in `$( )` within
//! double quotes. Text that reaches the shell in another way (`eval`, a script file) is not seen.

/// The longest range that the engine expands.
pub const MAX_RANGE: u128 = 10_000;
/// The most words that it makes of one word.
pub const MAX_WORDS: u128 = 100_000;
/// Braces in braces that are looked at.
const MAX_DEPTH: usize = 20;

/// The first range in `script` with more than [`MAX_RANGE`] members, or word that makes more than [`MAX_WORDS`], as it is
/// written there.
pub fn oversized_range(script: &str) -> Option<&str> {
    // Most scripts have no range at all.
    if !script.contains("..") && !script.contains(',') {
        return None;
    }
    let mut scan = Scan { text: script, at: 0, counted: 0, documents: Vec::new() };
    scan.code(None)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// How far braces are counted.
    counted: usize,
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
                    let is_parameter = self.at > 0 && self.byte(self.at - 1) == b'$';
                    if !is_parameter && self.at >= self.counted {
                        if let Some(found) = product_at(&self.text[self.at..]) {
                            return Some(found);
                        }
                        self.counted = self.at + words(&self.text[self.at..], false, 0).1;
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

/// A range such as `{1..20000..3}` or `{001..999}`.
pub struct Range {
    first: i64,
    last: i64,
    step: u64,
    /// Digits, the sign included, to which its members are filled with zeros.
    padding: usize,
    /// Bytes of its text.
    pub length: usize,
    /// How many words it stands for.
    pub members: u128,
}

impl Range {
    fn at(text: &str) -> Option<Self> {
        let end = text.bytes().take(80).position(|byte| byte == b'}')?;
        let mut parts = text.get(1..end)?.split("..");
        let (from, to) = (parts.next()?, parts.next()?);
        let (first, last) = (from.parse::<i64>().ok()?, to.parse::<i64>().ok()?);
        let step = match parts.next() {
            Some(step) => step.parse::<i64>().ok()?.unsigned_abs().max(1),
            None => 1,
        };
        let is_padded =
            |text: &str| text.trim_start_matches('-').len() > 1 && text.trim_start_matches('-').starts_with('0');
        let padding = if is_padded(from) || is_padded(to) { from.len().max(to.len()) } else { 0 };
        let members = i128::from(last).abs_diff(i128::from(first)) / u128::from(step) + 1;
        parts.next().is_none().then_some(Self { first, last, step, padding, length: end + 1, members })
    }

    /// Bytes of its longest member and a blank.
    pub fn width(&self) -> u128 {
        let digits = |number: i64| number.to_string().len().max(self.padding);
        (digits(self.first).max(digits(self.last)) + 1) as u128
    }

    /// Its members with blanks between them.
    pub fn words(&self) -> String {
        let (first, last, step) = (i128::from(self.first), i128::from(self.last), i128::from(self.step));
        let step = if first <= last { step } else { -step };
        let mut words = String::new();
        let mut member = first;
        while (step > 0 && member <= last) || (step < 0 && member >= last) {
            if !words.is_empty() {
                words.push(' ');
            }
            let padding = self.padding;
            words.push_str(&format!("{member:0padding$}"));
            member += step;
        }
        words
    }
}

/// The range that `text` starts with, when the engine would not expand it.
pub fn long_range(text: &str) -> Option<Range> {
    Range::at(text).filter(|range| range.members > MAX_RANGE)
}

/// The text of the range that `text` starts with, when it is an oversized one.
fn range_at(text: &str) -> Option<&str> {
    long_range(text).and_then(|range| text.get(..range.length))
}

/// The word that `text` starts with, when its braces make more words than the engine does.
fn product_at(text: &str) -> Option<&str> {
    let (count, length) = words(text, false, 0);
    (count > MAX_WORDS).then(|| text.get(..length)).flatten()
}

/// How many words the start of `text` makes, up to its end or, in braces, up to `,` or `}`; and how many bytes that is.
fn words(text: &str, in_braces: bool, depth: usize) -> (u128, usize) {
    let bytes = text.as_bytes();
    let (mut count, mut at) = (1_u128, 0);
    while at < bytes.len() {
        match bytes[at] {
            b',' | b'}' if in_braces => break,
            b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b'"' | b'\'' | b'`' => break,
            b'\\' => at += 1,
            b'$' if bytes.get(at + 1) == Some(&b'{') => break,
            b'{' if depth < MAX_DEPTH => {
                if let Some(range) = text.get(at..).and_then(Range::at) {
                    count = count.saturating_mul(range.members);
                    at += range.length;
                    continue;
                }
                if let [b'{', from, b'.', b'.', to, b'}', ..] = &bytes[at..] {
                    count = count.saturating_mul(u128::from(from.abs_diff(*to)) + 1);
                    at += "{a..z}".len();
                    continue;
                }
                let (mut sum, mut alternatives, mut inside) = (0_u128, 0, at + 1);
                loop {
                    let (part, length) = words(text.get(inside..).unwrap_or_default(), true, depth + 1);
                    (sum, alternatives, inside) = (sum.saturating_add(part), alternatives + 1, inside + length);
                    match bytes.get(inside) {
                        Some(b',') => inside += 1,
                        Some(b'}') if alternatives > 1 => {
                            count = count.saturating_mul(sum);
                            at = inside;
                            break;
                        }
                        // Not a brace expansion.
                        _ => {
                            at = inside;
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    (count, at.min(bytes.len()))
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
        assert_eq!(found("echo {a..z}{a..z}{a..z} x"), None);
        assert_eq!(found("echo {a..z}{a..z}{a..z}{a..z}"), Some("{a..z}{a..z}{a..z}{a..z}"));
        assert_eq!(found("echo {1..100}{1..100}{a,b,{c..z}} x"), Some("{1..100}{1..100}{a,b,{c..z}}"));
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
