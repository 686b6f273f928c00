//! From arguments to an exit code.

use super::args::{Cli, Command};
use super::error::{CliError, ExitKind};
use super::output::Output;
use super::supervisor::Supervisor;
use super::usage;
use crate::telemetry::{LogOptions, init};
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program: parses the arguments, runs the command, says what failed.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let supervisor = Supervisor::of(&arguments);
    if let Some(supervisor) = &supervisor {
        supervisor.begin();
    }
    let code = answer(&arguments);
    supervisor.map_or(code, |supervisor| supervisor.end(code)).into()
}

/// Does what the arguments ask for and gives the exit code.
fn answer(arguments: &[OsString]) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error, arguments.get(1..).unwrap_or_default()),
    };
    let is_supervised = cli.global.supervisor.is_some();
    let output = Output::new(&cli.global);
    match run(cli, &output).and_then(|code| output.written().map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            // What a service prints may be seen by nobody.
            if is_supervised {
                tracing::error!("{error}");
            }
            output.error(&error);
            error.kind().code()
        }
    }
}

/// An `Ok` holds the exit code of a command that was executed elsewhere; 0 otherwise.
fn run(cli: Cli, output: &Output) -> Result<u8, CliError> {
    let Cli { global, command } = cli;
    let command = command.by_its_own_name();
    let serves = matches!(
        command,
        Command::Up(_)
            | Command::Node(super::commands::node::Node::Run(_) | super::commands::node::Node::Serve(_))
            | Command::Daemon(super::commands::daemon::Daemon::Start(_))
            | Command::Gateway(super::commands::gateway::Gateway::Serve(_))
    );
    if !serves {
        // A short command says what went wrong in its own words; its log is for debugging.
        let filter = if global.log == "info" { "error".to_owned() } else { global.log.clone() };
        init(&LogOptions { filter, dir: None, colour: output.colours_stderr() })
            .map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
    }
    match command {
        Command::Completions(command) => return command.run(),
        Command::Man(command) => return command.run(output),
        Command::Config(command) => return command.run(&global, output),
        Command::Models(command) => return Err(command.run()),
        Command::Agents(command) => return Err(command.run()),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|failed| CliError::new(ExitKind::Failure, format!("cannot start the runtime: {failed}")))?;
    let piped = output.json_in_pipes();
    let result = runtime.block_on(async {
        match command {
            Command::Up(command) => command.run(&global, output).await,
            Command::Node(command) => command.run(&global, output).await,
            Command::Enroll(command) => command.run(&global, output).await,
            Command::Daemon(command) => command.run(&global, &piped).await,
            Command::Gateway(command) => command.run(&global, output).await,
            Command::Job(command) => command.run(&global, output).await,
            Command::Workspace(command) => command.run(&global, &piped).await,
            Command::Session(command) => command.run(&global, &piped).await,
            Command::Execute(command) => command.run(&global, output).await,
            Command::Shell(command) => command.run(&global, output).await,
            Command::Provision(command) => command.run(&global, &piped).await,
            Command::Vfs(command) => command.run(&global, &piped).await,
            Command::Tools(command) => command.run(&global, output).await,
            Command::Glob(command) => command.run(&global, &piped).await,
            // Done above, or there under another name.
            _ => Ok(0),
        }
    });
    // Threads of scripts that do not end must not hold the process.
    runtime.shutdown_background();
    result
}
