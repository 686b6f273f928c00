//! Threads for scripts: a big stack each, because the engine recurses on it, and reused, because starting one costs
//! more than most scripts.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use std::{io, thread};
use tokio::runtime::{Builder, Runtime};

/// Enough for every script that the engine's own depth limits let through, also in a debug build. Only touched pages
/// cost memory.
pub(super) const STACK: usize = 256 << 20;
/// Idle threads that are kept.
const MAX_IDLE: usize = 8;
/// How long one is kept.
const IDLE: Duration = Duration::from_secs(20);

thread_local! {
    /// Where a script thread's stack begins, 0 on any other thread.
    static BASE: Cell<usize> = const { Cell::new(0) };
}

/// Bytes of its stack that a script has used, 0 on any other thread.
pub(super) fn stack_used() -> usize {
    let here = 0_u8;
    let base = BASE.get();
    if base == 0 { 0 } else { base.abs_diff(std::ptr::from_ref(&here).addr()) }
}

type Job = Box<dyn FnOnce(&Runtime) + Send>;

/// The threads of one node. Dropping it ends the idle ones; busy ones end with their script.
#[derive(Default)]
pub struct ScriptThreads {
    idle: Arc<Mutex<Vec<Idle>>>,
    next: AtomicU64,
}

struct Idle {
    id: u64,
    jobs: SyncSender<Job>,
}

impl ScriptThreads {
    /// Runs `job` on a script thread of its own, with a runtime that only it uses. Returns at once.
    ///
    /// # Errors
    /// When the host gives no further thread.
    pub fn run(&self, job: impl FnOnce(&Runtime) + Send + 'static) -> io::Result<()> {
        let mut job: Job = Box::new(job);
        // A thread that is just going away refuses the job; the next one may take it.
        while let Some(thread) = lock(&self.idle).pop() {
            match thread.jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(refused) => job = refused.0,
            }
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let idle = Arc::downgrade(&self.idle);
        let runtime = Builder::new_current_thread().enable_time().thread_stack_size(STACK).build()?;
        let serve = move || serve(id, job, &runtime, &idle);
        thread::Builder::new().name("script".to_owned()).stack_size(STACK).spawn(serve).map(drop)
    }
}

fn serve(id: u64, mut job: Job, runtime: &Runtime, idle: &Weak<Mutex<Vec<Idle>>>) {
    BASE.set(std::ptr::from_ref(&id).addr());
    let (sender, receiver) = sync_channel::<Job>(1);
    loop {
        // The job's answer is a channel that its panic closes; the thread itself is fine.
        let _ = catch_unwind(AssertUnwindSafe(|| job(runtime)));
        let Some(threads) = idle.upgrade() else { return };
        {
            let mut idle = lock(&threads);
            if idle.len() >= MAX_IDLE {
                return;
            }
            idle.push(Idle { id, jobs: sender.clone() });
        }
        drop(threads);
        job = match receiver.recv_timeout(IDLE) {
            Ok(job) => job,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let Some(threads) = idle.upgrade() else { return };
                let mut waiting = lock(&threads);
                let before = waiting.len();
                waiting.retain(|thread| thread.id != id);
                if waiting.len() < before {
                    return;
                }
                drop(waiting);
                // Someone took this thread from the list meanwhile: a job is on its way.
                match receiver.recv_timeout(IDLE) {
                    Ok(job) => job,
                    Err(_) => return,
                }
            }
        };
    }
}

fn lock(idle: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_panic_in_a_job_costs_only_that_job() {
        let threads = ScriptThreads::default();
        let (sender, receiver) = channel();
        threads.run(|_| panic!("expected by the test")).unwrap();
        threads.run(move |_| sender.send(1).unwrap()).unwrap();
        assert_eq!(receiver.recv().unwrap(), 1);
    }
}
