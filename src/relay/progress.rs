//! Whether the loops that keep the node joined go on: each says before every wait how long it will be at most. Whoever looks
//! after the process feeds its watchdog only while they keep that.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much longer than it said a wait may take: a busy machine, a slow disk.
const SLACK: Duration = Duration::from_secs(10);

/// A loop that is looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watched {
    Heartbeat,
    Poll,
}

impl Watched {
    fn name(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::Poll => "poll",
        }
    }
}

/// When the loops last said that they go on.
#[derive(Debug, Default)]
pub struct Progress {
    turns: Mutex<[Option<Turn>; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    begun: Instant,
    longest: Duration,
}

/// A loop that does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Which.
    pub name: &'static str,
    /// Since when nothing was heard of it.
    pub quiet: Duration,
}

impl Progress {
    /// A loop goes on, and says so again within `longest`.
    pub(super) fn turn(&self, which: Watched, longest: Duration) {
        self.lock()[which as usize] = Some(Turn { begun: Instant::now(), longest });
    }

    /// A loop has ended, or waits for another one that is looked after itself.
    pub(super) fn rest(&self, which: Watched) {
        self.lock()[which as usize] = None;
    }

    /// Lets a loop rest when it ends, however that happens. One that broke off by a fault does not rest.
    pub(super) fn guard(&self, which: Watched) -> Rests<'_> {
        Rests { progress: self, which }
    }

    /// A loop that should have said something by now.
    pub fn stalled(&self) -> Option<Stall> {
        self.stalled_at(Instant::now())
    }

    fn stalled_at(&self, now: Instant) -> Option<Stall> {
        let turns = *self.lock();
        [Watched::Heartbeat, Watched::Poll].into_iter().find_map(|which| {
            let turn = turns[which as usize]?;
            let quiet = now.saturating_duration_since(turn.begun);
            (quiet > turn.longest.saturating_add(SLACK)).then(|| Stall { name: which.name(), quiet })
        })
    }

    fn lock(&self) -> MutexGuard<'_, [Option<Turn>; 2]> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Progress::guard`].
pub(super) struct Rests<'a> {
    progress: &'a Progress,
    which: Watched,
}

impl Drop for Rests<'_> {
    fn drop(&mut self) {
        // A loop that panicked is as good as stalled: nobody beats or polls any more.
        if !std::thread::panicking() {
            self.progress.rest(self.which);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_breaks_its_word_is_stalled_and_one_that_rests_is_not() {
        let progress = Progress::default();
        let now = Instant::now();
        let later = |seconds: u64| now + SLACK + Duration::from_secs(seconds);
        assert_eq!(progress.stalled_at(later(1000)), None);
        progress.turn(Watched::Heartbeat, Duration::from_secs(60));
        progress.turn(Watched::Poll, Duration::from_secs(30));
        assert_eq!(progress.stalled_at(later(29)), None);
        assert_eq!(progress.stalled_at(later(32)).map(|stall| stall.name), Some("poll"));
        progress.rest(Watched::Poll);
        assert_eq!(progress.stalled_at(later(59)), None);
        let stall = progress.stalled_at(later(62)).unwrap();
        assert!(stall.name == "heartbeat" && stall.quiet >= Duration::from_secs(60), "{stall:?}");
        progress.turn(Watched::Heartbeat, Duration::from_secs(60));
        assert_eq!(progress.stalled(), None);
    }

    #[test]
    fn a_loop_that_breaks_off_does_not_rest() {
        let progress = Progress::default();
        progress.turn(Watched::Poll, Duration::ZERO);
        let broke_off = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _rests = progress.guard(Watched::Poll);
            panic!("as told");
        }));
        assert!(broke_off.is_err());
        let much_later = Instant::now() + SLACK * 2;
        assert!(progress.stalled_at(much_later).is_some());
        drop(progress.guard(Watched::Poll));
        assert_eq!(progress.stalled_at(much_later), None);
    }
}
