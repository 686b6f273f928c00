//! How long a poll may be held, learned from what lies between node and gateway.

use std::time::Duration;

/// After so many polls that were held to their end, a longer one is tried.
const CLEAN: u32 = 20;

/// The hold in use.
#[derive(Debug)]
pub(super) struct Hold {
    current: Duration,
    longest: Duration,
    shortest: Duration,
    clean: u32,
    /// What it was before a cut that may yet turn out to be the gateway's end.
    before_cut: Option<Duration>,
}

impl Hold {
    pub(super) fn new(longest: Duration, shortest: Duration) -> Self {
        Self { current: longest, longest, shortest: shortest.min(longest), clean: 0, before_cut: None }
    }

    pub(super) fn current(&self) -> Duration {
        self.current
    }

    /// Whether it is shorter than wanted.
    pub(super) fn learned(&self) -> bool {
        self.current < self.longest
    }

    /// A held poll was cut after `elapsed`: holds end before that from now on. False when it was cut too early to be the
    /// work of something that limits requests.
    pub(super) fn cut(&mut self, elapsed: Duration) -> bool {
        if elapsed < self.shortest || self.before_cut.is_some() {
            return false;
        }
        self.before_cut = Some(self.current);
        self.current = elapsed.mul_f64(0.8).clamp(self.shortest, self.current);
        self.clean = 0;
        true
    }

    /// The next poll did not get through either: it was not a limit, the gateway was gone.
    pub(super) fn unreachable(&mut self) {
        if let Some(before) = self.before_cut.take() {
            self.current = before;
        }
    }

    /// A poll was answered after `elapsed`.
    pub(super) fn answered(&mut self, elapsed: Duration) {
        self.before_cut = None;
        if elapsed.as_secs_f64() >= self.current.as_secs_f64() * 0.9 {
            self.clean += 1;
        }
        if self.clean >= CLEAN {
            self.clean = 0;
            self.current = self.current.mul_f64(1.25).min(self.longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_learned_unless_the_gateway_was_gone() {
        let second = Duration::from_secs(1);
        let mut hold = Hold::new(25 * second, 2 * second);
        assert!(!hold.cut(second / 2));
        assert!(hold.cut(10 * second));
        assert_eq!(hold.current(), 8 * second);
        hold.unreachable();
        assert_eq!(hold.current(), 25 * second);

        assert!(hold.cut(10 * second));
        hold.answered(8 * second);
        assert_eq!(hold.current(), 8 * second);
        for _ in 0..CLEAN {
            hold.answered(8 * second);
        }
        assert_eq!(hold.current(), 10 * second);
        assert!(hold.cut(2 * second));
        assert_eq!(hold.current(), 2 * second);
    }
}
