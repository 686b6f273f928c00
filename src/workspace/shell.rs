//! One session's shell: the engine over the session's view of the mounts. Blocking and recursive, so it is only ever
//! used on a script thread.

use super::brace;
use super::builtins::{self, Deadline};
use super::calls;
use super::config::Mode;
use super::guard::Guard;
use super::limits::{self, Sizes};
use super::mount::{self, EngineFilesystem, View};
use super::output::{Output, Stream};
use super::state::Saved;
use super::towers;
use bashkit::{Bash, Error, ExecOptions, ExecutionExtensions, LimitExceeded, SessionLimits, ShellState};
use bytes::Bytes;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::runtime::Runtime;

/// What a script starts with, apart from the session's own state.
pub(super) struct Script {
    pub command: String,
    pub cwd: Option<String>,
    pub env: BTreeMap<String, String>,
    pub stdin: Bytes,
    pub deadline: Option<Instant>,
}

/// How a script ended, as far as the engine knows.
pub(super) enum Ran {
    /// It ran to its end, or to an error of its own; the note belongs on stderr.
    Exited { code: i32, note: String },
    /// The engine stopped it.
    Limit(String),
    /// It was told to stop, from outside or by a full output.
    Stopped,
}

/// What a session's shell is made of.
pub(super) struct Setup {
    pub view: Arc<View>,
    pub limits: Sizes,
    pub home: &'static str,
    pub env: BTreeMap<String, String>,
}

/// A shell between scripts.
pub(super) struct Shell {
    bash: Bash,
    saved: Arc<Saved>,
    guard: Arc<Guard>,
}

impl Shell {
    /// A shell that goes on where `saved` was left.
    pub(super) fn new(setup: &Setup, saved: &Arc<Saved>) -> Self {
        let guard = Arc::new(Guard::default());
        let filesystem = EngineFilesystem::new(setup.view.clone(), setup.limits, guard.scripts().clone());
        let mut builder = Bash::builder()
            .fs(Arc::new(filesystem))
            .username("user")
            .hostname("waypost")
            .env("HOME", setup.home)
            .cwd("/")
            .limits(limits::execution())
            .session_limits(SessionLimits::unlimited())
            .memory_limits(limits::memory())
            .before_tool(guard.hook());
        builder = builtins::register(builder);
        let may_interpret = setup.view.table().mounts().iter().any(|mount| mount.mode == Mode::Exec);
        builder = builtins::register_for_scripts(builder, guard.scripts(), may_interpret);
        for (name, value) in &setup.env {
            builder = builder.env(name, value);
        }
        let mut bash = builder.build();
        guard.attach(bash.cancellation_token());
        let saved = match saved.engine_state() {
            Some(state) => {
                bash.restore_shell_state(&state);
                Saved::from_engine(state)
            }
            None => {
                let mut state = bash.shell_state();
                enter(&mut state, &saved.cwd);
                state.variables.entry("IFS".to_owned()).or_insert_with(|| " \t\n".to_owned());
                bash.restore_shell_state(&state);
                Saved::from_engine(state)
            }
        };
        guard.scripts().know(bash.shell_state().assoc_arrays.keys());
        Self { bash, saved, guard }
    }

    /// The flag that stops the script that runs.
    pub(super) fn stop_flag(&self) -> Arc<AtomicBool> {
        self.bash.cancellation_token()
    }

    /// Runs `script`. The second value is the session's new state when it changed. After anything but
    /// [`Ran::Exited`] the shell must not be used again: the engine does not unwind a script that it stops.
    pub(super) fn run(&mut self, runtime: &Runtime, mut script: Script, output: &Output) -> (Ran, Option<Arc<Saved>>) {
        if let Cow::Owned(new) = self.guard.scripts().rewritten_text(&script.command) {
            script.command = new;
        }
        if let Some(range) = brace::oversized_range(&script.command) {
            let note = format!("bash: {range}: more words than braces may make here; use seq\n");
            return (Ran::Exited { code: 2, note }, None);
        }
        if towers::stacks_time(script.command.as_bytes()) {
            return (
                Ran::Exited { code: 2, note: "bash: syntax error: `time` is nested too deeply\n".to_owned() },
                None,
            );
        }
        let before = match self.prepare(runtime, &script) {
            Ok(before) => before,
            Err(note) => return (Ran::Exited { code: 1, note }, None),
        };
        self.guard.begin();
        let result = runtime.block_on(execute(&mut self.bash, &script, output, &self.guard));
        if let Some(reason) = self.guard.reason() {
            return (Ran::Limit(reason.to_owned()), None);
        }
        let ran = match result {
            Ok(1) if output.ends_with_unset_parameter(&script.command) => {
                Ran::Exited { code: 127, note: String::new() }
            }
            Ok(code) => Ran::Exited { code, note: String::new() },
            Err(error @ Error::Parse { .. }) => {
                let note = error.syntax_report("bash: -c", &script.command).unwrap_or_default();
                Ran::Exited { code: 2, note }
            }
            Err(Error::Cancelled) => return (Ran::Stopped, None),
            Err(Error::ResourceLimit(limit)) if is_syntax_limit(&limit) => {
                Ran::Exited { code: 2, note: format!("bash: {limit}\n") }
            }
            Err(Error::ResourceLimit(limit)) => return (Ran::Limit(limit.to_string()), None),
            Err(_) if output.is_over() => return (Ran::Stopped, None),
            Err(error) => Ran::Exited { code: 1, note: format!("bash: {error}\n") },
        };
        (ran, self.settle(before, &script))
    }

