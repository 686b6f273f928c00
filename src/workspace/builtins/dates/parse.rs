//! `date -d`: dates in words and numbers, as `parse_datetime` of GNU understands them.

use super::Instant;
use super::token::{Token, tokens};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const LONG_DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const ORDINALS: [&str; 12] =
    ["first", "", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];
/// Zones by abbreviation, in minutes east of Greenwich.
const ZONES: [(&str, i64); 24] = [
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("z", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("met", 60),
    ("cest", 120),
    ("mest", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("ist", 330),
    ("jst", 540),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
];

#[derive(Default)]
struct Parsed {
    date: Option<(Option<i64>, i64, i64)>,
    time: Option<(i64, i64, i64, u32)>,
    /// Minutes east of Greenwich.
    zone: Option<i64>,
    /// Which weekday, and the how manyeth.
    day: Option<(i64, i64)>,
    months: i64,
    days: i64,
    seconds: i64,
    nanos: i64,
    relative: bool,
}

/// The point in time that `text` means, seen from `now` in `zone`; none when it means none.
pub fn parse(text: &str, now: Instant, zone: Tz) -> Option<Instant> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return epoch(seconds.trim());
    }
    if let Some(rest) = text.strip_prefix("TZ=\"") {
        let (name, rest) = rest.split_once('"')?;
        return parse(rest, now, name.parse().ok()?);
    }
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, parsed: Parsed::default() };
    while reader.at < tokens.len() {
        reader.item()?;
    }
    reader.parsed.resolve(now, zone)
}

