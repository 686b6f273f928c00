//! What builtins are called with, changed where the engine would read it otherwise than bash.

mod correct;
mod real;
mod shell;
mod slurp;
mod trap;

pub(super) use correct::{INTERPRETERS, corrected};
pub(super) use trap::ERR_RAN;
