//! The changes that an installation is made of, one per file.

mod account;
mod directory;
mod enable;
mod linger;
mod owner;
mod reload;
mod unit_file;

pub(super) use account::{AccountStep, has_account};
pub(super) use directory::DirectoryStep;
pub(super) use enable::EnableStep;
pub(super) use linger::{LingerStep, lingers};
pub(super) use owner::{OwnerStep, chown};
pub(super) use reload::ReloadStep;
pub(super) use unit_file::{Stage, UnitFileStep, stage};