fn epoch(text: &str) -> Option<Instant> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok().filter(|seconds: &i64| seconds.abs() < 1 << 50)?;
    if fraction.is_empty() {
        return Some((seconds, 0));
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: u32 = format!("{:0<9}", &fraction[..fraction.len().min(9)]).parse().ok()?;
    if whole.starts_with('-') && nanos > 0 {
        return Some((seconds - 1, 1_000_000_000 - nanos));
    }
    Some((seconds, nanos))
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    parsed: Parsed,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn mark(&self, ahead: usize, mark: char) -> bool {
        self.peek(ahead) == Some(&Token::Mark(mark))
    }

    fn number(&self, ahead: usize) -> Option<(i64, usize, Option<bool>)> {
        match self.peek(ahead)? {
            Token::Number { sign, value, digits, .. } => Some((*value, *digits, *sign)),
            _ => None,
        }
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        match self.peek(ahead)? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn item(&mut self) -> Option<()> {
        match self.peek(0)?.clone() {
            Token::Number { sign, value, digits, fraction } => self.numeric(sign, value, digits, fraction),
            Token::Word(word) => self.verbal(&word),
            Token::Mark(',') => {
                self.at += 1;
                Some(())
            }
            Token::Mark(sign @ ('+' | '-')) => {
                let Some((value, _, None)) = self.number(1) else { return None };
                let factor = self.word(2).and_then(unit)?;
                self.at += 3;
                self.shift(if sign == '-' { -value } else { value }, 0, factor, sign == '-')
            }
            Token::Mark(_) => None,
        }
    }

    fn numeric(&mut self, sign: Option<bool>, value: i64, digits: usize, fraction: Option<u32>) -> Option<()> {
        if let Some(factor) = self.word(1).and_then(unit) {
            self.at += 2;
            return self.shift(value, fraction.unwrap_or(0), factor, sign == Some(true));
        }
        if sign.is_some() {
            // A sign alone is a zone, after a time only.
            let earlier = self.parsed.time.is_some() && self.parsed.zone.is_none();
            if !earlier {
                return None;
            }
            self.at += 1;
            return self.offset(value, digits, sign == Some(true));
        }
        if self.mark(1, ':') {
            return self.clock(value);
        }
        if let Some(meridian @ ("am" | "pm")) = self.word(1) {
            let hour = twelve(value, meridian == "pm")?;
            self.at += 2;
            return self.set_time(hour, 0, 0, 0);
        }
        if self.mark(1, '/') {
            let (second, _, _) = self.number(2)?;
            if self.mark(3, '/') {
                let (third, length, _) = self.number(4)?;
                self.at += 5;
                return if digits >= 4 {
                    self.set_date(Some(value), second, third)
                } else {
                    self.set_date(Some(century(third, length)), value, second)
                };
            }
            self.at += 3;
            return self.set_date(None, value, second);
        }
        // 2024-01-02: the tokens after the first carry the dashes as signs.
        if let (Some((month, _, Some(true))), Some((day, _, Some(true)))) = (self.number(1), self.number(2)) {
            let fraction_of_day = match self.peek(2) {
                Some(Token::Number { fraction, .. }) => *fraction,
                _ => None,
            };
            if fraction_of_day.is_some() {
                return None;
            }
            self.at += 3;
            self.set_date(Some(century(value, digits)), -month, -day)?;
            if self.word(0) == Some("t") {
                self.at += 1;
                if !matches!(self.peek(0), Some(Token::Number { .. })) {
                    return None;
                }
                if let Some((hour, 2, None)) = self.number(0)
                    && !self.mark(1, ':')
                {
                    self.at += 1;
                    return self.set_time(hour, 0, 0, 0);
                }
            }
            return Some(());
        }
        // 5-May-2024
        if self.mark(1, '-')
            && let Some(month) = self.word(2).and_then(month)
        {
            self.at += 3;
            let year = match self.number(0) {
                Some((year, length, Some(true))) => {
                    self.at += 1;
                    Some(century(-year, length))
                }
                _ => None,
            };
            return self.set_date(year, month, value);
        }
        if let Some(month) = self.word(1).and_then(month) {
            self.at += 2;
            if self.mark(0, ',') {
                self.at += 1;
            }
            let year = self.year_here();
            return self.set_date(year, month, value);
        }
        if let Some(day) = self.word(1).and_then(weekday) {
            self.at += 2;
            return self.set_day(day, value);
        }
        self.at += 1;
        match digits {
            8 if self.parsed.date.is_none() => {
                self.set_date(Some(value / 10_000), value / 100 % 100, value % 100)?;
                if self.word(0) == Some("t") {
                    self.at += 1;
                }
                Some(())
            }
            6 if self.parsed.date.is_none() => {
                self.set_date(Some(century(value / 10_000, 2)), value / 100 % 100, value % 100)
            }
            4 if self.parsed.date.is_some_and(|(year, ..)| year.is_none()) && self.parsed.time.is_some() => {
                let (_, month, day) = self.parsed.date?;
                self.parsed.date = Some((Some(value), month, day));
                Some(())
            }
            6 if self.parsed.time.is_none() => self.set_time(value / 10_000, value / 100 % 100, value % 100, 0),
            1 | 2 if self.parsed.time.is_none() => self.set_time(value, 0, 0, 0),
            3 | 4 if self.parsed.time.is_none() => self.set_time(value / 100, value % 100, 0, 0),
            _ => None,
        }
    }

    /// A year, unless what follows makes a time or a span of the number.
    fn year_here(&mut self) -> Option<i64> {
        let (year, length, sign) = self.number(0)?;
        let is_else =
            self.mark(1, ':') || self.word(1).is_some_and(|word| unit(word).is_some() || word == "am" || word == "pm");
        if sign.is_some() || length < 3 || is_else {
            return None;
        }
        self.at += 1;
        Some(century(year, length))
    }

    fn clock(&mut self, hour: i64) -> Option<()> {
        let (minute, _, None) = self.number(2)? else { return None };
        self.at += 3;
        let (mut second, mut nanos) = (0, 0);
        if self.mark(0, ':') {
            let Some(Token::Number { sign: None, value, fraction, .. }) = self.peek(1) else { return None };
            (second, nanos) = (*value, fraction.unwrap_or(0));
            self.at += 2;
        }
        let hour = match self.word(0) {
            Some(meridian @ ("am" | "pm")) => {
                let hour = twelve(hour, meridian == "pm")?;
                self.at += 1;
                hour
            }
            _ => hour,
        };
        self.set_time(hour, minute, second, nanos)?;
        // A sign after a time begins a zone: `10:00 +2 days` is ten o'clock two hours east, a day later.
        if let Some((value, digits, Some(negative))) = self.number(0) {
            self.at += 1;
            return self.offset(value, digits, negative);
        }
        Some(())
    }

    fn offset(&mut self, value: i64, digits: usize, negative: bool) -> Option<()> {
        let value = value.abs();
        let minutes = if self.mark(0, ':') {
            let (minute, _, None) = self.number(1)? else { return None };
            self.at += 2;
            value * 60 + minute
        } else if digits <= 2 {
            value * 60
        } else {
            value / 100 * 60 + value % 100
        };
        if minutes > 24 * 60 || self.parsed.zone.is_some_and(|zone| zone != 0) {
            return None;
        }
        self.parsed.zone = Some(if negative { -minutes } else { minutes });
        Some(())
    }

    fn verbal(&mut self, word: &str) -> Option<()> {
        self.at += 1;
        match word {
            "now" | "today" => self.parsed.relative = true,
            "yesterday" | "tomorrow" => {
                self.parsed.relative = true;
                self.parsed.days += if word == "tomorrow" { 1 } else { -1 };
            }
            "noon" => return self.set_time(12, 0, 0, 0),
            "midnight" => return self.set_time(0, 0, 0, 0),
            "t" if self.parsed.date.is_some() => {}
            "dst" if self.parsed.zone.is_some() => self.parsed.zone = self.parsed.zone.map(|zone| zone + 60),
            _ => {
                let ordinal = match word {
                    "next" => Some(1),
                    "last" => Some(-1),
                    "this" => Some(0),
                    _ => ORDINALS.iter().position(|ordinal| *ordinal == word).map(|at| at as i64 + 1),
                };
                if let Some(ordinal) = ordinal {
                    if let Some(factor) = self.word(0).and_then(unit) {
                        self.at += 1;
                        return self.shift(ordinal, 0, factor, false);
                    }
                    let day = self.word(0).and_then(weekday)?;
                    self.at += 1;
                    return self.set_day(day, ordinal);
                }
                if let Some(month) = month(word) {
                    return self.month_first(month);
                }
                if let Some(day) = weekday(word) {
                    return self.set_day(day, 0);
                }
                if let Some(factor) = unit(word) {
                    return self.shift(1, 0, factor, false);
                }
                let (_, minutes) = ZONES.iter().find(|(name, _)| *name == word)?;
                if self.parsed.zone.is_some() {
                    return None;
                }
                self.parsed.zone = Some(*minutes);
                if let Some((value, digits, Some(negative))) = self.number(0)
                    && self.word(1).and_then(unit).is_none()
                {
                    self.at += 1;
                    return self.offset(value, digits, negative);
                }
            }
        }
        Some(())
    }

    fn month_first(&mut self, month: i64) -> Option<()> {
        if self.mark(0, '-') {
            self.at += 1;
        }
        let (day, _, _) = self.number(0)?;
        if self.mark(1, ':') {
            return None;
        }
        self.at += 1;
        if matches!(self.word(0), Some("st" | "nd" | "rd" | "th")) {
            return None;
        }
        if self.mark(0, ',') {
            self.at += 1;
        }
        let year = self.year_here();
        self.set_date(year, month, day.abs())
    }

    /// Adds `count` units; `ago` after them takes them away.
    fn shift(&mut self, count: i64, nanos: u32, unit: Unit, negative: bool) -> Option<()> {
        let back = self.word(0) == Some("ago");
        if back || self.word(0) == Some("hence") {
            self.at += 1;
        }
        let count = if back { -count } else { count };
        let parsed = &mut self.parsed;
        parsed.relative = true;
        match unit {
            Unit::Months(factor) => parsed.months = parsed.months.checked_add(count.checked_mul(factor)?)?,
            Unit::Days(factor) => parsed.days = parsed.days.checked_add(count.checked_mul(factor)?)?,
            Unit::Seconds(factor) => {
                parsed.seconds = parsed.seconds.checked_add(count.checked_mul(factor)?)?;
                if factor == 1 {
                    let nanos = i64::from(nanos);
                    parsed.nanos += if back != negative { -nanos } else { nanos };
                }
            }
        }
        Some(())
    }

    fn set_date(&mut self, year: Option<i64>, month: i64, day: i64) -> Option<()> {
        let is_new = self.parsed.date.is_none();
        self.parsed.date = Some((year, month, day));
        is_new.then_some(())
    }

    fn set_time(&mut self, hour: i64, minute: i64, second: i64, nanos: u32) -> Option<()> {
        let is_new = self.parsed.time.is_none();
        self.parsed.time = Some((hour, minute, second, nanos));
        is_new.then_some(())
    }

    fn set_day(&mut self, day: i64, ordinal: i64) -> Option<()> {
        let is_new = self.parsed.day.is_none();
        self.parsed.day = Some((day, ordinal));
        is_new.then_some(())
    }
}

impl Parsed {
    fn resolve(self, now: Instant, zone: Tz) -> Option<Instant> {
        let here = DateTime::from_timestamp(now.0, now.1).filter(|_| is_tellable(now.0))?;
        let here = match self.zone {
            Some(minutes) => here.naive_utc() + chrono::TimeDelta::minutes(minutes),
            None => here.with_timezone(&zone).naive_local(),
        };
        let mut date = match self.date {
            Some((year, month, day)) => {
                let year = year.unwrap_or_else(|| i64::from(here.year()));
                let part = |value: i64| u32::try_from(value).ok();
                NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, part(month)?, part(day)?)?
            }
            None => here.date(),
        };
        let time = match self.time {
            Some((hour, minute, second, nanos)) => {
                let part = |value: i64| u32::try_from(value).ok();
                // A leap second is the next minute's first.
                let second = if second == 60 { 59 } else { second };
                NaiveTime::from_hms_nano_opt(part(hour)?, part(minute)?, part(second)?, nanos)?
            }
            None if self.relative && self.date.is_none() && self.day.is_none() => here.time().with_nanosecond(now.1)?,
            None => NaiveTime::MIN,
        };
        if let (Some((day, ordinal)), None) = (self.day, self.date) {
            let today = i64::from(date.weekday().num_days_from_sunday());
            let weeks = ordinal - i64::from(ordinal > 0 && today != day);
            date = add_days(date, (day - today + 7) % 7 + 7 * weeks)?;
        }
        if self.months != 0 {
            // As mktime does it: the 31st of a shorter month is a day of the next one.
            let first = date.with_day(1)?;
            let months = Months::new(u32::try_from(self.months.unsigned_abs()).ok()?);
            let first =
                if self.months > 0 { first.checked_add_months(months) } else { first.checked_sub_months(months) };
            date = add_days(first?, i64::from(date.day()) - 1)?;
        }
        date = add_days(date, self.days)?;
        if date.year().abs() > 200_000 {
            return None;
        }
        let local = NaiveDateTime::new(date, time);
        let start = match self.zone {
            Some(minutes) => local.and_utc().timestamp() - minutes * 60,
            None => zone.from_local_datetime(&local).earliest()?.timestamp(),
        };
        let nanos = i64::from(time.nanosecond()) + self.nanos;
        let seconds = start.checked_add(self.seconds)?.checked_add(nanos.div_euclid(1_000_000_000))?;
        Some((seconds, u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?))
    }
}

