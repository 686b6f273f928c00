//! `seq` of GNU coreutils: `seq [-w] [-s SEPARATOR] [-f FORMAT] [FIRST [STEP]] LAST`, of any length.

use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Result};

/// Numbers are written in pieces of about this many bytes.
const CHUNK: usize = 4096;

/// The command.
pub struct Seq;

#[async_trait]
impl Command for Seq {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let range = match Range::parse(ctx.args) {
            Ok(range) => range,
            Err(message) => {
                ctx.stderr.write_all(format!("seq: {message}\n").as_bytes()).await?;
                return Ok(CommandStatus::with_code(1));
            }
        };
        let mut chunk = String::with_capacity(CHUNK + 64);
        for n in 0.. {
            let Some(number) = range.number(n) else { break };
            if n > 0 {
                chunk.push_str(&range.separator);
            }
            range.write(number, &mut chunk);
            if chunk.len() >= CHUNK {
                ctx.stdout.write_all(chunk.as_bytes()).await?;
                chunk.clear();
            }
        }
        if range.number(0).is_some() {
            chunk.push('\n');
        }
        ctx.stdout.write_all(chunk.as_bytes()).await?;
        Ok(CommandStatus::success())
    }
}

/// Decimal numbers scaled to integers, so that `seq 0 0.1 1` has no rounding.
struct Range {
    first: i128,
    step: i128,
    last: i128,
    /// Digits after the point.
    scale: u32,
    separator: String,
    /// Minimum width with leading zeros (`-w`).
    width: usize,
    format: Option<Format>,
}

struct Format {
    before: String,
    after: String,
    zero: bool,
    left: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

impl Range {
    fn parse(args: &[String]) -> std::result::Result<Self, String> {
        let (mut separator, mut equal_width, mut format) = ("\n".to_owned(), false, None);
        let mut operands: Vec<&str> = Vec::new();
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            let mut value = |attached: &str, name: &str| match attached {
                "" => args.next().map(str::to_owned).ok_or(format!("option requires an argument -- '{name}'")),
                attached => Ok(attached.to_owned()),
            };
            match arg {
                "--" => operands.extend(args.by_ref()),
                "-w" | "--equal-width" => equal_width = true,
                _ if arg.starts_with("-s") => separator = value(&arg[2..], "s")?,
                _ if arg.starts_with("-f") => format = Some(Format::parse(&value(&arg[2..], "f")?)?),
                _ if arg.starts_with("--separator=") => separator = arg["--separator=".len()..].to_owned(),
                _ if arg.starts_with("--format=") => format = Some(Format::parse(&arg["--format=".len()..])?),
                _ if arg.starts_with('-') && arg.len() > 1 && decimal(arg).is_none() => {
                    return Err(format!("invalid option -- '{}'", arg.trim_start_matches('-')));
                }
                _ => operands.push(arg),
            }
        }
        let (first, step, last) = match operands[..] {
            [last] => ("1", "1", last),
            [first, last] => (first, "1", last),
            [first, step, last] => (first, step, last),
            [] => return Err("missing operand".to_owned()),
            [_, _, _, extra, ..] => return Err(format!("extra operand '{extra}'")),
        };
        let number = |text: &str| decimal(text).ok_or(format!("invalid floating point argument: '{text}'"));
        let parts = [number(first)?, number(step)?, number(last)?];
        if parts[1].0 == 0 {
            return Err(format!("invalid Zero increment value: '{step}'"));
        }
        let scale = parts.iter().map(|(_, scale)| *scale).max().unwrap_or(0);
        let [first, step, last] = parts.map(|(digits, own)| digits * 10_i128.pow(scale - own));
        // What is shown has the digits of FIRST and STEP; LAST is only a bound.
        let shown = parts[0].1.max(parts[1].1);
        let mut range = Self { first, step, last, scale: shown, separator, width: 0, format };
        let drop = 10_i128.pow(scale - shown);
        (range.first, range.step) = (range.first / drop, range.step / drop);
        range.last = if range.step > 0 { range.last.div_euclid(drop) } else { -((-range.last).div_euclid(drop)) };
        if equal_width {
            let end = range.first + (range.last - range.first) / range.step * range.step;
            range.width = [range.first, end].map(|number| range.plain(number).len()).into_iter().max().unwrap_or(0);
        }
        Ok(range)
    }

    fn number(&self, n: i128) -> Option<i128> {
        let number = self.first + self.step * n;
        let beyond = if self.step > 0 { number > self.last } else { number < self.last };
        (!beyond).then_some(number)
    }

    fn plain(&self, number: i128) -> String {
        if self.scale == 0 {
            return number.to_string();
        }
        let power = 10_u128.pow(self.scale);
        let (sign, digits) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
        format!("{sign}{}.{:0width$}", digits / power, digits % power, width = self.scale as usize)
    }

