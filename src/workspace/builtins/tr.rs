//! `tr`. As GNU's, it knows bytes only.

use super::call::{Call, MAX_INPUT, Outcome, Stop, Utility};
use async_trait::async_trait;

/// The command.
pub struct Tr;

/// The classes whose members are put among each other.
const CASES: [&str; 2] = ["lower", "upper"];

/// A part of a set.
enum Part {
    Bytes(Vec<u8>),
    Class(String, Vec<u8>),
    /// `[x*N]`; without a number as often as needed.
    Repeat(u8, Option<usize>),
}

#[async_trait]
impl Utility for Tr {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let long = "complement=c delete=d squeeze-repeats=s truncate-set1=t";
        let options = call.options("+cCdst", long).await?;
        let (delete, squeeze) = (options.has('d'), options.has('s'));
        let sets = &options.operands;
        let (least, most) = match (delete, squeeze) {
            (true, true) => (2, 2),
            (true, false) => (1, 1),
            (false, true) => (1, 2),
            (false, false) => (2, 2),
        };
        match sets.last() {
            None => return Err(Stop::Usage("missing operand".to_owned())),
            Some(last) if sets.len() < least => {
                let why = if delete {
                    "Two strings must be given when both deleting and squeezing repeats."
                } else {
                    "Two strings must be given when translating."
                };
                return Err(Stop::Usage(format!("missing operand after {}\n{why}", call.curly(last))));
            }
            Some(_) if sets.len() > most => {
                let why = "\nOnly one string may be given when deleting without squeezing repeats.";
                let why = if delete && !squeeze { why } else { "" };
                return Err(Stop::Usage(format!("extra operand {}{why}", call.curly(&sets[most]))));
            }
            Some(_) => {}
        }
        let complemented = options.has('c') || options.has('C');
        let first = parts(call, &sets[0])?;
        if first.iter().any(|part| matches!(part, Part::Repeat(..))) {
            return Err(Stop::Message("the [c*] repeat construct may not appear in string1".to_owned()));
        }
        let second = sets.get(1).map(|set| parts(call, set)).transpose()?;
        let mut from = flat(&first, 0);
        if complemented {
            from = (0..=u8::MAX).filter(|byte| !from.contains(byte)).collect();
        }
        let is_from = table(&from);
        let translates = !delete && second.is_some();
        let mut map: [u8; 256] = std::array::from_fn(|at| u8::try_from(at).unwrap_or(0));
        let mut to = Vec::new();
        if let Some(second) = &second {
            to = flat(second, from.len());
            if translates {
                if options.has('t') {
                    from.truncate(to.len());
                } else if to.is_empty() {
                    return Err(Stop::Message("when not truncating set1, string2 must be non-empty".to_owned()));
                }
                check(&first, second, complemented)?;
                let last = to.last().copied().unwrap_or(0);
                for (at, byte) in from.iter().enumerate() {
                    map[usize::from(*byte)] = to.get(at).copied().unwrap_or(last);
                }
            }
        }
        let squeezed = match (squeeze, &second) {
            (false, _) => [false; 256],
            (true, None) => is_from,
            (true, Some(_)) => table(&to),
        };
        let (mut before, mut read) = (None, 0);
        while let Some(chunk) = call.ctx.stdin.read_chunk().await? {
            read += chunk.len();
            if read > MAX_INPUT {
                return Err(Stop::Message("the input is too long".to_owned()));
            }
            let mut out = Vec::with_capacity(chunk.len());
            for byte in chunk {
                if delete && is_from[usize::from(byte)] {
                    continue;
                }
                let byte = map[usize::from(byte)];
                if !(before == Some(byte) && squeezed[usize::from(byte)]) {
                    out.push(byte);
                }
                before = Some(byte);
            }
            call.print(&out).await?;
        }
        Ok(0)
    }
}

fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    bytes.iter().for_each(|byte| table[usize::from(*byte)] = true);
    table
}

/// Classes can only be translated to each other's case.
fn check(first: &[Part], second: &[Part], complemented: bool) -> Result<(), Stop> {
    let classes = |parts: &[Part]| {
        parts.iter().any(|part| matches!(part, Part::Class(name, _) if !CASES.contains(&name.as_str())))
    };
    if classes(second) {
        return Err(Stop::Message(
            "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'"
                .to_owned(),
        ));
    }
    let cases = |parts: &[Part]| {
        parts.iter().any(|part| matches!(part, Part::Class(name, _) if CASES.contains(&name.as_str())))
    };
    if cases(second) && (complemented || !first.iter().any(|part| matches!(part, Part::Class(..)))) {
        return Err(Stop::Message("misaligned [:upper:] and/or [:lower:] construct".to_owned()));
    }
    Ok(())
}

