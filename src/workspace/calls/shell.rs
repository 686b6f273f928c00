//! `bash` and `sh`: their text is rewritten, and they have the exported functions.

use crate::workspace::scripts::Scripts;
use crate::workspace::towers;

pub(super) fn correct(args: &mut Vec<String>, scripts: &Scripts) {
    if let Some(seen) = towers::script_in_sight(args) {
        *args = seen;
    }
    let (mut at, mut is_text) = (0, false);
    while let Some(arg) = args.get(at) {
        match arg.as_str() {
            "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file" => at += 1,
            "--" | "-" => {
                at += 1;
                break;
            }
            long if long.starts_with("--") => {}
            short if short.starts_with(['-', '+']) => is_text |= short.contains('c'),
            _ => break,
        }
        at += 1;
    }
    let Some(operand) = args.get_mut(at) else { return };
    if is_text {
        *operand = scripts.functions() + &scripts.rewritten_text(operand);
    } else {
        scripts.expect(operand, true);
    }
}
