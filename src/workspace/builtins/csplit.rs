//! `csplit`.

use super::call::{Call, Outcome, Stop, Utility, countable};
use super::regular;
use async_trait::async_trait;

/// The command.
pub struct Csplit;

const LONG: &str = "suffix-format=b prefix=f keep-files=k suppress-matched=m digits=n quiet=s silent=s \
                    elide-empty-files=z";
/// The most files that one call makes.
const MAX_FILES: usize = 1_000_000;

/// Where a piece ends.
enum Border {
    Line(usize),
    /// The expression, how far behind its line, and whether the piece before is left out.
    Match(regex::bytes::Regex, isize, bool),
}

struct Splitter<'a> {
    lines: Vec<&'a [u8]>,
    at: usize,
    /// Where the next search begins: behind the line that was found last.
    from: usize,
    pieces: Vec<Vec<u8>>,
    suppress: bool,
}

#[async_trait]
impl Utility for Csplit {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("b:f:kn:sqz|m", LONG).await?;
        let Some((input, patterns)) = options.operands.split_first() else {
            return Err(Stop::Usage("missing operand".to_owned()));
        };
        let content =
            call.read(input).await?.map_err(|reason| format!("cannot open '{input}' for reading: {reason}"))?;
        let lines = countable(&content)?.split_inclusive(|byte| *byte == b'\n').collect();
        let mut splitter = Splitter { lines, at: 0, from: 0, pieces: Vec::new(), suppress: options.has('m') };
        let mut trouble = None;
        let mut patterns = patterns.iter().peekable();
        'patterns: while let Some(pattern) = patterns.next() {
            let border = border(pattern).ok_or_else(|| format!("{pattern}: invalid pattern"))?;
            let mut times = 1;
            let mut endless = false;
            if let Some(repeat) = patterns.peek().and_then(|text| text.strip_prefix('{')?.strip_suffix('}')) {
                endless = repeat == "*";
                times += if endless {
                    MAX_FILES
                } else {
                    repeat.parse().map_err(|_| format!("{{{repeat}}}: invalid repeat count"))?
                };
                patterns.next();
            }
            for time in 0..times.min(MAX_FILES) {
                if !splitter.cut(&border, time + 1) {
                    if !endless {
                        let text = match border {
                            Border::Line(_) => "line number out of range",
                            Border::Match(..) => "match not found",
                        };
                        let repetition = if time > 0 { format!(" on repetition {time}") } else { String::new() };
                        trouble = Some(format!("{}: {text}{repetition}", call.curly(pattern)));
                        break 'patterns;
                    }
                    break;
                }
            }
        }
        let rest = splitter.lines[splitter.at.min(splitter.lines.len())..].concat();
        splitter.pieces.push(rest);
        let digits = options.value('n').and_then(|text| text.parse::<usize>().ok()).unwrap_or(2).min(20);
        let prefix = options.value('f').unwrap_or("xx");
        let pieces: Vec<Vec<u8>> =
            splitter.pieces.into_iter().filter(|piece| !(options.has('z') && piece.is_empty())).collect();
        let keep = trouble.is_none() || options.has('k');
        for (at, piece) in pieces.iter().enumerate() {
            if !options.has('s') && !options.has('q') {
                call.print(format!("{}\n", piece.len()).as_bytes()).await?;
            }
            if keep {
                let suffix = match options.value('b') {
                    Some(format) => numbered(format, at),
                    None => format!("{at:0digits$}"),
                };
                let name = format!("{prefix}{suffix}");
                call.write(&name, piece).await.map_err(|reason| format!("{name}: {reason}"))?;
            }
        }
        match trouble {
            Some(text) => Err(Stop::Message(text)),
            None => Ok(0),
        }
    }
}

impl Splitter<'_> {
    /// Cuts at the next border; false when there is none.
    fn cut(&mut self, border: &Border, time: usize) -> bool {
        if self.pieces.len() >= MAX_FILES {
            return false;
        }
        let (end, keep) = match border {
            Border::Line(line) => {
                let end = line.saturating_mul(time).saturating_sub(1);
                if end > self.lines.len() || end < self.at {
                    return false;
                }
                (end, true)
            }
            Border::Match(expression, offset, skip) => {
                let body = |line: &&[u8]| line.strip_suffix(b"\n").unwrap_or(line).to_vec();
                let found = (self.from..self.lines.len()).find(|at| expression.is_match(&body(&self.lines[*at])));
                let Some(found) = found else { return false };
                self.from = found + 1;
                let Some(end) =
                    found.checked_add_signed(*offset).filter(|end| *end >= self.at && *end <= self.lines.len())
                else {
                    return false;
                };
                (end, !skip)
            }
        };
        if keep {
            self.pieces.push(self.lines[self.at..end].concat());
        }
        self.at = end;
        self.from = self.from.max(end + usize::from(matches!(border, Border::Line(_))));
        if self.suppress {
            self.at = (end + 1).min(self.lines.len());
        }
        true
    }
}

fn border(text: &str) -> Option<Border> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '/' | '%'));
    let Some(mark) = mark else { return text.parse().ok().filter(|line| *line > 0).map(Border::Line) };
    let (pattern, offset) = text[1..].rsplit_once(mark)?;
    let offset = if offset.is_empty() { 0 } else { offset.parse().ok()? };
    let expression =
        regex::bytes::RegexBuilder::new(&regular::basic(pattern)).unicode(false).size_limit(1 << 20).build();
    Some(Border::Match(expression.ok()?, offset, mark == '%'))
}

/// A `%d` or `%x` with its width in a format.
fn numbered(format: &str, number: usize) -> String {
    let Some((before, rest)) = format.split_once('%') else { return format!("{format}{number}") };
    let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (spec, after) = rest.split_at(end);
    let width: usize = spec.parse().unwrap_or(0).min(40);
    let (letter, after) = after.split_at(after.len().min(1));
    let digits = match letter {
        "x" => format!("{number:x}"),
        "X" => format!("{number:X}"),
        "o" => format!("{number:o}"),
        _ => number.to_string(),
    };
    let filler = if spec.starts_with('0') { "0" } else { " " };
    format!("{before}{}{digits}{after}", filler.repeat(width.saturating_sub(digits.len())))
}
