//! What a process tells the service manager that started it, in the manager's protocol (`sd_notify`).
//!
//! Only on Linux, and only where `NOTIFY_SOCKET` says that somebody listens. The variables stay in this process: commands
//! that it runs get an environment without them (`src/process/run.rs`).

use std::time::Duration;

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// The service does its work.
    Ready,
    /// How it is, one line for people.
    Status(String),
    /// It goes on.
    Alive,
    /// It ends now.
    Stopping,
    /// Its end takes this much longer.
    MoreTime(Duration),
}

/// The service manager's ear.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ear {
    /// Whether somebody listens.
    pub(super) listens: bool,
    /// It takes the process for stalled after this long without [`Word::Alive`].
    pub(super) watchdog: Option<Duration>,
}

#[cfg(target_os = "linux")]
impl Ear {
    /// The one that the environment names.
    pub(super) fn of_environment() -> Self {
        let listens = std::env::var_os("NOTIFY_SOCKET").is_some_and(|socket| !socket.is_empty());
        Self { listens, watchdog: sd_notify::watchdog_enabled().filter(|patience| listens && !patience.is_zero()) }
    }

    /// Tells it. A manager that does not listen any more is no reason to end.
    pub(super) async fn tell(self, words: Vec<Word>) {
        if !self.listens || words.is_empty() {
            return;
        }
        // A thread of its own: the manager may be slow to read.
        let told = tokio::task::spawn_blocking(move || {
            let states: Vec<_> = words.iter().map(state).collect();
            sd_notify::notify(&states)
        });
        if let Ok(Err(failed)) = told.await {
            tracing::debug!(%failed, "the service manager was not told");
        }
    }
}

#[cfg(target_os = "linux")]
fn state(word: &Word) -> sd_notify::NotifyState<'_> {
    use sd_notify::NotifyState;
    match word {
        Word::Ready => NotifyState::Ready,
        Word::Status(line) => NotifyState::Status(line),
        Word::Alive => NotifyState::Watchdog,
        Word::Stopping => NotifyState::Stopping,
        Word::MoreTime(time) => NotifyState::ExtendTimeoutUsec(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)),
    }
}

#[cfg(not(target_os = "linux"))]
impl Ear {
    /// Nobody listens here.
    pub(super) fn of_environment() -> Self {
        Self { listens: false, watchdog: None }
    }

    /// Says nothing.
    pub(super) async fn tell(self, words: Vec<Word>) {
        drop(words);
    }
}
