//! `date +FORMAT`: strftime with GNU's flags and widths.

use super::Instant;
use chrono::{DateTime, Datelike, Offset, Timelike};
use chrono_tz::{OffsetName, Tz};

/// The longest that one conversion may be padded to.
const MAX_WIDTH: usize = 4096;

/// The point in time in `zone`, as `text` wants it. Unknown conversions stay as they are.
pub fn format(text: &str, (seconds, nanos): Instant, zone: Tz) -> String {
    let at = DateTime::from_timestamp(seconds, nanos).filter(|_| super::parse::is_tellable(seconds));
    let Some(at) = at else { return seconds.to_string() };
    let at = at.with_timezone(&zone);
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = write(rest, &at, &mut out);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Writes the conversion that `text` begins with; how long it is.
fn write(text: &str, at: &DateTime<Tz>, out: &mut String) -> usize {
    let mut end = 1;
    let (mut pad, mut upper, mut swap) = (None, false, false);
    while let Some(flag) = text[end..].chars().next().filter(|c| "-_0^#+".contains(*c)) {
        match flag {
            '^' => upper = true,
            '#' => swap = true,
            flag => pad = Some(flag),
        }
        end += 1;
    }
    let digits = text[end..].bytes().take_while(u8::is_ascii_digit).count();
    let width: usize = text[end..end + digits].parse().unwrap_or(0).min(MAX_WIDTH);
    end += digits;
    let colons = text[end..].bytes().take_while(|byte| *byte == b':').count();
    end += colons;
    if text[end..].starts_with(['E', 'O']) {
        end += 1;
    }
    let Some(letter) = text[end..].chars().next() else {
        out.push_str(text);
        return text.len();
    };
    end += letter.len_utf8();
    if colons > 0 && letter != 'z' {
        out.push_str(&text[..end]);
        return end;
    }
    let number = |value: i64, width: usize, pad: char| (value, width, pad);
    let hour12 = i64::from(at.hour12().1);
    let iso = at.iso_week();
    let numeric = match letter {
        'd' => number(at.day().into(), 2, '0'),
        'e' => number(at.day().into(), 2, '_'),
        'm' => number(at.month().into(), 2, '0'),
        'Y' => number(at.year().into(), if at.year() < 0 { 5 } else { 4 }, '0'),
        'y' => number(i64::from(at.year()).rem_euclid(100), 2, '0'),
        'C' => number(i64::from(at.year()).div_euclid(100), 2, '0'),
        'G' => number(iso.year().into(), 4, '0'),
        'g' => number(i64::from(iso.year()).rem_euclid(100), 2, '0'),
        'V' => number(iso.week().into(), 2, '0'),
        'U' => number(((at.ordinal0() + 7 - at.weekday().num_days_from_sunday()) / 7).into(), 2, '0'),
        'W' => number(((at.ordinal0() + 7 - at.weekday().num_days_from_monday()) / 7).into(), 2, '0'),
        'j' => number(at.ordinal().into(), 3, '0'),
        'q' => number(at.month().div_ceil(3).into(), 1, '0'),
        'u' => number(at.weekday().number_from_monday().into(), 1, '0'),
        'w' => number(at.weekday().num_days_from_sunday().into(), 1, '0'),
        'H' => number(at.hour().into(), 2, '0'),
        'I' => number(hour12, 2, '0'),
        'k' => number(at.hour().into(), 2, '_'),
        'l' => number(hour12, 2, '_'),
        'M' => number(at.minute().into(), 2, '0'),
        'S' => number(at.second().into(), 2, '0'),
        's' => number(at.timestamp(), 1, '0'),
        _ => {
            verbal(letter, colons, (pad, width), at, &text[..end], (upper, swap), out);
            return end;
        }
    };
    let (value, least, usual) = numeric;
    let pad = match pad {
        Some('_') => '_',
        Some('-') => '-',
        Some(_) => '0',
        None => usual,
    };
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs().to_string();
    let width = if pad == '-' { 0 } else { least.max(width) };
    let missing = width.saturating_sub(digits.len() + sign.len());
    if pad == '_' {
        out.extend(std::iter::repeat_n(' ', missing));
        out.push_str(sign);
    } else {
        out.push_str(sign);
        out.extend(std::iter::repeat_n('0', missing));
    }
    out.push_str(&digits);
    end
}

fn verbal(
    letter: char,
    colons: usize,
    (pad, width): (Option<char>, usize),
    at: &DateTime<Tz>,
    whole: &str,
    (upper, swap): (bool, bool),
    out: &mut String,
) {
    let zone = at.timezone();
    let instant = (at.timestamp(), at.timestamp_subsec_nanos());
    let nested = |text| format(text, instant, zone);
    let mut upper = upper;
    let body = match letter {
        '%' => "%".to_owned(),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'a' => at.format("%a").to_string(),
        'A' => at.format("%A").to_string(),
        'b' | 'h' => at.format("%b").to_string(),
        'B' => at.format("%B").to_string(),
        'c' => nested("%a %b %e %H:%M:%S %Y"),
        'D' | 'x' => nested("%m/%d/%y"),
        'F' => nested("%Y-%m-%d"),
        'r' => nested("%I:%M:%S %p"),
        'R' => nested("%H:%M"),
        'T' | 'X' => nested("%H:%M:%S"),
        'p' if swap => at.format("%P").to_string(),
        'p' => at.format("%p").to_string(),
        'P' => at.format("%P").to_string(),
        'Z' if swap => at.offset().abbreviation().unwrap_or("UTC").to_lowercase(),
        'Z' => at.offset().abbreviation().unwrap_or("UTC").to_owned(),
        'z' => return out.push_str(&offset(at.offset().fix().local_minus_utc(), colons)),
        'N' => {
            let digits = format!("{:09}", at.timestamp_subsec_nanos());
            let wanted = if width == 0 { 9 } else { width };
            let mut body = digits[..wanted.min(9)].to_owned();
            if pad == Some('-') {
                body = body.trim_end_matches('0').to_owned();
            }
            body.extend(std::iter::repeat_n('0', wanted.saturating_sub(9)));
            return out.push_str(&body);
        }
        _ => return out.push_str(whole),
    };
    if swap && letter != 'p' && letter != 'Z' {
        upper = true;
    }
    let body = if upper { body.to_uppercase() } else { body };
    let filler = if pad == Some('0') { '0' } else { ' ' };
    out.extend(std::iter::repeat_n(filler, width.saturating_sub(body.chars().count())));
    out.push_str(&body);
}

fn offset(seconds: i32, colons: usize) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match colons {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        1 => format!("{sign}{hours:02}:{minutes:02}"),
        2 => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
        _ if minutes == 0 => format!("{sign}{hours:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}"),
    }
}
