//! The command. The engine runs commands for a builtin only one after the other and does not say how each ended, so one
//! with `-exec` becomes a loop: one command walks up to where `-exec` is reached, the next runs what that says.

use super::super::call::{Call, Gnu, Outcome, Stop, Utility};
use super::parse::parse;
use super::walk::Walk;
use async_trait::async_trait;
use bashkit::{BashBuilder, Builtin, BuiltinContext, ExecResult, ExecutionPlan, Result, SubCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Walks: `all ARGS`, `begin ID ARGS`, `missing ID NAME`, `next ID`, `failed ID`, `end ID`.
const WALK: &str = "__find";
/// Runs the command that a walk has come to: `ID`.
const RUN: &str = "__find_run";
/// As many walks as may be on their way in one session; scripts that were stopped leave theirs.
const MAX_WALKS: usize = 1024;

/// Adds the command and what it is made of.
pub fn register(builder: BashBuilder) -> BashBuilder {
    let walks = Walks::default();
    builder
        .builtin("find", Box::new(Find { walks: walks.clone() }))
        .command(WALK, Gnu(Step { walks: walks.clone() }))
        .builtin(RUN, Box::new(Run { walks }))
}

/// The walks that are on their way.
#[derive(Clone, Default)]
struct Walks(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    last: u64,
    walks: BTreeMap<u64, Held>,
}

/// A walk between two commands.
struct Held {
    walk: Option<Walk>,
    missing: BTreeSet<String>,
    /// The last command failed.
    failed: bool,
    /// The exit code so far.
    code: i32,
}

impl Walks {
    fn add(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.last += 1;
        let id = state.last;
        if state.walks.len() >= MAX_WALKS {
            state.walks.pop_first();
        }
        state.walks.insert(id, Held { walk: None, missing: BTreeSet::new(), failed: false, code: 0 });
        id
    }

    fn with<T>(&self, id: &str, work: impl FnOnce(&mut Held) -> T) -> Option<T> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.walks.get_mut(&id.parse().ok()?).map(work)
    }

    fn remove(&self, id: &str) -> Option<Held> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.walks.remove(&id.parse().ok()?)
    }
}

/// `find` as it is called.
struct Find {
    walks: Walks,
}

#[async_trait]
impl Builtin for Find {
    async fn execute(&self, _: BuiltinContext<'_>) -> Result<ExecResult> {
        Ok(ExecResult::default())
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let is_exec = |arg: &String| matches!(arg.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir");
        let (name, args) = if ctx.args.iter().any(is_exec) {
            ("eval", vec![script(self.walks.add(), ctx.args)])
        } else {
            (WALK, std::iter::once("all".to_owned()).chain(ctx.args.iter().cloned()).collect())
        };
        let command = SubCommand { name: name.to_owned(), args, stdin: None, assignments: Vec::new() };
        Ok(Some(ExecutionPlan::Batch { commands: vec![command] }))
    }
}

/// The loop of a walk that runs commands.
fn script(id: u64, args: &[String]) -> String {
    let words: Vec<String> = args.iter().map(|arg| quote(arg)).collect();
    let mut script = String::from("( ");
    let commands = args.windows(2).filter(|pair| matches!(pair[0].as_str(), "-exec" | "-execdir"));
    let names: BTreeSet<&String> = commands.map(|pair| &pair[1]).filter(|name| !name.contains("{}")).collect();
    for name in names.into_iter().map(|name| quote(name)) {
        let _ = write!(script, "command -v {name} >/dev/null || [ -e {name} ] || {WALK} missing {id} {name}; ");
    }
    let _ = write!(
        script,
        "if {WALK} begin {id} {}; then {RUN} {id} || {WALK} failed {id}; while {WALK} next {id}; do {RUN} {id} || {WALK} \
         failed {id}; done; fi; {WALK} end {id} ) </dev/null",
        words.join(" ")
    );
    script
}

/// [`WALK`].
struct Step {
    walks: Walks,
}

#[async_trait]
impl Utility for Step {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let args = call.ctx.args;
        match args {
            [verb, args @ ..] if verb == "all" => match begun(call, args).await? {
                Begun::Answered => Ok(0),
                Begun::Wrong => Ok(1),
                Begun::Walk(mut walk) => {
                    walk.advance(call, false).await?;
                    Ok(call.failed)
                }
            },
            [verb, id, args @ ..] if verb == "begin" => match begun(call, args).await? {
                Begun::Answered => Ok(1),
                Begun::Wrong => {
                    self.walks.with(id, |held| held.code = 1);
                    Ok(1)
                }
                Begun::Walk(mut walk) => {
                    let missing = self.walks.with(id, |held| std::mem::take(&mut held.missing));
                    walk.commands.missing = missing.unwrap_or_default();
                    self.advance(call, id, *walk, false).await
                }
            },
            [verb, id] if verb == "next" => {
                let taken = self.walks.with(id, |held| (held.walk.take(), std::mem::take(&mut held.failed)));
                match taken {
                    Some((Some(walk), failed)) => self.advance(call, id, walk, failed).await,
                    _ => Ok(1),
                }
            }
            [verb, id] if verb == "failed" => {
                self.walks.with(id, |held| held.failed = true);
                Ok(0)
            }
            [verb, id, name] if verb == "missing" => {
                self.walks.with(id, |held| held.missing.insert(name.clone()));
                Ok(0)
            }
            [verb, id] if verb == "end" => Ok(self.walks.remove(id).map_or(1, |held| held.code)),
            _ => Err(Stop::Message("is a part of find".to_owned())),
        }
    }
}

