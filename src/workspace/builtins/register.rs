//! The list of our own commands.

use super::{Bc, Jq, Mv, Seq, Yes};
use bashkit::BashBuilder;

/// Puts our commands in the place of the engine's, one line each.
pub(in crate::workspace) fn register(builder: BashBuilder) -> BashBuilder {
    builder.command("bc", Bc).command("jq", Jq).command("mv", Mv).command("seq", Seq).command("yes", Yes)
}
