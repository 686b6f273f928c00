//! Follows a script through quotes, substitutions and here-documents, and copies it, changed where a rule says so.

use super::compounds::Compounds;
use super::documents::Document;
use super::{braces, commands};
use std::collections::BTreeSet;

/// Substitutions in substitutions; the engine takes fewer.
const MAX_DEPTH: usize = 60;

/// A text and how far it is read. Functions that read a part return its rewritten form; [`None`] means that the text
/// cannot be followed.
pub(super) struct Scan<'a> {
    pub text: &'a str,
    pub at: usize,
    pub changed: bool,
    /// The names of associative arrays.
    pub associative: &'a BTreeSet<String>,
    pub depth: usize,
    pub documents: Vec<Document>,
}

impl<'a> Scan<'a> {
    /// The whole script rewritten; none when nothing is to change.
    pub fn script(text: &'a str, associative: &'a BTreeSet<String>) -> Option<String> {
        let mut scan = Scan { text, at: 0, changed: false, associative, depth: 0, documents: Vec::new() };
        let new = scan.code(None)?;
        (scan.changed && scan.at >= text.len()).then_some(new)
    }

    /// The same text read from another place, to look ahead.
    pub fn from(&self, at: usize) -> Self {
        Scan { text: self.text, at, changed: false, documents: Vec::new(), ..*self }
    }

