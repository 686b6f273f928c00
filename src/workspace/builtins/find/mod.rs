//! `find` of GNU findutils.

mod check;
mod command;
mod exec;
mod expression;
mod parse;
mod predicate;
mod printf;
mod regex;
mod walk;

pub use command::register;
