//! `wc`.

use super::call::{Call, Outcome, Stop, Utility, quote_if_needed};
use async_trait::async_trait;
use bashkit::FileType;

/// The command.
pub struct Wc;

/// The width of a column when the size of the input is not known.
const UNKNOWN: usize = 7;
const TAB: usize = 8;

/// Lines, words, characters, bytes and the widest line.
type Counts = [usize; 5];

#[async_trait]
impl Utility for Wc {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let long = "bytes=c chars=m lines=l max-line-length=L words=w files0-from=o";
        let options = call.options("clmwL|o:", long).await?;
        let mut names = options.operands.clone();
        if let Some(list) = options.value('o') {
            if let Some(extra) = names.first() {
                let text =
                    format!("extra operand {}\nfile operands cannot be combined with --files0-from", call.curly(extra));
                return Err(Stop::Usage(text));
            }
            let listed = call.read(list).await?;
            let listed = listed.map_err(|why| format!("cannot open {} for reading: {why}", call.curly(list)))?;
            let listed = String::from_utf8_lossy(&listed).into_owned();
            names = listed.split_terminator('\0').map(str::to_owned).collect();
            if names.is_empty() {
                return Ok(0);
            }
        }
        let mut shown = ['l', 'w', 'm', 'c', 'L'].map(|letter| options.has(letter));
        if shown == [false; 5] {
            shown = [true, true, false, true, false];
        }
        let (unnamed, width) = (names.is_empty(), width(call, &names, &shown).await);
        if unnamed {
            names.push("-".to_owned());
        }
        let mut total = [0; 5];
        for name in &names {
            let content = match call.read(name).await? {
                Ok(content) => content,
                Err(reason) => {
                    call.complain(format!("{}: {reason}", quote_if_needed(name))).await?;
                    if reason != "Is a directory" {
                        continue;
                    }
                    Vec::new()
                }
            };
            let counts = count(&content);
            (0..4).for_each(|at| total[at] += counts[at]);
            total[4] = total[4].max(counts[4]);
            show(call, counts, &shown, width, if unnamed { None } else { Some(name) }).await?;
        }
        if names.len() > 1 {
            show(call, total, &shown, width, Some("total")).await?;
        }
        Ok(0)
    }
}

/// As many digits as all sizes together have; a first file that is missing makes the columns as narrow as they go.
async fn width(call: &Call<'_>, names: &[String], shown: &[bool; 5]) -> usize {
    let columns = shown.iter().filter(|shown| **shown).count();
    if names.len() <= 1 && columns == 1 {
        return 1;
    }
    let (mut least, mut sum) = (1, 0);
    for (at, name) in names.iter().enumerate() {
        match call.stat(name).await {
            _ if name == "-" => least = UNKNOWN,
            Ok(found) if found.file_type == FileType::File => sum += found.size,
            Ok(_) => least = UNKNOWN,
            Err(_) if at == 0 => return 1,
            Err(_) => {}
        }
    }
    if names.is_empty() { UNKNOWN } else { sum.to_string().len().max(least) }
}

async fn show(
    call: &mut Call<'_>,
    counts: Counts,
    shown: &[bool; 5],
    width: usize,
    name: Option<&str>,
) -> Result<(), Stop> {
    let columns = counts.iter().zip(shown).filter(|(_, shown)| **shown);
    let mut line: Vec<String> = columns.map(|(count, _)| format!("{count:>width$}")).collect();
    line.extend(name.map(str::to_owned));
    Ok(call.print((line.join(" ") + "\n").as_bytes()).await?)
}

fn count(content: &[u8]) -> Counts {
    let lines = content.iter().filter(|byte| **byte == b'\n').count();
    let (mut words, mut chars, mut widest, mut column, mut inside) = (0, 0, 0, 0, false);
    for chunk in content.utf8_chunks() {
        for c in chunk.valid().chars() {
            chars += 1;
            match c {
                '\n' | '\r' | '\u{c}' => {
                    widest = widest.max(column);
                    column = 0;
                }
                '\t' => column += TAB - column % TAB,
                c if c.is_control() => {}
                c => column += cells(c),
            }
            if c.is_whitespace() {
                inside = false;
            } else if !inside && !c.is_control() {
                (words, inside) = (words + 1, true);
            }
        }
    }
    [lines, words, chars, content.len(), widest.max(column)]
}

/// How many cells of a terminal a character takes.
fn cells(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}
