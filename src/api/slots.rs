//! Room for connections. One that asks for nothing gives way to one that comes in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// How long a connection that was told to leave may take before the next one is told.
const MOMENT: Duration = Duration::from_millis(50);

/// All slots.
pub(super) struct Slots {
    free: Arc<Semaphore>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    by_number: HashMap<u64, Seat>,
    next: u64,
}

struct Seat {
    /// Whether a request ever came.
    begun: bool,
    /// Whether one is being answered.
    busy: bool,
    idle_since: Instant,
    leave: CancellationToken,
}

/// A connection's slot, given back when it is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    number: u64,
    leave: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(number: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(number)), taken: Mutex::default() })
    }

    /// A slot for a connection that has come in. When all are taken, connections that wait for a request are closed, the
    /// longest idle first and those that never asked for anything before all others. Where all are at work, it waits.
    pub(super) async fn take(self: &Arc<Self>) -> Option<Slot> {
        let permit = match self.free.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.make_room().await?,
        };
        let leave = CancellationToken::new();
        let seat = Seat { begun: false, busy: false, idle_since: Instant::now(), leave: leave.clone() };
        let mut taken = self.lock();
        let number = taken.next;
        taken.next += 1;
        taken.by_number.insert(number, seat);
        drop(taken);
        Some(Slot { slots: self.clone(), number, leave, _permit: permit })
    }

    async fn make_room(&self) -> Option<OwnedSemaphorePermit> {
        let mut permit = std::pin::pin!(self.free.clone().acquire_owned());
        loop {
            self.ask_one_to_leave();
            tokio::select! {
                permit = &mut permit => return permit.ok(),
                () = tokio::time::sleep(MOMENT) => {}
            }
        }
    }

    fn ask_one_to_leave(&self) {
        let taken = self.lock();
        let idle = taken.by_number.values().filter(|seat| !seat.busy && !seat.leave.is_cancelled());
        if let Some(seat) = idle.min_by_key(|seat| (seat.begun, seat.idle_since)) {
            seat.leave.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Cancelled when the connection should end as soon as it has nothing to answer.
    pub(super) fn leave(&self) -> &CancellationToken {
        &self.leave
    }

    /// A request has come, or has been answered.
    pub(super) fn set_busy(&self, busy: bool) {
        if let Some(seat) = self.slots.lock().by_number.get_mut(&self.number) {
            seat.begun = true;
            seat.busy = busy;
            seat.idle_since = Instant::now();
        }
    }

    /// Whether a request ever came.
    pub(super) fn begun(&self) -> bool {
        self.slots.lock().by_number.get(&self.number).is_some_and(|seat| seat.begun)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().by_number.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_one_that_never_asked_goes_first_and_one_at_work_stays() {
        let slots = Slots::new(3);
        let (used, working, silent) =
            (slots.take().await.unwrap(), slots.take().await.unwrap(), slots.take().await.unwrap());
        used.set_busy(true);
        used.set_busy(false);
        working.set_busy(true);
        slots.ask_one_to_leave();
        let asked = || [&used, &working, &silent].map(|slot| slot.leave().is_cancelled());
        assert_eq!(asked(), [false, false, true]);
        slots.ask_one_to_leave();
        slots.ask_one_to_leave();
        assert_eq!(asked(), [true, false, true]);
        drop(silent);
        assert!(slots.take().await.is_some());
    }
}
