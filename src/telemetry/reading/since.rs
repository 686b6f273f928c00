//! Where in a file to begin, to see everything from a time on: found by halving, because lines are in the order of their times.

use super::Line;
use super::backwards::BLOCK;
use std::io::{self, Read, Seek, SeekFrom};

/// A place at or a little before the first line of that time.
pub(super) fn offset_since(file: &mut (impl Read + Seek), length: u64, since_ms: i64) -> io::Result<u64> {
    let (mut low, mut high) = (0, length);
    while high - low > BLOCK {
        let middle = low + (high - low) / 2;
        match first_time(file, middle, high)? {
            Some(time) if time < since_ms => low = middle,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The time of the first line that begins behind `from` and says one.
fn first_time(file: &mut (impl Read + Seek), from: u64, end: u64) -> io::Result<Option<i64>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take((end - from).min(BLOCK)).read_to_end(&mut bytes)?;
    // The first piece is the rest of a line, the last one may be the start of one.
    Ok(bytes.split(|byte| *byte == b'\n').skip(1).find_map(|line| Line::new(line).time_ms()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn nothing_of_that_time_is_before_the_place() {
        let line = |second: u64| {
            format!(
                "2026-01-01T{:02}:{:02}:{:02}Z  INFO x: {}\n",
                second / 3600,
                second / 60 % 60,
                second % 60,
                "y".repeat(40)
            )
        };
        let text: String = (0..20_000).map(line).collect();
        let begun = Line::new(line(0).as_bytes()).time_ms().unwrap();
        let each = line(0).len() as u64;
        for second in [0, 1, 777, 10_000, 19_999, 20_001] {
            let since = begun + 1000 * i64::try_from(second).unwrap();
            let at = offset_since(&mut Cursor::new(text.as_bytes()), text.len() as u64, since).unwrap();
            assert!(at <= second * each, "{second}: {at}");
            assert!(at + 2 * BLOCK >= (second * each).min(text.len() as u64), "{second}: {at}");
        }
    }
}
