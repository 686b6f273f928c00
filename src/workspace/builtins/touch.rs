//! `touch`. The mounts keep one time per file, that of the last change; `-a` alone changes none.

use super::call::{Call, Outcome, Stop, Utility, reason, system_time};
use super::date::{instant, now};
use super::dates;
use super::quote::quote;
use async_trait::async_trait;
use chrono::{Datelike, TimeZone};

/// The command.
pub struct Touch;

const LONG: &str = "no-create=c date=d no-dereference=h reference=r time=T";

#[async_trait]
impl Utility for Touch {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("acd:fhmr:t:|T:", LONG).await?;
        let mut base = now();
        if let Some(file) = options.value('r') {
            let found = call.stat(file).await;
            let found = found.map_err(|reason| format!("failed to get attributes of {}: {reason}", quote(file)))?;
            base = instant(found.modified);
        }
        let zone = call.zone();
        let at = match (options.value('d'), options.value('t')) {
            (Some(_), Some(_)) => {
                return Err(Stop::Usage("cannot specify times from more than one source".to_owned()));
            }
            (Some(text), None) => {
                dates::parse(text, base, zone).ok_or_else(|| format!("invalid date format {}", call.curly(text)))?
            }
            (None, Some(text)) => {
                stamp(text, zone).ok_or_else(|| format!("invalid date format {}", call.curly(text)))?
            }
            (None, None) => base,
        };
        if options.operands.is_empty() {
            return Err(Stop::Usage("missing file operand".to_owned()));
        }
        let accessed_only = options.has('a') && !options.has('m')
            || matches!(options.value('T'), Some("access" | "atime" | "use")) && !options.has('m');
        let time = system_time(at.0, at.1);
        for operand in &options.operands {
            if operand == "-" {
                continue;
            }
            let found = if options.has('h') { call.lstat(operand).await } else { call.stat(operand).await };
            let path = call.path(operand);
            let done = match found {
                Ok(_) if accessed_only => Ok(()),
                Ok(_) => call.ctx.fs.set_modified_time(&path, time).await.map_err(|error| reason(&error)),
                Err(_) if options.has('c') || options.has('h') => Ok(()),
                Err(reason) if reason != "No such file or directory" => Err(reason),
                Err(_) => match call.write(operand, b"").await {
                    Ok(()) => call.ctx.fs.set_modified_time(&path, time).await.map_err(|error| reason(&error)),
                    // A slash at the end, and nothing there.
                    Err(reason) if operand.ends_with('/') && reason == "Not a directory" => {
                        Err("No such file or directory".to_owned())
                    }
                    Err(reason) => Err(reason),
                },
            };
            if let Err(reason) = done {
                call.complain(format!("cannot touch {}: {reason}", quote(operand))).await?;
            }
        }
        Ok(0)
    }
}

/// `[[CC]YY]MMDDhhmm[.ss]`.
fn stamp(text: &str, zone: chrono_tz::Tz) -> Option<dates::Instant> {
    let (digits, seconds) = text.split_once('.').map_or((text, "00"), |(digits, seconds)| (digits, seconds));
    if !digits.bytes().chain(seconds.bytes()).all(|byte| byte.is_ascii_digit()) || seconds.len() != 2 {
        return None;
    }
    let (year, rest) = match digits.len() {
        8 => (chrono::Utc::now().year(), digits),
        10 => {
            let year: i32 = digits[..2].parse().ok()?;
            (if year < 69 { year + 2000 } else { year + 1900 }, &digits[2..])
        }
        12 => (digits[..4].parse().ok()?, &digits[4..]),
        _ => return None,
    };
    let part = |at: usize| rest[at..at + 2].parse::<u32>().ok();
    let date = chrono::NaiveDate::from_ymd_opt(year, part(0)?, part(2)?)?;
    let time = date.and_hms_opt(part(4)?, part(6)?, seconds.parse().ok()?)?;
    Some((zone.from_local_datetime(&time).earliest()?.timestamp(), 0))
}