/// Whether a time is far enough from the last that can be computed with.
pub fn is_tellable(seconds: i64) -> bool {
    seconds.abs() < 6_000_000_000_000
}

fn add_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(count) } else { date.checked_add_days(count) }
}

#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Days(i64),
    Seconds(i64),
}

fn unit(word: &str) -> Option<Unit> {
    let singular = word.strip_suffix('s').filter(|_| word.len() > 2).unwrap_or(word);
    Some(match singular {
        "year" => Unit::Months(12),
        "month" => Unit::Months(1),
        "fortnight" => Unit::Days(14),
        "week" => Unit::Days(7),
        "day" => Unit::Days(1),
        "hour" => Unit::Seconds(3600),
        "minute" | "min" => Unit::Seconds(60),
        "second" | "sec" => Unit::Seconds(1),
        _ => return None,
    })
}

fn month(word: &str) -> Option<i64> {
    let at = LONG_MONTHS.iter().position(|name| *name == word).or_else(|| MONTHS.iter().position(|name| *name == word));
    let at = at.or(if word == "sept" { Some(8) } else { None })?;
    Some(at as i64 + 1)
}

fn weekday(word: &str) -> Option<i64> {
    let at = LONG_DAYS.iter().position(|name| *name == word).or_else(|| DAYS.iter().position(|name| *name == word));
    let more = [("tues", 2), ("wednes", 3), ("thur", 4), ("thurs", 4)];
    let at = at.or_else(|| more.iter().find(|(name, _)| *name == word).map(|(_, at)| *at))?;
    Some(at as i64)
}

fn twelve(hour: i64, afternoon: bool) -> Option<i64> {
    (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 })
}

/// Two digits mean 1969 to 2068.
fn century(year: i64, digits: usize) -> i64 {
    match digits {
        1 | 2 if year < 69 => year + 2000,
        1 | 2 => year + 1900,
        _ => year,
    }
}
