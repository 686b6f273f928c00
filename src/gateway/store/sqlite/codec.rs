//! Between the port's types and what SQLite holds: 64-bit signed integers and JSON text.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A count or duration as SQLite holds it. Durations stay below 30,000 years, so that adding one to a time cannot overflow.
pub fn int(value: u64) -> i64 {
    const LIMIT: i64 = 1_000_000_000_000_000;
    i64::try_from(value).map_or(LIMIT, |value| value.min(LIMIT))
}

/// A count that was written by [`int`].
pub fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// JSON text of a value.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|failed| sqlx::Error::Encode(failed.into()))
}

/// The value of JSON text that this store wrote.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(text).map_err(|failed| sqlx::Error::Decode(failed.into()))
}

/// The error for a word in the database that this version does not know.
pub fn unknown_word(column: &str, word: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} holds {word:?}, which this version does not know").into())
}
