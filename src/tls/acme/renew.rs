//! Keeps a certificate of an authority good: renewed when a third of its life is left.

use crate::base::{Backoff, jittered};
use crate::tls::shelf::now;
use crate::tls::{Report, Shelf, Shown, TlsError};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// After a first failure. Authorities allow a few failures an hour.
const FIRST_RETRY: Duration = Duration::from_secs(60);
/// The longest pause after failures.
const LAST_RETRY: Duration = Duration::from_secs(6 * 3600);
/// A machine may sleep: the clock is looked at again after this.
const LOOK: Duration = Duration::from_secs(60);

/// How the authority finds out that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// By a request to port 80 of the name.
    Http01 {
        /// Where that request arrives; listened to while an order lasts.
        listen: SocketAddr,
    },
    /// By a handshake with port 443 of the name, which arrives at the direct listener itself.
    TlsAlpn01,
}

/// Who issues certificates, for which names, and where they are kept.
#[derive(Debug, Clone)]
pub struct Acme {
    /// The URL of its directory.
    pub directory: String,
    /// Where it may write to; none is allowed.
    pub email: Option<String>,
    /// DNS names of the listener.
    pub names: Vec<String>,
    /// A private directory for the account and the certificate.
    pub dir: PathBuf,
    /// For calls to the authority.
    pub http: reqwest::Client,
    /// How it finds out.
    pub challenge: Challenge,
}

impl Acme {
    pub(super) fn failed(&self, failed: &dyn std::fmt::Display) -> TlsError {
        TlsError::Authority { directory: self.directory.clone(), problem: failed.to_string() }
    }
}

/// Gets and renews a certificate.
#[derive(Debug)]
pub struct AcmeLoop {
    acme: Acme,
    shelf: Arc<Shelf>,
    report: Report,
    /// What is shown now, and when it is to be renewed, seconds since 1970 UTC.
    now: Option<(Shown, i64)>,
    failures: Backoff,
}

impl AcmeLoop {
    /// Shows the certificate that is kept, if one is.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn begin(acme: Acme, shelf: Arc<Shelf>, report: Report) -> Result<Self, TlsError> {
        crate::base::create_private_dir(&acme.dir).map_err(TlsError::io(&acme.dir))?;
        let failures = Backoff::capped(FIRST_RETRY, LAST_RETRY);
        let mut this = Self { acme, shelf, report, now: None, failures };
        match this.acme.stored()? {
            Some(key) => this.show(key),
            None => {
                this.report.bad("ordering", format!("there is no certificate yet: {} is asked", this.acme.directory))
            }
        }
        Ok(this)
    }

    /// Renews until `end`.
    pub async fn run(mut self, end: CancellationToken) {
        loop {
            let pause = self.due_in();
            if pause.is_zero() {
                let pause = tokio::select! {
                    () = end.cancelled() => return,
                    pause = self.step() => pause,
                };
                tokio::select! {
                    () = end.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            } else {
                tokio::select! {
                    () = end.cancelled() => return,
                    () = tokio::time::sleep(pause.min(LOOK)) => {}
                }
            }
        }
    }

    fn due_in(&self) -> Duration {
        let due = self.now.as_ref().map_or(0, |(_, due)| *due);
        Duration::from_secs(u64::try_from(due - now()).unwrap_or(0))
    }

    /// One order; how long to wait after it.
    async fn step(&mut self) -> Duration {
        let ordered = match self.acme.order(&self.shelf).await {
            Ok(issued) => self.acme.store(&issued.chain, &issued.key),
            Err(failed) => Err(failed),
        };
        match ordered {
            Ok(key) => {
                self.failures.reset();
                self.show(key);
                tracing::info!(names = ?self.acme.names, directory = self.acme.directory, "a certificate was issued");
                Duration::ZERO
            }
            Err(failed) => {
                let pause = self.failures.next_delay();
                tracing::warn!(%failed, again_in_s = pause.as_secs(), "no certificate was issued");
                let (reason, standing) = match self.now.as_ref().and_then(|(shown, _)| shown.left()) {
                    Some(left) if left <= 0 => ("expired", "the one there is has expired"),
                    Some(_) => ("renewal_failing", "the one there is still holds"),
                    None => ("not_issued", "there is none yet"),
                };
                let message = format!("{failed}; {standing}; tried again in {} min", pause.as_secs().div_ceil(60));
                self.report.bad(reason, message);
                pause
            }
        }
    }

    fn show(&mut self, key: rustls::sign::CertifiedKey) {
        let shown = self.shelf.put(key);
        let due = renewal(&shown);
        let message = format!("issued by {} for {}", self.acme.directory, self.acme.names.join(", "));
        if due > now() {
            self.report.good("issued", message);
        } else {
            self.report.bad("renewing", format!("{message}; it is being renewed"));
        }
        self.now = Some((shown, due));
    }
}

/// When a third of its life is left, or up to a fifteenth earlier: a fleet that was set up together does not renew together.
/// One whose dates cannot be read is renewed after a day.
fn renewal(shown: &Shown) -> i64 {
    let (Some(begin), Some(end)) = (shown.not_before, shown.not_after) else { return now() + 86_400 };
    let third = Duration::from_secs(u64::try_from((end - begin) / 3).unwrap_or(0));
    let early = third - jittered(third);
    end - i64::try_from((third + early).as_secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Pin;

    #[test]
    fn it_is_renewed_when_a_third_of_its_life_is_left() {
        let shown = |begin, end| Shown { pin: Pin::of(b""), self_signed: false, not_before: begin, not_after: end };
        for _ in 0..100 {
            let due = renewal(&shown(Some(1_000_000), Some(1_000_000 + 90 * 86_400)));
            let day = (due - 1_000_000) / 86_400;
            assert!((54..=60).contains(&day), "{day}");
        }
        assert!(renewal(&shown(None, None)) > now());
    }
}