    pub fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Copies `length` bytes; they end at a character's end.
    pub fn take(&mut self, length: usize) -> &'a str {
        let end = (self.at + length).min(self.text.len());
        let end = (end..=self.text.len()).find(|end| self.text.is_char_boundary(*end)).unwrap_or(self.text.len());
        let taken = &self.text[self.at..end];
        self.at = end;
        taken
    }

    /// One level of substitutions more; none when there are too many.
    pub fn descend(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    /// One level less.
    pub fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// Shell code until `end`, which is not taken, or until the end of the text.
    fn code(&mut self, end: Option<u8>) -> Option<String> {
        self.descend()?;
        let mut out = String::with_capacity(self.rest().len() + 16);
        let (mut parentheses, mut cases) = (0_usize, 0_usize);
        let mut compounds = Compounds::default();
        // Whether a word, and whether a command, can start here.
        let (mut word, mut command) = (true, true);
        while self.at < self.text.len() {
            let byte = self.byte(0);
            let starts_word = word;
            word = false;
            match byte {
                b'\n' if !self.documents.is_empty() => {
                    out.push_str(self.take(1));
                    out.push_str(&self.here_documents()?);
                    (word, command) = (true, true);
                }
                b' ' | b'\t' => {
                    out.push_str(self.take(1));
                    word = true;
                }
                b'\n' | b';' | b'&' | b'|' => {
                    out.push_str(self.take(1));
                    (word, command) = (true, true);
                }
                b'#' if starts_word => {
                    let line = self.rest().find('\n').unwrap_or(self.rest().len());
                    out.push_str(self.take(line));
                    word = true;
                }
                b'(' if starts_word && command && self.byte(1) == b'(' => {
                    out.push_str(self.take(2));
                    out.push_str(&self.arithmetic()?);
                    (word, command) = (true, true);
                }
                b'(' => {
                    parentheses += 1;
                    out.push_str(self.take(1));
                    (word, command) = (true, true);
                }
                b')' if parentheses > 0 => {
                    parentheses -= 1;
                    out.push_str(self.take(1));
                    (word, command) = (true, true);
                }
                b')' if cases > 0 => {
                    out.push_str(self.take(1));
                    (word, command) = (true, true);
                }
                _ if Some(byte) == end => {
                    self.ascend();
                    return Some(out);
                }
                b'<' if self.rest().starts_with("<<<") => {
                    out.push_str(self.take(3));
                    word = true;
                }
                b'<' if self.byte(1) == b'<' => out.push_str(self.here_document()),
                b'<' | b'>' if self.byte(1) == b'(' => {
                    out.push_str(self.take(2));
                    out.push_str(&self.code(Some(b')'))?);
                    out.push_str(self.take(1));
                }
                b'<' | b'>' => {
                    out.push_str(self.take(1));
                    word = true;
                }
                b'{' if self.byte(1) != b'}' => match braces::expand(self, starts_word) {
                    Some(words) => out.push_str(&words),
                    None => {
                        out.push_str(self.take(1));
                        // A group, unless it is the start of an expansion.
                        (word, command) = if starts_word { (true, command) } else { (false, false) };
                        if command {
                            compounds.open("{", out.len() - 1);
                        }
                    }
                },
                _ if starts_word && byte.is_ascii_lowercase() || (byte == b'.' && starts_word && command) => {
                    let length =
                        self.rest().bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
                    let name = &self.rest()[..length];
                    let ends =
                        matches!(self.byte(length), 0 | b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' | b'(' | b'<');
                    if !ends || length == 0 {
                        out.push_str(self.take(length.max(1)));
                        command = false;
                        continue;
                    }
                    match name {
                        "case" if command => cases += 1,
                        "esac" => cases = cases.saturating_sub(1),
                        _ => {}
                    }
                    let keyword = ["if", "then", "else", "elif", "do", "while", "until", "time"].contains(&name);
                    if command {
                        compounds.open(name, out.len());
                    }
                    match commands::replace(name, self, command) {
                        Some(new) => out.push_str(&new),
                        None => out.push_str(self.take(length)),
                    }
                    if command {
                        compounds.close(name, self, &mut out)?;
                    }
                    command = command && keyword;
                }
                b'[' if starts_word && command && self.rest().starts_with("[[ -o ") => {
                    // The engine's `[[` says that every option is set.
                    let name = self.rest()["[[ -o ".len()..].bytes().take_while(u8::is_ascii_lowercase).count();
                    let is_whole = self.rest()["[[ -o ".len() + name..].starts_with(" ]]");
                    self.changed |= is_whole;
                    let test = self.take("[[ -o ".len() + name + " ]]".len());
                    out.push_str(if is_whole { &test[1..test.len() - 1] } else { test });
                    command = false;
                }
                b'}' if starts_word && command => {
                    out.push_str(self.take(1));
                    compounds.close("}", self, &mut out)?;
                    command = false;
                }
                b'!' if starts_word && matches!(self.byte(1), b' ' | b'\t') => out.push_str(self.take(1)),
                _ => {
                    out.push_str(&self.piece(false)?);
                    command = false;
                }
            }
        }
        self.ascend();
        // A substitution that does not end is an error that the engine reports.
        end.is_none().then_some(out)
    }

    /// A word and what is left of it: a name, a path, with quotes and expansions.
    pub fn word(&mut self) -> Option<String> {
        let mut out = String::new();
        while self.at < self.text.len() && !b" \t\n;&|()<>".contains(&self.byte(0)) {
            out.push_str(&self.piece(false)?);
        }
        if out.is_empty() && self.rest().starts_with("<(") {
            out.push_str(&self.substitution()?);
        }
        Some(out)
    }

    /// What has a meaning in code and in double quotes: an escape, a quoted string, an expansion, or one character.
    pub fn piece(&mut self, quoted: bool) -> Option<String> {
        match self.byte(0) {
            b'\\' => Some(self.take(2).to_owned()),
            b'\'' if !quoted => self.single_quoted(1, false).map(str::to_owned),
            b'"' if !quoted => {
                let mut out = self.take(1).to_owned();
                out.push_str(&self.double_quoted()?);
                out.push_str(self.take(1));
                Some(out)
            }
            b'`' => self.backticks().map(str::to_owned),
            b'$' => match (self.byte(1), self.byte(2)) {
                (b'\'', _) if !quoted => self.single_quoted(2, true).map(str::to_owned),
                (b'(', b'(') => {
                    let mut out = self.take(3).to_owned();
                    out.push_str(&self.arithmetic()?);
                    Some(out)
                }
                (b'(', _) => self.substitution(),
                (b'{', _) => self.parameter(quoted).map(|parameter| parameter.text),
                (b'E', _) if self.rest().starts_with("$EPOCHSECONDS") => {
                    self.take("$EPOCHSECONDS".len());
                    self.changed = true;
                    Some("$(date +%s)".to_owned())
                }
                _ => Some(self.take(1).to_owned()),
            },
            _ => Some(self.take(1).to_owned()),
        }
    }

    /// `$( ... )`.
    pub fn substitution(&mut self) -> Option<String> {
        let mut out = self.take(2).to_owned();
        out.push_str(&self.code(Some(b')'))?);
        out.push_str(self.take(1));
        Some(out)
    }

    /// The inside of double quotes; the closing one is not taken.
    pub fn double_quoted(&mut self) -> Option<String> {
        let mut out = String::new();
        while self.at < self.text.len() {
            if self.byte(0) == b'"' {
                return Some(out);
            }
            out.push_str(&self.piece(true)?);
        }
        None
    }

    /// A string in single quotes whose opening is `opening` bytes long.
    pub fn single_quoted(&mut self, opening: usize, escapes: bool) -> Option<&'a str> {
        let bytes = self.rest().as_bytes();
        let mut end = opening;
        while *bytes.get(end)? != b'\'' {
            end += if escapes && bytes[end] == b'\\' { 2 } else { 1 };
        }
        Some(self.take(end + 1))
    }

    /// A substitution in backticks, as it is.
    pub fn backticks(&mut self) -> Option<&'a str> {
        let bytes = self.rest().as_bytes();
        let mut end = 1;
        while *bytes.get(end)? != b'`' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        Some(self.take(end + 1))
    }

    /// The inside of `(( ))` and what closes it.
    fn arithmetic(&mut self) -> Option<String> {
        let (mut out, mut depth) = (String::new(), 0_usize);
        while self.at < self.text.len() {
            match self.byte(0) {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' if self.byte(1) == b')' => {
                    out.push_str(self.take(2));
                    return Some(out);
                }
                // `$( (` and the like: not arithmetic at all.
                b')' => return None,
                b'"' => {
                    out.push_str(self.take(1));
                    continue;
                }
                _ => {
                    out.push_str(&self.piece(true)?);
                    continue;
                }
            }
            out.push_str(self.take(1));
        }
        None
    }
}
