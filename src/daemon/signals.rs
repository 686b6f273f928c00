//! Signals that end a role: the first drains, the second aborts.

use crate::base::Shutdown;

/// Advances `shutdown` at every interrupt or termination signal, for as long as the process lives.
pub fn on_signals(shutdown: Shutdown) {
    tokio::spawn(async move {
        let mut signals = Signals::new();
        loop {
            signals.next().await;
            match shutdown.advance() {
                "drain" => tracing::info!("draining: no new work, what runs may finish; once more to abort"),
                _ => tracing::warn!("aborting what still runs"),
            }
        }
    });
}

/// Registered once: a signal that comes while another is handled is not missed.
#[cfg(unix)]
struct Signals {
    both: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self { both: signal(SignalKind::terminate()).ok().zip(signal(SignalKind::interrupt()).ok()) }
    }

    async fn next(&mut self) {
        let Some((terminate, interrupt)) = &mut self.both else {
            // Without handlers the signals end the process by themselves.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
