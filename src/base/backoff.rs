//! Delays between tries: exponential, capped, and never the same twice in a fleet.

use std::time::Duration;

/// Exponential delays with full-range jitter below a cap.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// The longest delay anywhere in the product: an owner who fixes the network sees the node back within a minute.
    pub const CAP: Duration = Duration::from_secs(60);

    /// Delays that start near `first`, double, and stay below [`Backoff::CAP`].
    pub fn new(first: Duration) -> Self {
        Self { first, cap: Self::CAP, failures: 0 }
    }

    /// The same with another cap.
    pub fn capped(first: Duration, cap: Duration) -> Self {
        Self { first, cap, failures: 0 }
    }

    /// The delay before the next try. Grows with every call until [`Backoff::reset`].
    pub fn next_delay(&mut self) -> Duration {
        let exponent = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        jittered(self.first.saturating_mul(1 << exponent).min(self.cap))
    }

    /// Forgets the failures, after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Consecutive failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// `delay` shortened by a random part of up to a fifth, so that a fleet that failed together does not return together.
pub fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(1.0 - rand::random::<f64>() * 0.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_stay_under_the_cap_and_start_over() {
        let mut backoff = Backoff::new(Duration::from_secs(1));
        let delays: Vec<_> = (0..12).map(|_| backoff.next_delay().as_secs_f64()).collect();
        for (n, delay) in delays.iter().enumerate() {
            let full = f64::from(1u32 << n.min(6)).min(60.0);
            assert!((full * 0.8..=full).contains(delay), "try {n}: {delay}");
        }
        backoff.reset();
        assert!(backoff.next_delay() <= Duration::from_secs(1));
    }
}
