//! How many requests are taken from whom: a bucket of tokens for every key and every address.

use crate::wire::v1::{ErrorCode, Failure};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Beyond this many buckets the full ones, which are as good as none, are swept.
const SWEEP_AT: usize = 10_000;

/// How many requests a server takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// From the bearers of one key.
    pub per_key: Rate,
    /// From one address (of IPv6: one network of 64 bits), whatever it shows.
    pub per_address: Rate,
}

/// How many requests in the long run, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// In a second.
    pub per_second: f64,
    /// At once, after a pause.
    pub burst: f64,
}

impl Rate {
    /// So many in a second, and those of two seconds at once.
    pub fn of(per_second: u32) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self { per_second, burst: per_second * 2.0 }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self { per_key: Rate::of(100), per_address: Rate::of(200) }
    }
}

/// The buckets of a server.
pub(super) struct Limits {
    keys: Buckets<&'static str>,
    addresses: Buckets<IpAddr>,
}

impl Limits {
    pub(super) fn new(rates: Rates) -> Self {
        Self { keys: Buckets::new(rates.per_key), addresses: Buckets::new(rates.per_address) }
    }

    /// Takes a request of an address, with the name of the key that it has shown.
    ///
    /// # Errors
    /// After which time the next one is taken.
    pub(super) fn take(&self, address: Option<IpAddr>, key: Option<&'static str>) -> Result<(), Duration> {
        let now = Instant::now();
        if let Some(address) = address {
            self.addresses.take(network(address), now)?;
        }
        match key {
            Some(key) => self.keys.take(key, now),
            None => Ok(()),
        }
    }
}

/// Whoever has one address of such a network has all of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// What a caller who comes too often is told.
pub(super) fn too_many(after: Duration) -> Failure {
    let seconds = whole_seconds(after);
    Failure::new(ErrorCode::TooManyRequests, "too many requests").hint(format!("the next one is taken in {seconds} s"))
}

/// As `Retry-After` has it.
pub(super) fn whole_seconds(after: Duration) -> u64 {
    after.as_secs() + u64::from(after.subsec_nanos() > 0)
}

struct Buckets<K> {
    rate: Rate,
    by_key: Mutex<HashMap<K, Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(rate: Rate) -> Self {
        Self { rate, by_key: Mutex::default() }
    }

    fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let Rate { per_second, burst } = self.rate;
        let tokens = |bucket: &Bucket| {
            let more = now.saturating_duration_since(bucket.filled).as_secs_f64() * per_second;
            (bucket.tokens + more).min(burst)
        };
        let mut buckets = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, bucket| tokens(bucket) < burst);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: burst, filled: now });
        bucket.tokens = tokens(bucket);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / per_second));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_at_once_and_fills_with_time() {
        let buckets = Buckets::new(Rate { per_second: 2.0, burst: 3.0 });
        let begin = Instant::now();
        for _ in 0..3 {
            assert_eq!(buckets.take("a", begin), Ok(()));
        }
        assert_eq!(buckets.take("a", begin), Err(Duration::from_millis(500)));
        assert_eq!(buckets.take("b", begin), Ok(()));
        assert_eq!(buckets.take("a", begin + Duration::from_millis(500)), Ok(()));
        assert!(buckets.take("a", begin + Duration::from_millis(600)).is_err());
        let later = begin + Duration::from_secs(3600);
        assert!((0..3).all(|_| buckets.take("a", later).is_ok()) && buckets.take("a", later).is_err());
    }

    #[test]
    fn a_network_of_one_owner_is_one_address() {
        let limits = Limits::new(Rates { per_key: Rate::of(1000), per_address: Rate { per_second: 0.1, burst: 1.0 } });
        let take = |address: &str| limits.take(Some(address.parse().unwrap()), None).map_err(whole_seconds);
        assert_eq!(take("2001:db8::1"), Ok(()));
        assert_eq!(take("2001:db8::2"), Err(10));
        assert_eq!(take("2001:db8:0:1::1"), Ok(()));
        assert_eq!(take("192.0.2.1"), Ok(()));
        assert_eq!(take("::ffff:192.0.2.1"), Err(10));
        assert_eq!(take("192.0.2.2"), Ok(()));
    }
}
