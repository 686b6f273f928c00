//! `cut`. As GNU's, `-c` counts bytes.

use super::call::{Call, Outcome, Stop, Utility};
use async_trait::async_trait;

/// The command.
pub struct Cut;

const LONG: &str = "bytes=b characters=c complement=C delimiter=d fields=f only-delimited=s output-delimiter=o \
                    zero-terminated=z";

/// What is cut out, and how.
struct Settings {
    /// First and last, from 1, in order and apart from each other.
    ranges: Vec<(usize, usize)>,
    /// What is between fields; without, bytes are counted.
    delimiter: Option<u8>,
    output: Option<Vec<u8>>,
    only_delimited: bool,
    end: u8,
}

#[async_trait]
impl Utility for Cut {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("b:c:d:f:nsz|Co:", LONG).await?;
        let lists: Vec<_> = options.given.iter().filter(|(letter, _)| "bcf".contains(*letter)).collect();
        let (kind, list) = match &lists[..] {
            [] => return Err(Stop::Usage("you must specify a list of bytes, characters, or fields".to_owned())),
            [(kind, list)] => (*kind, list.as_deref().unwrap_or_default()),
            _ => return Err(Stop::Usage("only one list may be specified".to_owned())),
        };
        let delimiter = options.value('d');
        if delimiter.is_some_and(|text| text.len() > 1) {
            return Err(Stop::Usage("the delimiter must be a single character".to_owned()));
        }
        if kind != 'f' && delimiter.is_some() {
            let text = "an input delimiter may be specified only when operating on fields";
            return Err(Stop::Usage(text.to_owned()));
        }
        if kind != 'f' && options.has('s') {
            let text = "suppressing non-delimited lines makes sense\n\tonly when operating on fields";
            return Err(Stop::Usage(text.to_owned()));
        }
        let ranges = merged(ranges(call, list, kind == 'f')?);
        let settings = Settings {
            ranges: if options.has('C') { complement(&ranges) } else { ranges },
            // An empty delimiter is the NUL byte.
            delimiter: (kind == 'f').then(|| delimiter.map_or(b'\t', |text| text.bytes().next().unwrap_or(0))),
            output: options.value('o').map(|text| if text.is_empty() { vec![0] } else { text.as_bytes().to_vec() }),
            only_delimited: options.has('s'),
            end: if options.has('z') { 0 } else { b'\n' },
        };
        let names = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
        for name in &names {
            let Some(content) = call.read_or_complain(name).await? else { continue };
            let body = content.strip_suffix(&[settings.end]).unwrap_or(&content);
            if content.is_empty() {
                continue;
            }
            for line in body.split(|byte| *byte == settings.end) {
                if let Some(mut out) = settings.cut(line) {
                    out.push(settings.end);
                    call.print(&out).await?;
                }
            }
        }
        Ok(0)
    }
}

impl Settings {
    /// What is left of a line; none when it is left out.
    fn cut(&self, line: &[u8]) -> Option<Vec<u8>> {
        let Some(delimiter) = self.delimiter else {
            let chosen = self.ranges.iter().filter(|(low, _)| *low <= line.len());
            let parts: Vec<&[u8]> = chosen.map(|(low, high)| &line[low - 1..*high.min(&line.len())]).collect();
            return Some(parts.join(self.output.as_deref().unwrap_or_default()));
        };
        if !line.contains(&delimiter) {
            return (!self.only_delimited).then(|| line.to_vec());
        }
        let fields: Vec<&[u8]> = line.split(|byte| *byte == delimiter).collect();
        let chosen = self.ranges.iter().filter(|(low, _)| *low <= fields.len());
        let parts: Vec<&[u8]> =
            chosen.flat_map(|(low, high)| &fields[low - 1..*high.min(&fields.len())]).copied().collect();
        Some(parts.join(self.output.as_deref().unwrap_or(&[delimiter])))
    }
}

/// Reads `1,3-5,7-`.
fn ranges(call: &Call<'_>, list: &str, fields: bool) -> Result<Vec<(usize, usize)>, Stop> {
    let wrong = |text: String| Stop::Usage(text);
    let zero = || wrong(if fields { "fields" } else { "byte/character positions" }.to_owned() + " are numbered from 1");
    let number = |text: &str| match text.parse::<usize>() {
        Ok(0) => Err(zero()),
        Ok(number) => Ok(number),
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            let what = if fields { "field number" } else { "byte/character offset" };
            Err(wrong(format!("{what} {} is too large", call.curly(text))))
        }
        Err(_) => {
            let what = if fields { "field value" } else { "byte/character position" };
            Err(wrong(format!("invalid {what} {}", call.curly(text))))
        }
    };
    let mut ranges = Vec::new();
    for part in list.split([',', ' ', '\t']) {
        ranges.push(match part.split_once('-') {
            None if part.is_empty() => return Err(zero()),
            None => (number(part)?, number(part)?),
            Some(("", "")) => return Err(wrong("invalid range with no endpoint: -".to_owned())),
            Some(("", high)) => (1, number(high)?),
            Some((low, "")) => (number(low)?, usize::MAX),
            Some((low, high)) => {
                let (low, high) = (number(low)?, number(high)?);
                if high < low {
                    return Err(wrong("invalid decreasing range".to_owned()));
                }
                (low, high)
            }
        });
    }
    Ok(ranges)
}

/// In order; those that overlap are one, those that only touch are not.
fn merged(mut ranges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    ranges.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (low, high) in ranges {
        match merged.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

fn complement(ranges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (mut left, mut next) = (Vec::new(), 1);
    for (low, high) in ranges {
        if next < *low {
            left.push((next, low - 1));
        }
        next = high.saturating_add(1);
    }
    if next < usize::MAX {
        left.push((next, usize::MAX));
    }
    left
}
