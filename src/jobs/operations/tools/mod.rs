//! `tools.*`: the calls that an agent makes, answered as text.

mod run;

pub(super) use run::run;
