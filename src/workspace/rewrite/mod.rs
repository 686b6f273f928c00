//! Rewrites a script into one that the engine runs as bash would run the original.
//!
//! Only what the engine is known to get wrong is touched, each rule beside its reason; everything else is copied byte for
//! byte, and no line is added or removed, so that line numbers stay. A text that cannot be followed, or whose rewritten
//! form the engine cannot parse, is left as it is.

mod braces;
mod commands;
mod compounds;
mod documents;
mod encode;
mod parameter;
mod scan;
mod script;
#[cfg(test)]
mod tests;

pub(super) use commands::{EXPORT, SOURCE};
pub(super) use encode::quoted;
pub(super) use script::{rewritten, rewritten_bytes};
