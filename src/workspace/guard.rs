//! Stops scripts that the engine's own limits let through, before they cost the process.

use super::calls;
use super::scripts::Scripts;
use super::threads::{STACK, stack_used};
use super::towers;
use bashkit::hooks::{HookAction, Interceptor, ToolEvent};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// How much of its stack a script may use when it calls a builtin. The engine limits the nesting of functions, files and
/// syntax, but not that of `eval`; between two calls it uses far less than the rest.
const MAX_STACK: usize = STACK / 16;
/// Commands that may fail for want of a process or a level of nesting. A fork bomb fails at every leaf of its tree.
const MAX_REFUSALS: usize = 64;
/// What the engine says of such a command.
const REFUSALS: &[&[u8]] = &[b"resource limit exceeded: maximum ", b": fork: retry: "];

/// What the engine says when it ends a loop of `sed`, and goes on as if that were right.
const SED: &[u8] = b"sed: warning: branch/label loop limit ";

/// The guard of one shell.
#[derive(Default)]
pub(super) struct Guard {
    stop: OnceLock<Arc<AtomicBool>>,
    reason: OnceLock<&'static str>,
    refusals: AtomicUsize,
    scripts: Arc<Scripts>,
}

impl Guard {
    /// The flag that stops the shell's script.
    pub(super) fn attach(&self, stop: Arc<AtomicBool>) {
        let _ = self.stop.set(stop);
    }

    /// What it hears of scripts.
    pub(super) fn scripts(&self) -> &Arc<Scripts> {
        &self.scripts
    }

    /// A script starts.
    pub(super) fn begin(&self) {
        self.scripts.begin();
        self.refusals.store(0, Ordering::Relaxed);
    }

    /// Why the script was stopped, if it was by this guard. The shell is of no use then.
    pub(super) fn reason(&self) -> Option<&'static str> {
        self.reason.get().copied()
    }

    /// Looks at the stack and at the arguments before every builtin, and corrects the arguments.
    pub(super) fn hook(self: &Arc<Self>) -> Interceptor<ToolEvent> {
        let guard = self.clone();
        Box::new(move |event| {
            let reason = if stack_used() > MAX_STACK {
                "commands are nested too deeply"
            } else if towers::stacks_operators(&event.name, &event.args) {
                "an expression has too many operators"
            } else if event.args.iter().any(|arg| towers::stacks_time(arg.as_bytes())) {
                "`time` is nested too deeply"
            } else if towers::hides_time(&event.name, &event.args) {
                "`time` cannot be part of an alias"
            } else {
                return HookAction::Continue(calls::corrected(event, &guard.scripts));
            };
            guard.trip(reason);
            HookAction::Cancel(reason.to_owned())
        })
    }

    /// Whether the script may go on after it wrote `chunk` to stderr.
    pub(super) fn allows(&self, chunk: &[u8]) -> bool {
        let mut lines = chunk.split(|byte| *byte == b'\n');
        if lines.any(|line| line.starts_with(SED)) {
            self.trip("a loop of `sed` has too many rounds");
            return false;
        }
        let is_refusal = |line: &&[u8]| REFUSALS.iter().any(|text| line.windows(text.len()).any(|part| part == *text));
        let refusals = chunk.split(|byte| *byte == b'\n').take(MAX_REFUSALS + 1).filter(is_refusal).count();
        if self.refusals.fetch_add(refusals, Ordering::Relaxed) + refusals <= MAX_REFUSALS {
            return true;
        }
        self.trip("too many background jobs or too deep recursion");
        false
    }

    fn trip(&self, reason: &'static str) {
        let _ = self.reason.set(reason);
        if let Some(stop) = self.stop.get() {
            stop.store(true, Ordering::SeqCst);
        }
    }
}
