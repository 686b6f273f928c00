//! `cmp`.

use super::call::{Call, Outcome, Stop, Utility};
use async_trait::async_trait;

/// The command.
pub struct Cmp;

const LONG: &str = "print-bytes=b ignore-initial=i verbose=l bytes=n quiet=s silent=s";

#[async_trait]
impl Utility for Cmp {
    const TROUBLE: i32 = 2;

    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("bi:ln:s", LONG).await?;
        let name = |at: usize| options.operands.get(at).map(String::as_str);
        let Some(first) = name(0) else { return Err(Stop::Usage("missing operand after 'cmp'".to_owned())) };
        let second = name(1).unwrap_or("-");
        let skip = options.value('i').unwrap_or("0");
        let (skip_first, skip_second) = skip.split_once(':').unwrap_or((skip, skip));
        let skips = [number(skip_first)?, number(skip_second)?];
        let most = options.value('n').map(number).transpose()?.unwrap_or(usize::MAX);
        let mut contents = Vec::new();
        for (name, skip) in [first, second].into_iter().zip(skips) {
            match call.read(name).await? {
                Ok(mut content) => {
                    content.drain(..skip.min(content.len()));
                    content.truncate(most);
                    contents.push(content);
                }
                Err(_) if options.has('s') => return Ok(2),
                Err(reason) => return Err(Stop::Message(format!("{name}: {reason}"))),
            }
        }
        let (a, b) = (&contents[0], &contents[1]);
        let differs = |at: &usize| a[*at] != b[*at];
        let shorter = a.len().min(b.len());
        let width = a.len().max(b.len()).to_string().len().max(1);
        if options.has('s') {
            return Ok(i32::from(a != b));
        }
        if options.has('l') {
            let mut code = 0;
            for at in (0..shorter).filter(differs) {
                code = 1;
                let line = if options.has('b') {
                    format!("{:>width$} {:>3o} {:<4} {:>3o} {}\n", at + 1, a[at], shown(a[at]), b[at], shown(b[at]))
                } else {
                    format!("{:>width$} {:>3o} {:>3o}\n", at + 1, a[at], b[at])
                };
                call.print(line.as_bytes()).await?;
            }
            if a.len() != b.len() {
                let name = if a.len() < b.len() { first } else { second };
                return end(call, name, &a[..shorter], true).await;
            }
            return Ok(code);
        }
        if let Some(at) = (0..shorter).find(differs) {
            let line = 1 + a[..at].iter().filter(|byte| **byte == b'\n').count();
            let mut text = format!("{first} {second} differ: byte {}, line {line}", at + 1);
            if options.has('b') {
                text.push_str(&format!(" is {:>3o} {} {:>3o} {}", a[at], shown(a[at]), b[at], shown(b[at])));
            }
            call.print((text + "\n").as_bytes()).await?;
            return Ok(1);
        }
        if a.len() != b.len() {
            let name = if a.len() < b.len() { first } else { second };
            return end(call, name, &a[..shorter], false).await;
        }
        Ok(0)
    }
}

async fn end(call: &mut Call<'_>, name: &str, shorter: &[u8], long: bool) -> Outcome {
    let newlines = shorter.iter().filter(|byte| **byte == b'\n').count();
    let place = match shorter.last() {
        None => " which is empty".to_owned(),
        Some(_) if long => format!(" after byte {}", shorter.len()),
        Some(b'\n') => format!(" after byte {}, line {newlines}", shorter.len()),
        Some(_) => format!(" after byte {}, in line {}", shorter.len(), newlines + 1),
    };
    call.warn(format!("EOF on {name}{place}")).await?;
    Ok(1)
}

fn number(text: &str) -> Result<usize, Stop> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" => 1,
        "K" | "k" => 1024,
        "kB" => 1000,
        "M" => 1 << 20,
        _ => 0,
    };
    let number = digits.parse().ok().and_then(|number: usize| number.checked_mul(factor)).filter(|_| factor > 0);
    number.ok_or_else(|| Stop::Usage(format!("invalid --bytes value '{text}'")))
}

/// `a`, `^A`, `M-a`.
fn shown(byte: u8) -> String {
    match byte {
        0..=31 => format!("^{}", char::from(byte + 64)),
        127 => "^?".to_owned(),
        128.. => format!("M-{}", shown(byte - 128)),
        _ => char::from(byte).to_string(),
    }
}
