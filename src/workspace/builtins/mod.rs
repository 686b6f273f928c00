//! Commands that replace the engine's own where those would cut their output without saying so, differ from GNU's, or
//! endanger the process.

mod apart;
mod bc;
mod call;
mod checksum;
mod chmod;
mod cmp;
mod cp;
mod csplit;
mod date;
mod dates;
mod diff;
mod du;
mod escape;
mod expr;
mod file;
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
mod realpath;
mod register;
mod regular;
mod rm;
mod scripts;
mod seq;
mod split;
mod stat;
mod streams;
mod tar;
mod tee;
mod touch;
mod xargs;
mod yes;

pub(super) use apart::Deadline;
pub(super) use register::register;
pub(super) use scripts::register_for_scripts;