    /// Sets what is only for this script; gives back the state to return to when there is such.
    fn prepare(&mut self, runtime: &Runtime, script: &Script) -> Result<Option<ShellState>, String> {
        if script.cwd.is_none() && script.env.is_empty() {
            return Ok(None);
        }
        let before = self.bash.shell_state();
        let mut state = before.clone();
        if let Some(cwd) = &script.cwd {
            let target = mount::absolute(&before.cwd.join(cwd)).map_err(|e| format!("bash: cd: {cwd}: {e}\n"))?;
            let there = runtime.block_on(self.bash.fs().stat(Path::new(&target)));
            match there.map(|metadata| metadata.file_type.is_dir()) {
                Ok(true) => enter(&mut state, &target),
                Ok(false) => return Err(format!("bash: cd: {cwd}: Not a directory\n")),
                Err(Error::Io(error)) => return Err(format!("bash: cd: {cwd}: {error}\n")),
                Err(error) => return Err(format!("bash: cd: {cwd}: {error}\n")),
            }
        }
        for (name, value) in &script.env {
            state.env.insert(name.clone(), value.clone());
            state.variables.insert(name.clone(), value.clone());
        }
        self.bash.restore_shell_state(&state);
        Ok(Some(before))
    }

    /// Takes back what was only for this script and finds out whether the session changed.
    fn settle(&mut self, before: Option<ShellState>, script: &Script) -> Option<Arc<Saved>> {
        let mut state = self.bash.shell_state();
        if let Some(before) = before {
            for name in script.env.keys() {
                put_back(&mut state.env, &before.env, name);
                put_back(&mut state.variables, &before.variables, name);
                put_back(&mut state.var_attrs, &before.var_attrs, name);
            }
            if script.cwd.is_some() {
                state.cwd = before.cwd.clone();
                put_back(&mut state.variables, &before.variables, "PWD");
                put_back(&mut state.variables, &before.variables, "OLDPWD");
                put_back(&mut state.env, &before.env, "PWD");
                put_back(&mut state.env, &before.env, "OLDPWD");
            }
            self.bash.restore_shell_state(&state);
        }
        if state.variables.remove(calls::ERR_RAN).is_some() {
            self.bash.restore_shell_state(&state);
        }
        if !self.saved.differs(&state) {
            return None;
        }
        self.saved = Saved::from_engine(state);
        Some(self.saved.clone())
    }
}

fn put_back<T: Clone>(
    now: &mut std::collections::HashMap<String, T>,
    before: &std::collections::HashMap<String, T>,
    name: &str,
) {
    match before.get(name) {
        Some(value) => now.insert(name.to_owned(), value.clone()),
        None => now.remove(name),
    };
}

fn enter(state: &mut ShellState, cwd: &str) {
    state.cwd = PathBuf::from(cwd);
    state.variables.insert("PWD".to_owned(), cwd.to_owned());
}

/// A script that cannot be read, rather than one that uses too much.
fn is_syntax_limit(limit: &LimitExceeded) -> bool {
    use LimitExceeded::{AstTooDeep, InputTooLarge, ParserExhausted, ParserTimeout};
    matches!(limit, AstTooDeep(..) | ParserExhausted(..) | ParserTimeout(_) | InputTooLarge(..))
}

async fn execute(bash: &mut Bash, script: &Script, output: &Output, guard: &Guard) -> bashkit::Result<i32> {
    let stopped = || bashkit::Error::Execution("output limit".to_owned());
    let take = |stream| {
        move |chunk: Vec<u8>| {
            let taken = output.write(stream, &chunk) && (stream == Stream::Stdout || guard.allows(&chunk));
            std::future::ready(if taken { Ok(()) } else { Err(stopped()) })
        }
    };
    let extensions = ExecutionExtensions::new().with(Deadline(script.deadline));
    let options = ExecOptions::new().stdin(script.stdin.to_vec()).extensions(extensions);
    let flag = bash.cancellation_token();
    if flag.load(Ordering::Relaxed) {
        return Err(Error::Cancelled);
    }
    let execution = bash.execute(&script.command).options(options);
    Ok(execution.stdout_fn(take(Stream::Stdout)).stderr_fn(take(Stream::Stderr)).await?.exit_code)
}
