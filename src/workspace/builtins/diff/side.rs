//! `diff -y`.

use super::lines::Side;
use super::script::Change;
use super::settings::Settings;

struct Sheet<'a> {
    left: &'a Side<'a>,
    right: &'a Side<'a>,
    half: usize,
    second: usize,
    expand: bool,
    out: Vec<u8>,
}

/// Both sides beside each other.
pub fn side_by_side(left: &Side<'_>, right: &Side<'_>, changes: &[Change], settings: &Settings) -> Vec<u8> {
    let (width, tab) = (settings.width, if settings.expand_tabs { 1 } else { 8 });
    let gutter = tab + 3;
    let offset = (width >> 1) + (gutter >> 1) + (width & gutter & 1);
    let offset = offset - offset % tab;
    let half = offset.saturating_sub(3).min(width.saturating_sub(offset));
    let second = if half == 0 { width } else { offset };
    let mut sheet = Sheet { left, right, half, second, expand: settings.expand_tabs, out: Vec::new() };
    let (mut i, mut j) = (0, 0);
    let end = Change {
        left: left.lines.len()..left.lines.len(),
        right: right.lines.len()..right.lines.len(),
        ignored: false,
    };
    for change in changes.iter().chain([&end]) {
        while i < change.left.start && j < change.right.start {
            match (settings.suppress_common, settings.left_column) {
                (true, _) => {}
                (false, true) => sheet.line(Some(i), b'(', None),
                (false, false) => sheet.line(Some(i), b' ', Some(j)),
            }
            (i, j) = (i + 1, j + 1);
        }
        while i < change.left.end && j < change.right.end {
            sheet.line(Some(i), if change.ignored { b' ' } else { b'|' }, Some(j));
            (i, j) = (i + 1, j + 1);
        }
        while i < change.left.end {
            sheet.line(Some(i), if change.ignored { b' ' } else { b'<' }, None);
            i += 1;
        }
        while j < change.right.end {
            sheet.line(None, if change.ignored { b' ' } else { b'>' }, Some(j));
            j += 1;
        }
    }
    sheet.out
}

impl Sheet<'_> {
    fn line(&mut self, left: Option<usize>, mark: u8, right: Option<usize>) {
        let ended = |side: &Side<'_>, at: usize| !(side.open_end && at + 1 == side.lines.len());
        let mut mark = mark;
        let (mut at, mut end) = (0, false);
        if let Some(line) = left {
            end = ended(self.left, line);
            at = self.half_line(self.left.lines[line], 0);
        }
        if mark == b'|'
            && let Some(line) = right
            && ended(self.right, line) != end
        {
            mark = if end { b'/' } else { b'\\' };
        }
        if mark != b' ' {
            self.indent(at, (self.half + self.second - 1) / 2);
            at = (self.half + self.second - 1) / 2 + 1;
            self.out.push(mark);
        }
        if let Some(line) = right {
            end |= ended(self.right, line);
            if !self.right.lines[line].is_empty() {
                self.indent(at, self.second);
                self.half_line(self.right.lines[line], self.second);
            }
        }
        if end {
            self.out.push(b'\n');
        }
    }

    /// As much of a line as fits; how wide it is.
    fn half_line(&mut self, line: &[u8], start: usize) -> usize {
        let mut at = 0;
        for c in String::from_utf8_lossy(line).chars() {
            let next = if c == '\t' { at + 8 - at % 8 } else { at + 1 };
            if next > self.half {
                break;
            }
            if c == '\t' && self.expand {
                self.out.extend(std::iter::repeat_n(b' ', next - at));
            } else if c == '\t' {
                self.indent(start + at, start + next);
            } else {
                self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            at = next;
        }
        at
    }

    fn indent(&mut self, from: usize, to: usize) {
        let mut at = from;
        while !self.expand && at + 8 - at % 8 <= to {
            self.out.push(b'\t');
            at += 8 - at % 8;
        }
        self.out.extend(std::iter::repeat_n(b' ', to.saturating_sub(at)));
    }
}
