//! `waypost node install`.

use crate::base::unix_ms;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::{
    Choices, Installation, Installed, MANAGER, Patience, Ready, Rollback, ScopeArgs, check, first_heartbeat, plan_text,
};
use crate::cli::output::Output;
use crate::cli::question::confirmed;
use crate::cli::setup_args::SetupArgs;
use crate::daemon::{Joining, NodeOptions, NodeSetup, greet, keep_network, leave, setup};
use crate::service::{Change, Entry, InstallPlan, Receipt, StepKind};
use crate::state::{InstanceLock, NodeConfig, NodeStatus};
use clap::Args;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};

/// Join this machine to a gateway and make it a service that is there after a reboot
///
/// Checks everything first, changes the machine then, and takes all back when something fails. Doing it again changes only
/// what is different; options that are not given stay as they were. `waypost node uninstall` takes it back.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost node install --api-key-file key.txt --gateway https://gateway.example --name attic\n  \
    pass show gateway | waypost node install --api-key-stdin --gateway https://gateway.example\n  \
    waypost node install msw_… --gateway https://gateway.example --dry-run"
)]
pub struct Install {
    #[command(flatten)]
    pub setup: SetupArgs,
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub choices: Choices,
    /// Install it and do not start it
    #[arg(long)]
    pub no_start: bool,
    /// Show what would be done: files, units, commands, calls over the network
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

impl Install {
    /// Installs.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let joining = self.setup.joining(output)?;
        let at = Installation::locate(self.scope, global.home.clone())?;
        let (is_key, is_handle) = match &joining {
            Some(Joining::Key(_)) => (true, false),
            Some(Joining::Handle(_)) => (false, true),
            None => (false, false),
        };
        let mut ready = check(&at, self.setup.choices(&at.home)?, joining).await?;
        if is_key && ready.joining.is_none() {
            output.note("the node has joined already: the key is not needed, and no use of it is spent");
        }
        if is_handle && ready.joining.is_none() {
            output.note("the node has joined already: it is not registered again");
        }
        let spec = at.spec(self.choices.clone().over(ready.receipt.as_ref()).arguments()?)?;
        let plan = at.manager.plan(&spec)?;
        // Asks the service manager, step by step.
        let changes = || self.changes(&at, &ready, &plan);
        if self.dry_run {
            let changes = changes();
            output.result(&json!({ "dry_run": true, "steps": changes }), || plan_text(&changes));
            return Ok(0);
        }
        if !self.yes && !confirmed(output, || question(&ready, &changes()))? {
            return Err(CliError::new(ExitKind::Interrupted, "nothing was changed"));
        }
        let rollback = Rollback::note(&at, ready.is_running());
        let mut receipt = at.fresh_receipt(&spec, ready.receipt.as_ref());
        for path in rollback.new_directories() {
            receipt.add(Entry::Directory { path });
        }
        at.prepare_receipt()?;
        let joining = ready.joining.take();
        let mut work = Work {
            at: &at,
            ready: &ready,
            output,
            receipt: &mut receipt,
            done: Vec::new(),
            is_changed: false,
            is_new: false,
        };
        let worked = tokio::select! {
            worked = work.install(&self, joining, &plan) => worked,
            () = interrupted() => Err(CliError::new(ExitKind::Interrupted, "interrupted")),
        };
        match worked {
            Ok(installed) => {
                output.result(&installed, || installed.text());
                Ok(0)
            }
            Err(failed) => {
                let Work { done, is_new, .. } = work;
                output.note("taking back what was done");
                Err(take_back(&at, rollback, &done, is_new, failed).await)
            }
        }
    }

    /// All that would change, calls over the network first.
    fn changes(&self, at: &Installation, ready: &Ready, plan: &InstallPlan) -> Vec<Change> {
        let call = |what: String| Change { kind: StepKind::Network, what, content: None, is_done: false };
        let mut changes = Vec::new();
        if let Some(joining) = &ready.joining {
            changes.push(call(match &joining.joining {
                Joining::Key(_) => format!("join {}: trade the key for the node's own token", ready.gateway),
                Joining::Handle(by) => {
                    format!("register with {} for {}, and wait until they have approved it", ready.gateway, by.handle)
                }
            }));
            let files = [at.home.config(), at.home.node_key()];
            changes.extend(files.into_iter().map(|path| Change {
                kind: StepKind::File,
                what: format!("write {}", path.display()),
                content: None,
                is_done: false,
            }));
        }
        if !ready.is_running() {
            changes.push(call(format!("send {} a first heartbeat", ready.gateway)));
        }
        changes.extend(plan.changes());
        if !self.no_start {
            changes.push(Change {
                kind: StepKind::Command,
                what: format!("start {} ({})", at.manager.service(), at.manager.name()),
                content: None,
                is_done: ready.is_running() && changes.iter().all(|change| change.is_done),
            });
        }
        changes
    }
}

