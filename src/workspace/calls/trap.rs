//! `trap`: the handler is rewritten, and one for `ERR` runs once when `set -e` ends the script, not again in every
//! function on the way out.

use crate::workspace::scripts::Scripts;

/// Set when the handler of `ERR` has run under `set -e`.
pub const ERR_RAN: &str = "_err_trap_ran";

pub(super) fn correct(args: &mut [String], scripts: &Scripts) {
    let args = match args {
        [first, rest @ ..] if first == "--" => rest,
        [first, ..] if first.starts_with('-') => return,
        args => args,
    };
    let [handler, signals @ ..] = args else { return };
    if handler.is_empty() || signals.is_empty() {
        return;
    }
    let new = scripts.rewritten_text(handler).into_owned();
    *handler = new;
    if signals.iter().any(|signal| signal == "ERR") {
        // The first `case` leaves `$?` as it is.
        *handler =
            format!("case $-:${{{ERR_RAN}-}} in *e*:1) ;; *) {handler}\n case $- in *e*) {ERR_RAN}=1 ;; esac ;; esac");
    }
}
