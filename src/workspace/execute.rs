//! One execution: from its turn in the session's queue to an answer whose effects are kept.

use super::output::{Output, OutputSink};
use super::session::{Running, Session};
use super::shell::{Ran, Script};
use super::state::Saved;
use super::threads::ScriptThreads;
use super::workspace::Inner;
use super::{Error, Workspace};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// How long a script that was told to stop may take to do so. A command that computes without looking up is left behind
/// then, unable to touch the workspace any more.
const GRACE: Duration = Duration::from_millis(700);

/// What to execute.
#[derive(Debug, Clone, Default)]
pub struct ExecuteRequest {
    /// The script.
    pub command: String,
    /// The session; none means the default one.
    pub session_id: Option<String>,
    /// The directory for this script only.
    pub cwd: Option<String>,
    /// Exported variables for this script only.
    pub env: BTreeMap<String, String>,
    /// Standard input.
    pub stdin: Bytes,
    /// How long it may take, from its turn in the queue on; none means the node's default.
    pub timeout: Option<Duration>,
    /// Bytes of stdout and stderr together; none means the node's default.
    pub max_output_bytes: Option<u64>,
    /// Leaves it out of the history.
    pub unrecorded: bool,
}

/// What an execution came to. One that was stopped leaves its session as it was before, and the files as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecuteOutcome {
    /// How it ended.
    pub end: End,
    /// The exit code: that of the script, 2 when it could not be read, 124 after the timeout, 130 when cancelled, 1 at
    /// the other limits.
    pub exit_code: i32,
    /// What it wrote to standard output, also when a sink got it.
    pub stdout: Bytes,
    /// What it wrote to standard error, with a last line that says why it was stopped, if it was.
    pub stderr: Bytes,
    /// How long it ran, waiting for its turn not included.
    pub elapsed: Duration,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Exited,
    /// At its timeout.
    TimedOut,
    /// The caller or the end of the workspace stopped it.
    Cancelled,
    /// It wrote more than it may; what it wrote up to there is kept.
    OutputLimit,
    /// It used more than it may of what the text names.
    ResourceLimit(String),
}

impl Workspace {
    /// Runs a script in a session and returns when what it changed is kept. Scripts of one session run one after the
    /// other, those of different sessions in parallel. Dropping the future cancels the script; what it changed up to
    /// then is kept all the same.
    ///
    /// # Errors
    /// [`Error::SessionNotFound`]; [`Error::NotFound`] when the workspace was deleted; [`Error::InvalidConfig`] for an
    /// `env` name that is none; [`Error::Store`] when the changes could not be kept; [`Error::Io`] when the host gives no
    /// thread. A script that fails, is stopped or hits a limit is an outcome, not an error.
    pub async fn execute(
        &self,
        request: ExecuteRequest,
        sink: Option<Arc<dyn OutputSink>>,
        cancel: CancellationToken,
    ) -> Result<ExecuteOutcome, Error> {
        let inner = self.inner().clone();
        let session = inner.session(request.session_id.as_deref())?;
        if let Some(name) = request.env.keys().find(|name| !super::config::is_variable_name(name)) {
            let reason = format!("'{name}' is not a variable's name");
            return Err(Error::InvalidConfig { at: "env".to_owned(), reason });
        }
        let cancel = cancel.child_token();
        let _cancel_on_drop = cancel.clone().drop_guard();
        // A task of its own, so that dropping this future does not drop the shell or the changes.
        let task = tokio::spawn(async move { inner.execute(&session, request, sink, &cancel).await });
        match task.await {
            Ok(outcome) => outcome,
            Err(panic) => Err(Error::Io { what: "execution".to_owned(), source: io::Error::other(panic) }),
        }
    }
}

impl Inner {
    async fn execute(
        &self,
        session: &Arc<Session>,
        request: ExecuteRequest,
        sink: Option<Arc<dyn OutputSink>>,
        cancel: &CancellationToken,
    ) -> Result<ExecuteOutcome, Error> {
        let output = Output::new(request.max_output_bytes.unwrap_or(self.options.max_output_bytes), sink);
        let mut turn = tokio::select! {
            biased;
            turn = session.shell.lock() => turn,
            () = self.stopped(cancel) => return Ok(outcome(End::Cancelled, 130, &output, "waypost: cancelled\n", Duration::ZERO)),
        };
        if !request.unrecorded {
            self.count_execution();
        }
        let started = Instant::now();
        let timeout = request.timeout.unwrap_or(self.options.default_timeout);
        let script = Script {
            command: request.command,
            cwd: request.cwd,
            env: request.env,
            stdin: request.stdin,
            deadline: started.checked_add(timeout),
        };
        let mut run = self.start(turn.take(), session, script, &output)?;
        let stopped_by = tokio::select! {
            biased;
            finished = &mut run.finished => {
                run.result = finished.ok();
                None
            }
            () = self.stopped(cancel) => Some(End::Cancelled),
            () = tokio::time::sleep(timeout) => Some(End::TimedOut),
        };
        if stopped_by.is_some() {
            run.stop().await;
        }
        let elapsed = started.elapsed();
        let limit = request.max_output_bytes.unwrap_or(self.options.max_output_bytes);
        let ended = run.conclude(stopped_by, &output, timeout, limit);
        let changed = ended.ran_out.and_then(|(running, changed)| {
            *turn = Some(running);
            changed
        });
        let session_changed = changed.map(|saved| session.save(saved)).is_some();
        match self.persist(session_changed.then_some(session)).await {
            // Deleted meanwhile: there is nothing to keep any more, and the caller learns that it was stopped.
            Err(Error::NotFound { .. }) if ended.end != End::Exited => {}
            other => other?,
        }
        Ok(outcome(ended.end, ended.code, &output, &ended.note, elapsed))
    }

