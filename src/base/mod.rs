//! Small things that any part needs: ids, backoff, retry, shutdown, secrets, atomic files, the embedded database, pins of
//! certificates.
//!
//! Imports nothing of ours. A thing belongs here only when two modules that may not import each other both need it.

mod atomic_file;
mod backoff;
mod case;
mod chunks;
mod database;
mod id;
mod pin;
mod retry;
mod secret;
mod shutdown;
mod signed_token;
mod time;

pub use atomic_file::{create_private_dir, read_private, sync_dir, write_atomic, write_private};
pub use backoff::{Backoff, jittered};
pub use case::snake_case;
pub use chunks::Chunks;
pub use database::{Database, DatabaseError, Durability, WriteGuard};
pub use id::{Fingerprint, hash_token, mint, random_token, sha256_hex};
pub use pin::{NotAPin, Pin};
pub use retry::Retry;
pub use secret::Secret;
pub use shutdown::Shutdown;
pub use signed_token::{SignedTokenError, open_token, sign_token};
pub use time::{unix_ms, unix_seconds};