/// All bytes of a set; a repeat without a number fills up to `length`.
fn flat(parts: &[Part], length: usize) -> Vec<u8> {
    let fixed: usize = parts
        .iter()
        .map(|part| match part {
            Part::Bytes(bytes) | Part::Class(_, bytes) => bytes.len(),
            Part::Repeat(_, count) => count.unwrap_or(0),
        })
        .sum();
    let mut out = Vec::new();
    for part in parts {
        match part {
            Part::Bytes(bytes) | Part::Class(_, bytes) => out.extend_from_slice(bytes),
            Part::Repeat(byte, count) => {
                let count = count.unwrap_or(length.saturating_sub(fixed));
                out.extend(std::iter::repeat_n(*byte, count));
            }
        }
    }
    out
}

fn parts(call: &Call<'_>, set: &str) -> Result<Vec<Part>, Stop> {
    let (bytes, escaped) = unescaped(set);
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte) && !escaped[at];
    let (mut parts, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if is(at, b'[') && (is(at + 1, b':') || is(at + 1, b'=')) {
            let kind = bytes[at + 1];
            let from = at + 2;
            let end = (from + 1..bytes.len()).find(|end| is(*end, kind) && is(end + 1, b']'));
            if let Some(end) = end {
                let name = String::from_utf8_lossy(&bytes[from..end]).into_owned();
                if kind == b'=' {
                    if end != from + 1 {
                        return Err(Stop::Message(format!(
                            "{name}: equivalence class operand must be a single character"
                        )));
                    }
                    parts.push(Part::Bytes(vec![bytes[from]]));
                } else {
                    let members = class(&name)
                        .ok_or_else(|| Stop::Message(format!("invalid character class {}", call.curly(&name))))?;
                    parts.push(Part::Class(name, members));
                }
                at = end + 2;
                continue;
            }
        }
        if is(at, b'[') && is(at + 2, b'*') {
            let digits: Vec<u8> = bytes[at + 3..].iter().copied().take_while(u8::is_ascii_digit).collect();
            if is(at + 3 + digits.len(), b']') {
                let text = String::from_utf8_lossy(&digits).into_owned();
                let radix = if text.starts_with('0') { 8 } else { 10 };
                let count = usize::from_str_radix(&text, radix).ok().filter(|count| *count > 0);
                if count.is_some_and(|count| count > 1 << 20) {
                    return Err(Stop::Message(format!(
                        "invalid repeat count {} in [c*n] construct",
                        call.curly(&text)
                    )));
                }
                parts.push(Part::Repeat(bytes[at + 1], count));
                at += digits.len() + 4;
                continue;
            }
        }
        if is(at + 1, b'-') && at + 2 < bytes.len() {
            let (low, high) = (bytes[at], bytes[at + 2]);
            if high < low {
                let text = format!(
                    "range-endpoints of '{}-{}' are in reverse collating sequence order",
                    low.escape_ascii(),
                    high.escape_ascii()
                );
                return Err(Stop::Message(text));
            }
            parts.push(Part::Bytes((low..=high).collect()));
            at += 3;
            continue;
        }
        parts.push(Part::Bytes(vec![bytes[at]]));
        at += 1;
    }
    Ok(parts)
}

/// The bytes of a set, and which of them a backslash stood before.
fn unescaped(set: &str) -> (Vec<u8>, Vec<bool>) {
    let (mut bytes, mut escaped) = (Vec::new(), Vec::new());
    let mut rest = set.bytes().peekable();
    while let Some(byte) = rest.next() {
        let next = rest.peek().copied().filter(|_| byte == b'\\');
        let plain = match next {
            None => byte,
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'v') => 11,
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                rest.next();
                for _ in 0..2 {
                    match rest.peek() {
                        Some(digit @ b'0'..=b'7') if value * 8 + u32::from(digit - b'0') < 256 => {
                            value = value * 8 + u32::from(digit - b'0');
                            rest.next();
                        }
                        _ => break,
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(u8::MAX));
                escaped.push(true);
                continue;
            }
            Some(other) => other,
        };
        if next.is_some() {
            rest.next();
        }
        bytes.push(plain);
        escaped.push(next.is_some());
    }
    (bytes, escaped)
}

fn class(name: &str) -> Option<Vec<u8>> {
    let is: fn(&u8) -> bool = match name {
        "alnum" => u8::is_ascii_alphanumeric,
        "alpha" => u8::is_ascii_alphabetic,
        "blank" => |byte| matches!(byte, b' ' | b'\t'),
        "cntrl" => u8::is_ascii_control,
        "digit" => u8::is_ascii_digit,
        "graph" => u8::is_ascii_graphic,
        "lower" => u8::is_ascii_lowercase,
        "print" => |byte| matches!(byte, b' '..=b'~'),
        "punct" => u8::is_ascii_punctuation,
        "space" => |byte| matches!(byte, b' ' | 9..=13),
        "upper" => u8::is_ascii_uppercase,
        "xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    Some((0..=u8::MAX).filter(is).collect())
}