/// An installation under way.
struct Work<'a> {
    at: &'a Installation,
    ready: &'a Ready,
    output: &'a Output,
    receipt: &'a mut Receipt,
    /// What was done to the machine now.
    done: Vec<Entry>,
    /// Whether the node's settings changed.
    is_changed: bool,
    /// Whether the gateway made a node that it has to forget again when this fails.
    is_new: bool,
}

impl Work<'_> {
    async fn install(
        &mut self,
        given: &Install,
        joining: Option<NodeSetup>,
        plan: &InstallPlan,
    ) -> Result<Installed, CliError> {
        let home = &self.at.home;
        let mut created = None;
        if let Some(joining) = joining {
            self.tell(&format!("joining {}", self.ready.gateway));
            let joined = setup(home, joining).await?;
            created = Some(joined.created);
            self.is_new = joined.created;
        } else {
            self.is_changed = keep_network(home, &given.setup.network.network())?;
        }
        let is_running = self.ready.is_running();
        if !is_running {
            self.tell("sending a first heartbeat");
            let lock = InstanceLock::acquire(home)?;
            let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            greet(NodeOptions::new(home.clone(), anywhere), lock).await?;
        }
        let (receipt, at) = (&mut *self.receipt, self.at);
        let told = |change: &Change| {
            if !change.is_done && !self.output.is_json() {
                self.output.note(&change.what);
            }
        };
        plan.apply(receipt, &mut self.done, told, |receipt| receipt.store(&at.receipt_path()))?;
        receipt.store(&at.receipt_path())?;
        let config = NodeConfig::load(home)?;
        let is_same = self.done.is_empty() && created.is_none() && !self.is_changed;
        let status = if given.no_start { None } else { Some(self.start(is_running, is_same).await?) };
        Ok(Installed {
            node_id: config.node_id.unwrap_or_default(),
            name: config.server_name.unwrap_or_default(),
            gateway: config.gateway_base_url.unwrap_or_default(),
            created,
            scope: at.scope,
            done: self.done.clone(),
            service: at.manager.state()?,
            joined: status.as_ref().map(|_| true),
            api_url: status.and_then(|status| status.api_url),
            home: home.root().to_owned(),
            receipt: at.receipt_path(),
        })
    }

    /// Starts the service, again when it runs with what has changed, and waits for its first heartbeat.
    async fn start(&self, is_running: bool, is_same: bool) -> Result<NodeStatus, CliError> {
        let since = if is_running && is_same { 0 } else { unix_ms() };
        if !is_running {
            self.tell("starting the service");
            self.at.manager.start()?;
        } else if !is_same {
            self.tell("starting the service again");
            self.at.manager.restart()?;
        }
        self.tell("waiting for its first heartbeat");
        first_heartbeat(self.at, since, Patience::default()).await
    }

    fn tell(&self, what: &str) {
        if !self.output.is_json() {
            self.output.note(what);
        }
    }
}

/// The failure, once the machine is as it was.
async fn take_back(at: &Installation, rollback: Rollback, done: &[Entry], is_new: bool, failed: CliError) -> CliError {
    if is_new && let Err(why) = leave(&at.home, Some(MANAGER)).await {
        tracing::warn!(%why, "the gateway could not be told that the node has left");
    }
    let left = rollback.undo(at, done);
    if left.is_empty() {
        return failed.hint("nothing of it is left on this machine: mend the cause, then install again");
    }
    left.into_iter().fold(failed, |failed, left| failed.hint(format!("left behind: {left}")))
}

/// What a person is asked.
fn question(ready: &Ready, changes: &[Change]) -> String {
    let changes: Vec<Change> = changes
        .iter()
        .filter(|change| !change.is_done)
        .map(|change| Change { content: None, ..change.clone() })
        .collect();
    format!("this will, for {}:\n{}", ready.gateway, plan_text(&changes))
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
