//! `date`. The clock cannot be set.

use super::call::{Call, Outcome, Stop, Utility};
use super::dates;
use super::quote::quote;
use async_trait::async_trait;
use std::time::{SystemTime, UNIX_EPOCH};

/// The command.
pub struct Date;

const LONG: &str = "date=d file=f iso-8601=I rfc-email=R rfc-2822=R rfc-3339=A reference=r set=s universal=u utc=u \
                    debug=D uct=u";

/// Now.
pub fn now() -> dates::Instant {
    instant(SystemTime::now())
}

/// A file's time.
pub fn instant(time: SystemTime) -> dates::Instant {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos()),
        Err(_) => (0, 0),
    }
}

#[async_trait]
impl Utility for Date {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("d:f:I::Rr:s:u|A:D", LONG).await?;
        if options.has('s') {
            return Err(Stop::Message("cannot set date: Operation not permitted".to_owned()));
        }
        let zone = if options.has('u') { chrono_tz::UTC } else { call.zone() };
        let mut format = None;
        for operand in &options.operands {
            match operand.strip_prefix('+') {
                Some(_) if format.is_some() => {
                    return Err(Stop::Usage(format!("extra operand {}", call.curly(operand))));
                }
                Some(text) => format = Some(text.to_owned()),
                None if options.given.iter().any(|(letter, _)| "dfr".contains(*letter)) => {
                    return Err(Stop::Usage(format!(
                        "the argument {} lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'",
                        quote(operand)
                    )));
                }
                None if format.is_some() => return Err(Stop::Usage(format!("extra operand {}", call.curly(operand)))),
                None => return Err(Stop::Message(format!("invalid date {}", call.curly(operand)))),
            }
        }
        for (letter, value) in &options.given {
            let chosen = match letter {
                'I' => Some(iso(value.as_deref())?),
                'R' => Some("%a, %d %b %Y %H:%M:%S %z"),
                'A' => Some(rfc3339(value.as_deref())?),
                _ => None,
            };
            if let Some(chosen) = chosen {
                if format.is_some() {
                    return Err(Stop::Message("multiple output formats specified".to_owned()));
                }
                format = Some(chosen.to_owned());
            }
        }
        let format = format.unwrap_or_else(|| "%a %b %e %H:%M:%S %Z %Y".to_owned());
        if let Some(file) = options.value('f') {
            let text = call.read(file).await?.map_err(|reason| format!("{file}: {reason}"))?;
            for line in String::from_utf8_lossy(&text).lines() {
                match dates::parse(line, now(), zone) {
                    Some(at) => call.print((dates::format(&format, at, zone) + "\n").as_bytes()).await?,
                    None => call.complain(format!("invalid date {}", call.curly(line))).await?,
                }
            }
            return Ok(0);
        }
        let at = match (options.value('d'), options.value('r')) {
            (Some(text), _) => {
                dates::parse(text, now(), zone).ok_or_else(|| format!("invalid date {}", call.curly(text)))?
            }
            (None, Some(file)) => {
                let found = call.stat(file).await.map_err(|reason| format!("{file}: {reason}"))?;
                instant(found.modified)
            }
            (None, None) => now(),
        };
        call.print((dates::format(&format, at, zone) + "\n").as_bytes()).await?;
        Ok(0)
    }
}

fn iso(precision: Option<&str>) -> Result<&'static str, Stop> {
    let precisions = [
        ("date", "%Y-%m-%d"),
        ("hours", "%Y-%m-%dT%H%:z"),
        ("minutes", "%Y-%m-%dT%H:%M%:z"),
        ("seconds", "%Y-%m-%dT%H:%M:%S%:z"),
        ("ns", "%Y-%m-%dT%H:%M:%S,%N%:z"),
    ];
    pick(precision.unwrap_or("date"), &precisions, "--iso-8601")
}

fn rfc3339(precision: Option<&str>) -> Result<&'static str, Stop> {
    let precisions = [("date", "%Y-%m-%d"), ("seconds", "%Y-%m-%d %H:%M:%S%:z"), ("ns", "%Y-%m-%d %H:%M:%S.%N%:z")];
    pick(precision.unwrap_or_default(), &precisions, "--rfc-3339")
}

fn pick(given: &str, known: &[(&str, &'static str)], option: &str) -> Result<&'static str, Stop> {
    let found = known.iter().find(|(name, _)| !given.is_empty() && name.starts_with(given));
    found.map(|(_, format)| *format).ok_or_else(|| {
        let valid: String = known.iter().map(|(name, _)| format!("\n  - '{name}'")).collect();
        Stop::Usage(format!("invalid argument {} for '{option}'\nValid arguments are:{valid}", quote(given)))
    })
}