impl Step {
    /// 0 when there is a command to run.
    async fn advance(&self, call: &mut Call<'_>, id: &str, mut walk: Walk, failed: bool) -> Outcome {
        let more = walk.advance(call, failed).await?;
        let code = std::mem::take(&mut call.failed);
        self.walks.with(id, |held| {
            held.code |= code;
            held.walk = more.then_some(walk);
        });
        Ok(i32::from(!more))
    }
}

/// What the arguments came to.
enum Begun {
    Walk(Box<Walk>),
    Answered,
    Wrong,
}

async fn begun(call: &mut Call<'_>, args: &[String]) -> std::result::Result<Begun, Stop> {
    match args.iter().map(String::as_str).find(|arg| matches!(*arg, "--help" | "-help" | "--version" | "-version")) {
        Some("--help" | "-help") => {
            call.print(b"Usage: find [-H] [-L] [-P] [path...] [expression]\n").await?;
            return Ok(Begun::Answered);
        }
        Some(_) => {
            call.print(format!("find (waypost) {}\n", env!("CARGO_PKG_VERSION")).as_bytes()).await?;
            return Ok(Begun::Answered);
        }
        None => {}
    }
    match parse(call, args).await {
        Ok(expression) => {
            for warning in &expression.warnings {
                call.error(format!("find: {warning}\n").as_bytes()).await?;
            }
            Ok(Begun::Walk(Box::new(Walk::new(expression))))
        }
        Err(wrong) => {
            call.error(format!("find: {wrong}\n").as_bytes()).await?;
            Ok(Begun::Wrong)
        }
    }
}

/// [`RUN`].
struct Run {
    walks: Walks,
}

#[async_trait]
impl Builtin for Run {
    async fn execute(&self, _: BuiltinContext<'_>) -> Result<ExecResult> {
        Ok(ExecResult::err(format!("{RUN}: nothing to run\n"), 1))
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let id = ctx.args.first().map_or("", String::as_str);
        let take = |held: &mut Held| held.walk.as_mut().and_then(|walk| walk.commands.take());
        let Some(ready) = self.walks.with(id, take).flatten() else { return Ok(None) };
        let mut words = ready.words.into_iter();
        let Some(name) = words.next() else { return Ok(None) };
        let mut command = SubCommand { name, args: words.collect(), stdin: None, assignments: Vec::new() };
        if let Some(dir) = ready.dir {
            let words: Vec<String> = std::iter::once(&command.name).chain(&command.args).map(|w| quote(w)).collect();
            let script = format!("( cd {} && {} )", quote(&dir.to_string_lossy()), words.join(" "));
            (command.name, command.args) = ("eval".to_owned(), vec![script]);
        }
        Ok(Some(ExecutionPlan::Batch { commands: vec![command] }))
    }
}

/// Text in single quotes.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
