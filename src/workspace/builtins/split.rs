//! `split`. `--filter` is not there: it would need processes.

use super::call::{Call, Outcome, Stop, Utility, countable};
use super::quote::quote;
use async_trait::async_trait;

/// The command.
pub struct Split;

const LONG: &str = "suffix-length=a additional-suffix=S bytes=b line-bytes=C numeric-suffixes=N hex-suffixes=X \
                    elide-empty-files=e lines=l number=n separator=t verbose=v filter=f unbuffered=u";
/// The most files that one call makes.
const MAX_FILES: usize = 1_000_000;

#[async_trait]
impl Utility for Split {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("a:b:C:del:n:t:ux|S:N::X::vf:", LONG).await?;
        if options.has('f') {
            return Err(Stop::Message("--filter is not supported here".to_owned()));
        }
        let input = options.operands.first().map_or("-", String::as_str);
        let prefix = options.operands.get(1).map_or("x", String::as_str);
        if let Some(extra) = options.operands.get(2) {
            return Err(Stop::Usage(format!("extra operand {}", call.curly(extra))));
        }
        let content = call.read(input).await?;
        let content = content.map_err(|reason| format!("cannot open {} for reading: {reason}", quote(input)))?;
        let end = options
            .value('t')
            .map_or(b'\n', |text| if text == "\\0" { 0 } else { text.bytes().next().unwrap_or(b'\n') });
        let size = |text: &str, what: &str| {
            number(text).ok_or_else(|| Stop::Message(format!("invalid number of {what}: {}", call.curly(text))))
        };
        countable(&content)?;
        let mut to_stdout = false;
        let pieces: Vec<&[u8]> = match options.last_of("lbCn") {
            Some('b') => {
                let most = size(options.value('b').unwrap_or_default(), "bytes")?;
                content.chunks(most).take(MAX_FILES + 1).collect()
            }
            Some('C') => filled(&content, size(options.value('C').unwrap_or_default(), "lines")?, end),
            Some('n') => {
                let text = options.value('n').unwrap_or_default();
                let parts: Vec<&str> = text.split('/').collect();
                let (by_line, rest) = match parts.split_first() {
                    Some((&"l", rest)) => (true, rest),
                    _ => (false, &parts[..]),
                };
                let number = |text: &str| size(text, "chunks");
                let (one, count) = match rest {
                    [count] => (None, number(count)?),
                    [one, count] => (Some(number(one)?), number(count)?),
                    _ => return Err(Stop::Message(format!("invalid number of chunks: {}", call.curly(text)))),
                };
                let mut pieces = chunks(&content, count.min(MAX_FILES), by_line.then_some(end));
                if let Some(one) = one {
                    to_stdout = true;
                    pieces = pieces.into_iter().skip(one - 1).take(1).collect();
                }
                pieces
            }
            _ => {
                let most = size(options.value('l').unwrap_or("1000"), "lines")?;
                let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == end).collect();
                let mut at = 0;
                let lengths = lines.chunks(most).map(|lines| lines.iter().map(|line| line.len()).sum::<usize>());
                lengths
                    .map(|length| {
                        at += length;
                        &content[at - length..at]
                    })
                    .collect()
            }
        };
        if to_stdout {
            call.print(pieces.first().copied().unwrap_or_default()).await?;
            return Ok(0);
        }
        let first = options.value('N').or(options.value('X')).and_then(|text| text.parse().ok()).unwrap_or(0);
        let base = match options.last_of("dNxX") {
            Some('d' | 'N') => 10,
            Some(_) => 16,
            None => 26,
        };
        let fixed =
            options.value('a').and_then(|text| text.parse::<usize>().ok()).filter(|length| (1..=20).contains(length));
        let also = options.value('S').unwrap_or_default();
        let pieces: Vec<&[u8]> = pieces.into_iter().filter(|piece| !(options.has('e') && piece.is_empty())).collect();
        if pieces.len() > MAX_FILES {
            return Err(Stop::Message("too many files".to_owned()));
        }
        for (at, piece) in pieces.iter().enumerate() {
            let suffix = suffix(at + first, base, fixed).ok_or_else(|| "output file suffixes exhausted".to_owned())?;
            let name = format!("{prefix}{suffix}{also}");
            if options.has('v') {
                call.print(format!("creating file {}\n", quote(&name)).as_bytes()).await?;
            }
            call.write(&name, piece).await.map_err(|reason| format!("{name}: {reason}"))?;
        }
        Ok(0)
    }
}

fn number(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" => 1,
        "b" => 512,
        "K" | "k" | "KiB" => 1024,
        "KB" | "kB" => 1000,
        "M" | "m" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(factor).filter(|number| *number > 0)
}

/// As many whole lines as fit into `most` bytes; a longer line is cut.
fn filled(content: &[u8], most: usize, end: u8) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (Vec::new(), content);
    while !rest.is_empty() && pieces.len() <= MAX_FILES {
        let window = &rest[..rest.len().min(most)];
        let cut = if window.len() == rest.len() {
            rest.len()
        } else {
            window.iter().rposition(|byte| *byte == end).map_or(window.len(), |at| at + 1)
        };
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// `count` pieces of the same size; with `end`, cut behind the line that reaches over a border.
fn chunks(content: &[u8], count: usize, end: Option<u8>) -> Vec<&[u8]> {
    let size = content.len() / count;
    let (mut pieces, mut start, mut border) = (Vec::new(), 0, 0);
    for at in 0..count {
        border += size;
        let mut stop = if at + 1 == count { content.len() } else { border.max(start) };
        if let Some(end) = end
            && stop > start
            && stop < content.len()
        {
            stop = content[stop - 1..].iter().position(|byte| *byte == end).map_or(content.len(), |line| stop + line);
        }
        pieces.push(&content[start..stop]);
        start = stop;
    }
    pieces
}

/// The suffix of a file. Without a fixed length it grows when the first 25 of 26 letters are used up: `yz`, `zaaa`.
fn suffix(number: usize, base: usize, fixed: Option<usize>) -> Option<String> {
    let digit = |value: usize| match base {
        26 => char::from(b'a' + value as u8),
        _ => char::from_digit(value as u32, 16).unwrap_or('0'),
    };
    let write = |mut number: usize, length: usize| {
        let mut digits = vec![digit(0); length];
        for place in digits.iter_mut().rev() {
            *place = digit(number % base);
            number /= base;
        }
        (number == 0).then(|| digits.into_iter().collect::<String>())
    };
    if let Some(length) = fixed {
        return write(number, length);
    }
    let (mut number, mut length) = (number, 2);
    loop {
        let room = (base - 1).checked_mul(base.checked_pow(length - 1)?)?;
        if number < room {
            let text = write(number, length as usize)?;
            return Some(format!("{}{text}", digit(base - 1).to_string().repeat(length as usize - 2)));
        }
        number -= room;
        length += 1;
    }
}
