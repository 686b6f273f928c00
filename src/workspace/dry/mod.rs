//! A script that is only read: what it would read and write, and which commands it has. Nothing of it runs, not even the
//! substitutions in it, and nothing is written.

mod cost;
mod explain;
mod glob;
mod leaf;
mod operands;
mod provision;
mod run;
mod scope;
mod word;

pub use cost::{Cost, Estimate, Precision};
pub use explain::{Explained, ExplainedWord};
