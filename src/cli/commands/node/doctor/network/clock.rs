//! Whether this machine's clock agrees with the gateway's.

use super::super::check::Check;
use crate::base::unix_ms;
use crate::client::Answer;

/// Seconds that a certificate or a log's reader may notice.
const MUCH: i64 = 60;

pub fn check(answer: &Result<Answer, String>) -> Check {
    match answer {
        Err(_) => Check::note("clock", "not compared: the gateway does not answer"),
        Ok(Answer { date: None, .. }) => Check::note("clock", "not compared: the answer has no date"),
        Ok(Answer { date: Some(theirs), .. }) => judge(unix_ms() / 1000, *theirs),
    }
}

fn judge(ours: i64, theirs: i64) -> Check {
    let off = ours - theirs;
    let fix = "set this machine's clock, best by network time (`timedatectl set-ntp true`), or the gateway's";
    match off {
        _ if off.abs() <= MUCH => Check::good("clock", "agrees with the gateway's"),
        1.. => Check::warning("clock", format!("{} ahead of the gateway's", span(off)), fix),
        _ => Check::warning("clock", format!("{} behind the gateway's", span(-off)), fix),
    }
}

fn span(seconds: i64) -> String {
    let span = std::time::Duration::from_secs(seconds.unsigned_abs());
    humantime::format_duration(span).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_nothing_and_an_hour_is_said_with_its_direction() {
        assert!(judge(1000, 1060).ok);
        let ahead = judge(7200, 0);
        assert!(ahead.warning && ahead.message == "2h ahead of the gateway's", "{ahead:?}");
        assert!(judge(0, 90).message.contains("behind"));
    }
}