    /// Hands the script to a thread.
    fn start(
        &self,
        running: Option<Running>,
        session: &Arc<Session>,
        script: Script,
        output: &Arc<Output>,
    ) -> Result<Run, Error> {
        let view = running.as_ref().map_or_else(|| self.shells.view(session), |running| running.view.clone());
        let (sender, finished) = oneshot::channel();
        let stop = Arc::new(Stop::default());
        let run = Run { finished, stop: stop.clone(), view: view.clone(), result: None };
        let (session, shells, output) = (session.clone(), self.shells.clone(), output.clone());
        let job = move |runtime: &tokio::runtime::Runtime| {
            let mut running = running.unwrap_or_else(|| {
                let shell = shells.start(&session, &view);
                Running { shell, view }
            });
            stop.attach(running.shell.stop_flag());
            let (ran, changed) = running.shell.run(runtime, script, &output);
            // Nobody waits any more when the script was left behind.
            let _ = sender.send(Finished { ran, running, changed });
        };
        run_on(&self.threads, job)?;
        Ok(run)
    }

    async fn stopped(&self, cancel: &CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.closing.cancelled() => {}
        }
    }
}

fn run_on(threads: &ScriptThreads, job: impl FnOnce(&tokio::runtime::Runtime) + Send + 'static) -> Result<(), Error> {
    threads.run(job).map_err(|source| Error::Io { what: "starting a script thread".to_owned(), source })
}

fn outcome(end: End, exit_code: i32, output: &Output, note: &str, elapsed: Duration) -> ExecuteOutcome {
    let (stdout, stderr) = output.finish(note);
    ExecuteOutcome { end, exit_code, stdout, stderr, elapsed }
}

struct Finished {
    ran: Ran,
    running: Running,
    changed: Option<Arc<Saved>>,
}

/// A script on its thread.
struct Run {
    finished: oneshot::Receiver<Finished>,
    stop: Arc<Stop>,
    view: Arc<super::mount::View>,
    result: Option<Finished>,
}

/// How a run ended, seen from outside.
struct Ended {
    end: End,
    code: i32,
    note: String,
    /// The shell, when it can go on, and what changed in it.
    ran_out: Option<(Running, Option<Arc<Saved>>)>,
}

impl Run {
    fn conclude(&mut self, stopped_by: Option<End>, output: &Output, timeout: Duration, limit: u64) -> Ended {
        let (end, code, note) = match (self.result.take(), stopped_by) {
            (Some(Finished { ran: Ran::Exited { code, note }, running, changed }), _) if !output.is_over() => {
                return Ended { end: End::Exited, code, note, ran_out: Some((running, changed)) };
            }
            (_, Some(End::TimedOut)) => (End::TimedOut, 124, format!("waypost: timed out after {timeout:?}\n")),
            (_, Some(_)) => (End::Cancelled, 130, "waypost: cancelled\n".to_owned()),
            _ if output.is_over() => {
                let note = format!("waypost: output is limited to {limit} bytes, the script was stopped\n");
                (End::OutputLimit, 1, note)
            }
            (Some(Finished { ran: Ran::Limit(limit), .. }), None) => {
                let note = format!("bash: {limit}\n");
                (End::ResourceLimit(limit), 1, note)
            }
            _ => (End::ResourceLimit("the shell failed".to_owned()), 1, "bash: internal error\n".to_owned()),
        };
        Ended { end, code, note, ran_out: None }
    }

    /// Tells the script to stop and waits for that, but not for ever.
    async fn stop(&mut self) {
        self.stop.request();
        match tokio::time::timeout(GRACE, &mut self.finished).await {
            Ok(finished) => self.result = finished.ok(),
            Err(_) => {
                self.view.revoke();
                tracing::warn!("a script did not stop in time and was left behind");
            }
        }
    }
}

/// The way to tell a script to stop, also one whose shell is not there yet.
#[derive(Default)]
struct Stop {
    requested: AtomicBool,
    flag: OnceLock<Arc<AtomicBool>>,
}

impl Stop {
    fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        if let Some(flag) = self.flag.get() {
            flag.store(true, Ordering::SeqCst);
        }
    }

    fn attach(&self, flag: Arc<AtomicBool>) {
        flag.store(false, Ordering::SeqCst);
        let flag = self.flag.get_or_init(|| flag);
        if self.requested.load(Ordering::SeqCst) {
            flag.store(true, Ordering::SeqCst);
        }
    }
}
