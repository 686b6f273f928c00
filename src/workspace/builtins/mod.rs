//! Commands that replace the engine's own where those would cut their output without saying so, differ from GNU's, or
//! endanger the process.

mod apart;
mod bc;
mod call;
mod cp;
mod date;
mod dates;
mod diff;
mod escape;
mod expr;
mod glob;
mod gzip;
mod human;
mod jq;
mod ln;
mod ls;
mod mkdir;
mod mode;
mod mv;
mod options;
mod patch;
mod paths;
mod quote;
mod register;
mod regular;
mod rm;
mod scripts;
mod seq;
mod stat;
mod streams;
mod tar;
mod touch;
mod yes;

pub(super) use apart::Deadline;
pub(super) use register::register;
pub(super) use scripts::register_for_scripts;
