//! From the arguments of a call to those that the engine gets.

use super::{real, shell, slurp, trap};
use crate::workspace::scripts::Scripts;
use bashkit::hooks::ToolEvent;
use std::borrow::Cow;

/// Interpreters that scripts name and that are not there. They are commands of ours, so that a script that starts with
/// `#!/usr/bin/env python3` is not run as a shell script.
pub const INTERPRETERS: &[&str] = &[
    "bun", "deno", "lua", "node", "nodejs", "perl", "php", "python", "python2", "python3", "Rscript", "ruby", "tclsh",
];

/// The call that the engine makes in the place of `event`.
pub fn corrected(mut event: ToolEvent, scripts: &Scripts) -> ToolEvent {
    scripts.expect_nothing();
    match event.name.as_str() {
        "bash" | "sh" => shell::correct(&mut event.args, scripts),
        "eval" => {
            let words = event.args.strip_prefix(&["--".to_owned()]).unwrap_or(&event.args);
            let text = words.join(" ");
            if let Cow::Owned(new) = scripts.rewritten_text(&text) {
                event.args = vec![new];
            }
        }
        "trap" => trap::correct(&mut event.args, scripts),
        "source" | "." => {
            if let Some(path) = event.args.first() {
                scripts.expect(path, false);
            }
        }
        "sed" => slurp::correct(&mut event.args),
        "printf" => real::correct(&mut event.args),
        "test" | "[" => same_file(&mut event.args),
        "command" | "type" | "which" => hide(&event.name, &mut event.args),
        _ => {}
    }
    event
}

/// `A -ef B` does not hold for files that are not there.
fn same_file(args: &mut Vec<String>) {
    let operands = args.len() - usize::from(args.last().is_some_and(|last| last == "]"));
    if operands == 3 && args[1] == "-ef" {
        let file = args[0].clone();
        args.splice(3..3, ["-a".to_owned(), "-e".to_owned(), file]);
    }
}

/// Asked for by name, an interpreter that is not there is not found.
fn hide(name: &str, args: &mut [String]) {
    let asks = name != "command" || args.first().is_some_and(|arg| arg.starts_with("-v") || arg.starts_with("-V"));
    for arg in args.iter_mut().filter(|arg| asks && INTERPRETERS.contains(&arg.as_str())) {
        arg.push_str(" (not there)");
    }
}
