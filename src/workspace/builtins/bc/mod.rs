//! `bc` with numbers of any length, functions, arrays and loops.

mod command;
mod lex;
mod math;
mod number;
mod parse;
mod run;
mod show;

pub use command::Bc;
