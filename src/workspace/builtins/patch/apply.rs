//! Puts hunks into a file.

use super::parse::{Hunk, Kind};

/// Where a hunk went, or that it did not.
#[derive(Debug, PartialEq)]
pub enum Placed {
    /// So far from where it was expected, with this much of the context left out.
    At { offset: isize, fuzz: usize },
    /// Nowhere; the line where it was looked for first.
    Failed { line: usize },
}

/// A file while hunks are put into it.
pub struct Target<'a> {
    lines: Vec<&'a [u8]>,
    out: Vec<u8>,
    /// How many of `lines` are in `out`.
    done: usize,
    /// How far the last hunk was from where it was expected.
    drift: isize,
}

impl<'a> Target<'a> {
    /// The file's lines.
    pub fn new(text: &'a [u8]) -> Self {
        Self { lines: text.split_inclusive(|byte| *byte == b'\n').collect(), out: Vec::new(), done: 0, drift: 0 }
    }

    /// Puts a hunk in its place, context left out at its ends up to `max_fuzz` lines.
    pub fn place(&mut self, hunk: &Hunk, max_fuzz: usize, loose: bool) -> Placed {
        let old = hunk.side(Kind::Added);
        let before = hunk.lines.iter().take_while(|(kind, _)| *kind == Kind::Context).count();
        let after = hunk.lines.iter().rev().take_while(|(kind, _)| *kind == Kind::Context).count();
        let context = before.max(after);
        let named = isize::try_from(hunk.old).unwrap_or(isize::MAX).min(1 << 40);
        let expected = named - isize::from(!old.is_empty()) + self.drift;
        for fuzz in 0..=max_fuzz.min(context) {
            // The shorter end says that the file begins or ends there.
            let skip_front = (fuzz + before).saturating_sub(context).min(before);
            let skip_back = (fuzz + after).saturating_sub(context).min(after);
            let wanted = &old[skip_front..old.len() - skip_back.min(old.len() - skip_front)];
            let anchored_start = fuzz == 0 && before < after && hunk.old <= 1;
            let anchored_end = fuzz == 0 && after < before;
            let start = expected + skip_front as isize;
            if let Some(at) = self.find(wanted, start, (anchored_start, anchored_end), loose) {
                self.write(hunk, at, skip_front, skip_back);
                let offset = at as isize - start;
                self.drift += offset;
                return Placed::At { offset, fuzz };
            }
        }
        Placed::Failed { line: (expected.max(0) as usize) + usize::from(!old.is_empty()) }
    }

    /// Where `wanted` stands, looked for from `start` to both sides.
    fn find(&self, wanted: &[&[u8]], start: isize, anchored: (bool, bool), loose: bool) -> Option<usize> {
        let last = self.lines.len().checked_sub(wanted.len())?;
        let fits = |at: isize| {
            let at = usize::try_from(at).ok().filter(|at| *at >= self.done && *at <= last)?;
            let same = self.lines[at..at + wanted.len()].iter().zip(wanted).all(|(a, b)| equal(a, b, loose));
            same.then_some(at)
        };
        if wanted.is_empty() {
            // Nothing to look for: at the line that was named, the file's end at most.
            let at = usize::try_from(start).unwrap_or(0).min(self.lines.len());
            return (at >= self.done).then_some(at);
        }
        if anchored.0 && fits(0).is_some() {
            return Some(0);
        }
        if anchored.1 && fits(last as isize).is_some() {
            return Some(last);
        }
        if anchored.0 || anchored.1 {
            return None;
        }
        let start = start.clamp(0, self.lines.len() as isize);
        let reach = self.lines.len() as isize + 1;
        (0..=reach).find_map(|distance| fits(start + distance).or_else(|| fits(start - distance)))
    }

    fn write(&mut self, hunk: &Hunk, at: usize, skip_front: usize, skip_back: usize) {
        for line in &self.lines[self.done..at] {
            self.out.extend_from_slice(line);
        }
        self.done = at;
        let lines = &hunk.lines[skip_front..hunk.lines.len() - skip_back];
        for (kind, line) in lines {
            match kind {
                // The file's own line, whose blanks may differ.
                Kind::Context => {
                    if let Some(own) = self.lines.get(self.done) {
                        self.out.extend_from_slice(own);
                    }
                    self.done += 1;
                }
                Kind::Removed => self.done += 1,
                Kind::Added => {
                    if !self.out.is_empty() && !self.out.ends_with(b"\n") {
                        self.out.push(b'\n');
                    }
                    self.out.extend_from_slice(line);
                }
            }
        }
    }

    /// The file with all that was put into it.
    pub fn finish(mut self) -> Vec<u8> {
        for line in self.lines.get(self.done..).unwrap_or_default() {
            self.out.extend_from_slice(line);
        }
        self.out
    }
}

fn equal(a: &[u8], b: &[u8], loose: bool) -> bool {
    if a == b {
        return true;
    }
    if !loose {
        return false;
    }
    let words = |line: &[u8]| -> Vec<Vec<u8>> {
        line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
    };
    words(a) == words(b)
}
