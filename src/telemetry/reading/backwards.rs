//! The lines of a file from the last to the first.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes read at a time.
pub(super) const BLOCK: u64 = 64 * 1024;
/// A longer line is given in pieces, so that a file without line breaks is not read whole.
const LONGEST_LINE: usize = 1 << 20;

/// Lines from the end, without their line breaks.
pub(super) struct Backwards<R> {
    file: R,
    /// Where what was read begins.
    at: u64,
    /// What was read and not given yet; begins at `at`.
    held: Vec<u8>,
}

impl<R: Read + Seek> Backwards<R> {
    /// Of a file of that length: what is appended meanwhile is not seen.
    pub(super) fn new(file: R, length: u64) -> Self {
        Self { file, at: length, held: Vec::new() }
    }

    /// The line before the last one given.
    pub(super) fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        // The break that ends the file, or the line given before, ends the next line too.
        let mut searched = 0;
        loop {
            let body = self.held.strip_suffix(b"\n").map_or(self.held.len(), <[u8]>::len);
            // Only what is new in front has not been looked through.
            let new = body.saturating_sub(searched);
            if let Some(at) = self.held[..new].iter().rposition(|byte| *byte == b'\n') {
                let mut line = self.held.split_off(at + 1);
                line.truncate(body - at - 1);
                return Ok(Some(line));
            }
            if self.at == 0 && self.held.is_empty() {
                return Ok(None);
            }
            if self.at == 0 || body > LONGEST_LINE {
                let mut line = std::mem::take(&mut self.held);
                line.truncate(body);
                return Ok(Some(line));
            }
            searched = body;
            self.more()?;
        }
    }

    /// Puts the block before in front.
    fn more(&mut self) -> io::Result<()> {
        let from = self.at.saturating_sub(BLOCK);
        let mut block = vec![0; usize::try_from(self.at - from).unwrap_or_default()];
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut block)?;
        block.append(&mut self.held);
        self.held = block;
        self.at = from;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn lines(text: &[u8]) -> Vec<String> {
        let mut backwards = Backwards::new(Cursor::new(text), text.len() as u64);
        let mut lines = Vec::new();
        while let Some(line) = backwards.line().unwrap() {
            lines.push(String::from_utf8(line).unwrap());
        }
        lines.reverse();
        lines
    }

    #[test]
    fn lines_come_whole_whatever_the_blocks() {
        assert_eq!(lines(b""), Vec::<String>::new());
        assert_eq!(lines(b"a\nb\n"), ["a", "b"]);
        assert_eq!(lines(b"\na\n\nb"), ["", "a", "", "b"]);
        assert_eq!(lines(b"\n"), [""]);
        let block = usize::try_from(BLOCK).unwrap();
        for first in [block - 2, block - 1, block, block + 1, 3 * block + 7] {
            for last in [0, 1, block - 1, block, block + 1] {
                let text = format!("{}\n{}\nend\n", "a".repeat(first), "b".repeat(last));
                assert_eq!(lines(text.as_bytes()), ["a".repeat(first), "b".repeat(last), "end".to_owned()]);
            }
        }
    }

    #[test]
    fn a_line_without_end_comes_in_pieces() {
        let text = vec![b'x'; 3 * LONGEST_LINE];
        let pieces = lines(&text);
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() <= LONGEST_LINE + 2 * BLOCK as usize));
        assert_eq!(pieces.iter().map(String::len).sum::<usize>(), text.len());
    }
}
