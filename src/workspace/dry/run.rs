//! Reads a script on a script's thread, because parsing and walking recurse on the stack.

use super::cost::Estimate;
use super::explain::{self, Explained};
use super::provision;
use super::scope::{MAX_COMMANDS, Scope};
use crate::workspace::mount::View;
use crate::workspace::{Error, Workspace, brace, limits, towers};
use bashkit::parser::{Parser, Script};
use std::io;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Files, directories and commands that one script may have looked at.
const BUDGET: usize = 200_000;

impl Workspace {
    /// What a script would cost in a session, from the directory `cwd` when given. Runs nothing and changes nothing.
    /// Dropping the future ends it.
    ///
    /// # Errors
    /// [`Error::SessionNotFound`]; [`Error::InvalidConfig`] for a script that cannot be read; [`Error::Io`] when the host
    /// gives no thread.
    pub async fn provision(
        &self,
        command: String,
        session: Option<&str>,
        cwd: Option<&str>,
    ) -> Result<Estimate, Error> {
        let read = self.read_only(command, session, cwd, provision::script).await?;
        read.map_err(|reason| Error::InvalidConfig { at: "command".to_owned(), reason })
    }

    /// The commands of a script, or what the shell would say of one that it cannot read. As [`Workspace::provision`].
    ///
    /// # Errors
    /// [`Error::SessionNotFound`]; [`Error::Io`].
    pub async fn explain(
        &self,
        command: String,
        session: Option<&str>,
        cwd: Option<&str>,
    ) -> Result<Result<Vec<Explained>, String>, Error> {
        self.read_only(command, session, cwd, |script, scope| explain::nodes(&script.commands, scope)).await
    }

    async fn read_only<T: Send + 'static>(
        &self,
        command: String,
        session: Option<&str>,
        cwd: Option<&str>,
        look: impl FnOnce(&Script, &mut Scope<'_>) -> T + Send + 'static,
    ) -> Result<Result<T, String>, Error> {
        let inner = self.inner();
        let session = inner.session(session)?;
        let home = inner.shells.home;
        let mut start = session.view().cwd;
        if let Some(cwd) = cwd {
            start = if cwd.starts_with('/') { cwd.to_owned() } else { format!("{start}/{cwd}") };
        }
        let view = inner.shells.view(&session);
        let _revoked_at_the_end = Revoke(view.clone());
        let (sender, receiver) = oneshot::channel();
        let failed = |source| Error::Io { what: "start a thread".to_owned(), source };
        let job = move |_: &tokio::runtime::Runtime| {
            let looked = parse(&command).and_then(|script| {
                let mut scope = Scope::new(&view, start, home, BUDGET);
                let looked = look(&script, &mut scope);
                if scope.is_over() {
                    Err(format!("bash: more than {MAX_COMMANDS} commands to tell of\n"))
                } else {
                    Ok(looked)
                }
            });
            // Nobody may wait for it any more.
            let _ = sender.send(looked);
        };
        inner.threads.run(job).map_err(failed)?;
        receiver.await.map_err(|gone| failed(io::Error::other(gone)))
    }
}

/// The script, under the limits of one that runs.
fn parse(command: &str) -> Result<Script, String> {
    if let Some(range) = brace::oversized_range(command) {
        return Err(format!("bash: {range}: brace ranges are limited to {} members; use seq\n", brace::MAX_RANGE));
    }
    if towers::stacks_time(command.as_bytes()) {
        return Err("bash: syntax error: `time` is nested too deeply\n".to_owned());
    }
    let limits = limits::execution();
    if command.len() > limits.max_input_bytes {
        return Err(format!("bash: a script is limited to {} bytes\n", limits.max_input_bytes));
    }
    let timeout = Some(limits.parser_timeout);
    let (depth, fuel) = (limits.max_ast_depth, limits.max_parser_operations);
    let parser = Parser::with_limits_and_timeout(command, depth, fuel, timeout);
    parser
        .parse()
        .map_err(|error| error.syntax_report("bash: -c", command).unwrap_or_else(|| format!("bash: {error}\n")))
}

/// Ends the look at files together with whoever wanted it.
struct Revoke(Arc<View>);

impl Drop for Revoke {
    fn drop(&mut self) {
        self.0.revoke();
    }
}
