//! Extended headers, in both directions: records `<length> <key>=<value>\n` that say what a tar header has no room for.

use super::name::bad;
use crate::workspace::Error;

/// What the extended headers before a member say about it.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) modified_ms: Option<i64>,
}

impl Extensions {
    /// Adds the records of a pax header. What is not a name, size or time is of no use here and ignored.
    pub(super) fn add(&mut self, records: &[u8]) -> Result<(), Error> {
        for (key, value) in parse(records)? {
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = Some(number(value).ok_or_else(|| bad("an extended header has a bad size"))?),
                b"mtime" => self.modified_ms = milliseconds(value),
                _ if key.starts_with(b"GNU.sparse.") => {
                    return Err(bad("the archive has sparse files, which are not supported"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether they say anything that may not hold for every member at once.
    pub(super) fn are_of_one_member(&self) -> bool {
        self.path.is_some() || self.link.is_some() || self.size.is_some()
    }
}

/// One record.
pub(super) fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3; // blank, '=', newline
    // The length counts its own digits.
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    format!("{len} {key}={value}\n")
}

type Record<'a> = (&'a [u8], &'a [u8]);

fn parse(mut bytes: &[u8]) -> Result<Vec<Record<'_>>, Error> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (record, rest) = split(bytes).ok_or_else(|| bad("an extended header is malformed"))?;
        records.push(record);
        bytes = rest;
    }
    Ok(records)
}

fn split(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let blank = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let len = usize::try_from(number(&bytes[..blank])?).ok()?;
    let record = bytes.get(blank + 1..len)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some(((&record[..equals], &record[equals + 1..]), &bytes[len..]))
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None; // `parse` would take a sign
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Seconds with an optional fraction, as milliseconds.
fn milliseconds(value: &[u8]) -> Option<i64> {
    let seconds: f64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    // The cast saturates, and a time that is not finite is none.
    seconds.is_finite().then_some((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_say_their_own_length_and_come_back() {
        assert_eq!(record("path", "abc"), "12 path=abc\n");
        for len in [80, 86, 87, 88, 89, 90, 95, 985, 990, 9_984, 9_985, 9_990] {
            let value = "x".repeat(len);
            let record = record("path", &value);
            let mut found = Extensions::default();
            found.add(record.as_bytes()).unwrap();
            assert_eq!(found.path.unwrap(), value.as_bytes(), "{len}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for bytes in
            ["x", "5 a=b", "99 path=a\n", "3 \n", "0 path=a\n", "+12 path=abc\n", "12 path=abcd", "12 pathabcd\n"]
        {
            assert!(Extensions::default().add(bytes.as_bytes()).is_err(), "{bytes}");
        }
        for bytes in ["22 GNU.sparse.major=1\n", "12 size=-12\n"] {
            assert!(Extensions::default().add(bytes.as_bytes()).is_err(), "{bytes}");
        }
    }
}