    fn write(&self, number: i128, out: &mut String) {
        if let Some(format) = &self.format {
            let value = number as f64 / 10_f64.powi(self.scale.try_into().unwrap_or(i32::MAX));
            return format.write(value, out);
        }
        let text = self.plain(number);
        if text.len() >= self.width {
            return out.push_str(&text);
        }
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
        out.push_str(sign);
        out.extend(std::iter::repeat_n('0', self.width - text.len()));
        out.push_str(digits);
    }
}

impl Format {
    fn parse(text: &str) -> std::result::Result<Self, String> {
        let invalid = || format!("format '{text}' has no % directive");
        let start = (0..text.len())
            .find(|&at| text[at..].starts_with('%') && !text[at..].starts_with("%%") && !text[..at].ends_with('%'))
            .ok_or_else(invalid)?;
        let (before, mut rest) = (text[..start].replace("%%", "%"), &text[start + 1..]);
        let flags: String = rest.chars().take_while(|c| "0-+ #'".contains(*c)).collect();
        rest = &rest[flags.len()..];
        let width: String = rest.chars().take_while(char::is_ascii_digit).collect();
        rest = &rest[width.len()..];
        let mut precision = None;
        if let Some(after_point) = rest.strip_prefix('.') {
            let digits: String = after_point.chars().take_while(char::is_ascii_digit).collect();
            rest = &after_point[digits.len()..];
            precision = Some(digits.parse().unwrap_or(0));
        }
        let conversion =
            rest.chars().next().filter(|c| "fFgGeE".contains(*c)).ok_or_else(|| {
                format!("format '{text}' has unknown %{} directive", rest.chars().next().unwrap_or(' '))
            })?;
        let width = width.parse().unwrap_or(0);
        if width > 1000 || precision.is_some_and(|precision| precision > 100) {
            return Err(format!("format '{text}' is too wide"));
        }
        let (zero, left) = (flags.contains('0'), flags.contains('-'));
        Ok(Self { before, after: rest[1..].replace("%%", "%"), zero, left, width, precision, conversion })
    }

    fn write(&self, value: f64, out: &mut String) {
        let precision = self.precision.unwrap_or(6);
        let body = match self.conversion {
            'f' | 'F' => format!("{value:.precision$}"),
            'e' | 'E' => exponent(value, precision),
            _ => shortest(value, precision.max(1)),
        };
        let body = if self.conversion.is_ascii_uppercase() { body.to_uppercase() } else { body };
        let padding = self.width.saturating_sub(body.len());
        out.push_str(&self.before);
        match (self.left, self.zero) {
            (true, _) => {
                out.push_str(&body);
                out.extend(std::iter::repeat_n(' ', padding));
            }
            (false, true) => {
                let (sign, digits) = body.strip_prefix('-').map_or(("", body.as_str()), |digits| ("-", digits));
                out.push_str(sign);
                out.extend(std::iter::repeat_n('0', padding));
                out.push_str(digits);
            }
            (false, false) => {
                out.extend(std::iter::repeat_n(' ', padding));
                out.push_str(&body);
            }
        }
        out.push_str(&self.after);
    }
}

/// `%e` of C: at least two digits of exponent, always signed.
fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

/// `%g` of C: fixed or exponent form, without trailing zeros.
fn shortest(value: f64, precision: usize) -> String {
    let scientific = exponent(value, precision - 1);
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i64 = power.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    match usize::try_from(precision as i64 - 1 - power) {
        Ok(digits) if power >= -4 => trim(&format!("{value:.digits$}")),
        _ => format!("{}e{}", trim(mantissa), &scientific[mantissa.len() + 1..]),
    }
}

/// A decimal number as its digits and how many of them are behind the point.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    // 18 digits on each side keep every sum and product below far from overflow.
    if all.is_empty() || whole.len() > 18 || fraction.len() > 9 || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i128 = all.parse().ok()?;
    Some((if negative { -number } else { number }, u32::try_from(fraction.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seq(args: &str) -> String {
        let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
        let range = Range::parse(&args).unwrap_or_else(|error| panic!("{error}"));
        let mut out = String::new();
        for number in (0..).map_while(|n| range.number(n)) {
            range.write(number, &mut out);
            out.push(' ');
        }
        out
    }

    #[test]
    fn output_is_that_of_coreutils() {
        assert_eq!(seq("3"), "1 2 3 ");
        assert_eq!(seq("5 -2 0"), "5 3 1 ");
        assert_eq!(seq("-w 8 11"), "08 09 10 11 ");
        assert_eq!(seq("-w -1 1"), "-1 00 01 ");
        assert_eq!(seq("0 0.25 1"), "0.00 0.25 0.50 0.75 1.00 ");
        assert_eq!(seq("1 2.5"), "1 2 ");
        assert_eq!(seq("-f %03g. 9 10"), "009. 010. ");
        assert_eq!(seq("-f %.2f 1 2"), "1.00 2.00 ");
        assert_eq!(seq("-f %g 999999 1000001"), "999999 1e+06 1e+06 ");
        assert_eq!(seq("3 1"), "");
        assert!(Range::parse(&["1".into(), "0".into(), "2".into()]).is_err());
        assert!(Range::parse(&["x".into()]).is_err());
    }
}
