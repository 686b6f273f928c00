//! `tools.read`: a file's lines with their numbers.

use super::say;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::Outcome;
use crate::wire::v1::Failure;
use crate::wire::v1::tools::ReadToolParams;
use std::fmt::Write;

/// Lines of one answer when the call does not say.
const LINES: u64 = 2000;
/// The largest file, bytes.
const MOST: u64 = 64 << 20;
/// Text of one answer, bytes. A line that does not fit is cut, and the answer says so.
const MOST_TEXT: usize = 4 << 20;

pub(super) async fn run(mut call: Call) -> Result<Outcome, Failure> {
    let ReadToolParams { path, offset, limit } = call.arguments()?;
    if limit == Some(0) {
        return Err(call.invalid("'limit': 0 is less than the minimum of 1"));
    }
    let limit = limit.unwrap_or(LINES);
    let shown = move |content: &[u8]| {
        let (text, to_the_end) = show(content, offset, limit);
        (text, to_the_end && offset == 0)
    };
    match call.files()?.read_seen(path, MOST, shown).await {
        Ok(text) => say::text(text),
        Err(error) => say::failed(error),
    }
}

/// The lines, and whether that is all there is from `offset` on.
fn show(content: &[u8], offset: u64, limit: u64) -> (String, bool) {
    let mut text = String::new();
    if content.is_empty() {
        return (text, true);
    }
    let lines = content.strip_suffix(b"\n").unwrap_or(content).split(|byte| *byte == b'\n');
    let mut numbered = (1..).zip(lines).skip(usize::try_from(offset).unwrap_or(usize::MAX));
    for _ in 0..limit {
        let Some((number, line)) = numbered.next() else { return (text, true) };
        let number: u64 = number;
        let room = MOST_TEXT.saturating_sub(text.len());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{number:6}\t{}", String::from_utf8_lossy(&line[..line.len().min(room)]));
        if line.len() > room {
            let _ = writeln!(text, "[cut: one answer holds {MOST_TEXT} bytes; line {number} goes on]");
            return (text, false);
        }
    }
    let all = numbered.next().is_none();
    (text, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_from_where_they_stand() {
        assert_eq!(show(b"a\nb\nc", 1, 1), ("     2\tb\n".to_owned(), false));
        assert_eq!(show(b"a\n\nc\n", 1, 9), ("     2\t\n     3\tc\n".to_owned(), true));
        assert_eq!(show(b"a\n", 0, 1), ("     1\ta\n".to_owned(), true));
        assert_eq!((show(b"", 0, 1), show(b"a", 7, 1)), ((String::new(), true), (String::new(), true)));
        let (text, all) = show(&vec![b'x'; MOST_TEXT + 10], 0, 1);
        assert!(!all && text.len() < MOST_TEXT + 200 && text.contains("[cut"), "{}", text.len());
    }
}
