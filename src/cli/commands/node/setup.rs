//! `waypost node setup`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::setup_args::SetupArgs;
use crate::daemon::{RelayMode, import_mswarm, node_name, running, setup};
use crate::service::mswarm_service;
use crate::state::{Home, MswarmHome};
use clap::Args;
use std::path::PathBuf;

/// Join this machine to a gateway
///
/// Trades the key for a token of the node's own; the key is not kept. With a handle instead of a key the node asks to be its
/// owner's, shows a code, and waits until they have approved it. Doing it again changes only what is given. Where nothing else
/// says them, key, handle, gateway, name and other choices are taken from the environment of mswarm nodes, see docs/mswarm.md.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost node setup msw_… --gateway https://gateway.example --name attic --labels gpu=true,zone=home\n  \
    pass show gateway | waypost node setup --api-key-stdin --gateway https://gateway.example\n  \
    waypost node setup --handle ada --gateway https://gateway.example\n  \
    waypost node setup --import-mswarm"
)]
pub struct Setup {
    #[command(flatten)]
    pub wanted: SetupArgs,
    /// Take over the node that mswarm set up on this machine: who it is, its token and its settings
    #[arg(long, value_name = "DIR", conflicts_with_all = [
        "key", "handle", "api_key_stdin", "api_key_file", "name", "labels", "clients", "mode", "direct_url", "allow", "block",
        "expose_all", "no_expose_all", "max_concurrent_jobs", "max_concurrent_llm_jobs", "reserved_llm_jobs",
        "reserved_priority_max", "drain",
    ])]
    #[allow(clippy::option_option, reason = "an option with an optional value")]
    pub import_mswarm: Option<Option<PathBuf>>,
}

impl Setup {
    /// Joins.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        if let Some(dir) = self.import_mswarm {
            return take_over(&home, dir, output);
        }
        let wanted = self.wanted.setup(&home, output)?;
        let name = wanted.choices.name.as_deref().map(node_name);
        let direct = wanted.choices.mode == Some(RelayMode::Direct);
        let joined = tokio::select! {
            joined = setup(&home, wanted) => joined?,
            () = interrupted() => return Err(CliError::new(ExitKind::Interrupted, "interrupted: the node has not joined")),
        };
        let next = match running(&home)? {
            Some(pid) => format!("the node is running (process {pid}): restart it to have it work with these settings"),
            None => "run it with `waypost node run`".to_owned(),
        };
        output.result(&joined, || {
            let pin = joined.direct_fingerprint.as_ref();
            let pin = pin.map(|pin| format!("\nits certificate is {pin}")).unwrap_or_default();
            let how = if joined.created { "joined" } else { "joined again" };
            format!(
                "{how} {} as {} ({})\nstate in {}{pin}\n{next}",
                joined.gateway,
                joined.name,
                joined.node_id,
                home.root().display()
            )
        });
        if let Some(name) = name.filter(|name| *name != joined.name) {
            let text = "the gateway's operator chose it, or another node has that name";
            output.note(format!("the node's name is {}, not {name}: {text}", joined.name));
        }
        if direct && joined.relay_mode != RelayMode::Direct.as_str() {
            output.note(format!("the node's mode is {}: this gateway does not use that address", joined.relay_mode));
        }
        Ok(0)
    }
}

/// Two programs as one node would take each other's jobs: theirs has to be stopped first.
fn take_over(home: &Home, dir: Option<PathBuf>, output: &Output) -> Result<u8, CliError> {
    let theirs = MswarmHome::locate(dir)?;
    let service = mswarm_service();
    if let Some(service) = service.as_ref().filter(|service| service.is_running) {
        let text = format!("the mswarm node's own service, {}, is running: stop it first", service.name);
        return Err(CliError::new(ExitKind::Superseded, text).hint(format!("`{}`, then the same again", service.stop)));
    }
    let imported = import_mswarm(home, &theirs)?;
    output.result(&imported, || {
        format!(
            "took over {} ({}) of {} from {}, where nothing was changed\nstate in {}\n\
             run it with `waypost node run`, or make it a service with `waypost node install`",
            imported.name,
            imported.node_id,
            imported.gateway,
            imported.from.display(),
            home.root().display()
        )
    });
    match service {
        Some(service) => output.note(format!(
            "its own service, {}, does not run now; `{}` keeps it from starting again",
            service.name, service.stop
        )),
        None => output.note("if an mswarm process still runs as this node, end it before this one starts"),
    }
    Ok(0)
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
