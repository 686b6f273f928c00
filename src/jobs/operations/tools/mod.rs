//! `tools.*`: the calls that an agent makes, answered as text.

mod edit;
mod glob;
mod grep;
mod ls;
mod read;
mod run;
mod say;
mod shell;
mod write;

pub(super) use run::run;
