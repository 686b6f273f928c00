//! A file as lines, and what makes two lines the same.

use super::settings::Settings;
use std::collections::HashMap;

/// One side of a comparison.
pub struct Side<'a> {
    /// As the headings name it.
    pub name: String,
    /// The time that the headings show.
    pub time: String,
    /// Lines without their ends.
    pub lines: Vec<&'a [u8]>,
    /// Whether the last line has no end.
    pub open_end: bool,
}

impl<'a> Side<'a> {
    /// The lines of `text`.
    pub fn new(name: String, time: String, text: &'a [u8]) -> Self {
        let open_end = !text.is_empty() && !text.ends_with(b"\n");
        let body = text.strip_suffix(b"\n").unwrap_or(text);
        let lines = if text.is_empty() { Vec::new() } else { body.split(|byte| *byte == b'\n').collect() };
        Self { name, time, lines, open_end }
    }

    /// Writes a line with its prefix, and a note when it has no end.
    pub fn write(&self, prefix: &str, at: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(self.lines[at]);
        out.push(b'\n');
        if self.open_end && at + 1 == self.lines.len() {
            out.extend_from_slice(b"\\ No newline at end of file\n");
        }
    }
}

/// The lines of both sides as numbers, equal for lines that count as the same; and how many there are.
pub fn number(left: &Side<'_>, right: &Side<'_>, settings: &Settings) -> (Vec<usize>, Vec<usize>, usize) {
    let mut known: HashMap<(Vec<u8>, bool), usize> = HashMap::new();
    // Where blanks at the end do not matter, a missing line end does not either.
    let lenient = settings.ignore_all_space || settings.ignore_space_change || settings.ignore_trailing;
    let mut side = |side: &Side<'_>| -> Vec<usize> {
        let last = side.lines.len().wrapping_sub(1);
        let numbered = side.lines.iter().enumerate().map(|(at, line)| {
            let open = side.open_end && at == last && !lenient;
            let next = known.len();
            *known.entry((key(line, settings), open)).or_insert(next)
        });
        numbered.collect()
    };
    let (left, right) = (side(left), side(right));
    (left, right, known.len())
}

/// What of a line counts.
fn key(line: &[u8], settings: &Settings) -> Vec<u8> {
    let mut line = line;
    if settings.strip_cr {
        line = line.strip_suffix(b"\r").unwrap_or(line);
    }
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c);
    let mut key = if settings.ignore_all_space {
        line.iter().copied().filter(|byte| !is_blank(byte)).collect()
    } else if settings.ignore_space_change {
        let mut key = Vec::with_capacity(line.len());
        let mut gap = false;
        for byte in line {
            if is_blank(byte) {
                gap = true;
            } else {
                if gap {
                    key.push(b' ');
                    gap = false;
                }
                key.push(*byte);
            }
        }
        key
    } else if settings.ignore_trailing {
        let end = line.iter().rposition(|byte| !is_blank(byte)).map_or(0, |at| at + 1);
        line[..end].to_vec()
    } else {
        line.to_vec()
    };
    if settings.ignore_case {
        key.make_ascii_lowercase();
    }
    key
}

/// Whether a line's change does not count.
pub fn is_trivial(line: &[u8], settings: &Settings) -> bool {
    let is_space = |byte: &u8| byte.is_ascii_whitespace();
    let lenient = settings.ignore_all_space || settings.ignore_space_change;
    let blank = line.is_empty() || (lenient && line.iter().all(is_space));
    (settings.ignore_blank_lines && blank)
        || settings.ignore_matching.as_ref().is_some_and(|expression| expression.is_match(line))
}
