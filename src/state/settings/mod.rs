//! Settings of the daemon and of the commands that call one: `config.toml`, the environment, and what stands in for both.

mod error;
mod file;
mod key;
mod resolved;
mod value;

pub use error::SettingsError;
pub use file::SettingsFile;
pub use key::{KEYS, Key};
pub use resolved::{Origin, Setting, Settings};
