//! What an owner can say when a machine joins a gateway, the same for `node setup` and for installing it as a service.

use super::direct_args::{DirectArgs, signing_secret};
use super::error::{CliError, ExitKind};
use super::mswarm_env::{fill, said};
use super::network::NetworkArgs;
use super::output::Output;
use super::pairs::pairs;
use super::registration::by_handle;
use crate::base::Secret;
use crate::daemon::{Joining, NodeSetup, RelayMode, SetupChoices};
use crate::process::hide_in_arguments;
use crate::state::{AllowedClient, Home, MswarmHome, NodeConfig};
use crate::telemetry::forget_in_logs;
use clap::{Args, ValueEnum};
use std::fs::File;
use std::io::{BufRead, IsTerminal, Read};
use std::path::PathBuf;

/// No key is longer.
const LONGEST_KEY: u64 = 4096;

/// Options of commands that join a gateway. What is not given stays as an earlier setup left it.
#[derive(Debug, Clone, Default, Args)]
pub struct SetupArgs {
    /// A key of scope enroll, msw_…, which --api-key-stdin keeps out of the shell's history; anything else is a handle
    #[arg(value_name = "KEY|HANDLE")]
    pub key: Option<String>,
    /// The owner's handle: the node asks to be theirs and waits until they have approved it
    #[arg(long, value_name = "HANDLE")]
    pub handle: Option<String>,
    /// Read the key from standard input
    #[arg(long, conflicts_with = "key")]
    pub api_key_stdin: bool,
    /// Read the key from a file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "api_key_stdin"])]
    pub api_key_file: Option<PathBuf>,
    /// The gateway [default: the one joined before]
    #[arg(long, value_name = "URL", env = "WAYPOST_GATEWAY")]
    pub gateway: Option<String>,
    /// The node's name [default: the one it has, else the host's name]
    #[arg(long, value_name = "NAME", alias = "server-name")]
    pub name: Option<String>,
    /// Labels by which jobs may choose the node; replaces those it has
    #[arg(long, value_name = "NAME=VALUE,…")]
    pub labels: Vec<String>,
    /// Callers beside the owner: addresses, UUIDs, domains; replaces those it has, '' leaves none
    #[arg(long, value_name = "CLIENT,…", alias = "client")]
    pub clients: Vec<String>,
    /// How callers reach the node [default: outbound]
    #[arg(long, value_name = "MODE", value_enum)]
    pub mode: Option<Mode>,
    /// Where callers reach a node of mode direct
    #[arg(long, value_name = "URL")]
    pub direct_url: Option<String>,
    #[command(flatten)]
    pub direct: DirectArgs,
    /// Agents to offer, by slug or model, and no others; replaces those named before, '' names none
    #[arg(long, value_name = "AGENT,…")]
    pub allow: Vec<String>,
    /// Agents never to offer; replaces those named before, '' names none
    #[arg(long, value_name = "AGENT,…")]
    pub block: Vec<String>,
    /// Offer every agent that no list excludes
    #[arg(long, conflicts_with = "no_expose_all")]
    pub expose_all: bool,
    /// Offer only the agents that --allow names
    #[arg(long)]
    pub no_expose_all: bool,
    /// How many jobs it takes at a time [default: the one set before, else the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub max_concurrent_jobs: Option<u32>,
    /// How many of them may be jobs for models [default: the one set before, else all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub max_concurrent_llm_jobs: Option<u32>,
    /// How many more for models only urgent jobs get
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1024))]
    pub reserved_llm_jobs: Option<u32>,
    /// The highest priority number that counts as urgent, -100 to 100
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-100..=100))]
    pub reserved_priority_max: Option<i64>,
    /// Take no jobs yet; `waypost node resume` ends that
    #[arg(long)]
    pub drain: bool,
    /// Tell the gateway how many slots are free, as by default
    #[arg(long, conflicts_with = "disable_load_reporting")]
    pub enable_load_reporting: bool,
    /// Do not tell the gateway how many slots are free
    #[arg(long)]
    pub disable_load_reporting: bool,
    /// Tell the gateway how busy the machine is
    #[arg(long, conflicts_with = "disable_hardware_telemetry")]
    pub enable_hardware_telemetry: bool,
    /// Do not tell the gateway how busy the machine is, as by default
    #[arg(long)]
    pub disable_hardware_telemetry: bool,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// How callers reach the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Through the gateway; no inbound port is open
    Outbound,
    /// At an address of its own
    Direct,
}

impl From<Mode> for RelayMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Outbound => Self::Outbound,
            Mode::Direct => Self::Direct,
        }
    }
}

impl SetupArgs {
    /// The same for joining, key and all.
    ///
    /// # Errors
    /// [`ExitKind::Usage`] for a key that is missing or cannot be one, and for a list with something wrong in it.
    pub fn setup(&self, home: &Home, output: &Output) -> Result<NodeSetup, CliError> {
        let joining = self.joining(output)?.ok_or_else(no_key)?;
        Ok(NodeSetup { joining, choices: self.choices(home)? })
    }

    /// By what right the node joins: what the command line says before what mswarm nodes have in their environment, and of
    /// either the handle before the key, as existing nodes have it.
    ///
    /// # Errors
    /// [`ExitKind::Usage`] for a key or a handle that cannot be one.
    pub fn joining(&self, output: &Output) -> Result<Option<Joining>, CliError> {
        let positional = self.key.as_deref().filter(|given| !looks_like_a_key(given));
        if let (Some(handle), Some(other)) = (&self.handle, positional) {
            let text = format!("two handles, {handle} and {other}: give one");
            return Err(CliError::new(ExitKind::Usage, text));
        }
        let given = self.handle.as_deref().or(positional);
        let has_key = self.api_key_stdin || self.api_key_file.is_some() || (self.key.is_some() && positional.is_none());
        let environment = said("MSWARM_HANDLE").filter(|_| !has_key && given.is_none());
        if let Some(handle) = given.map(str::to_owned).or(environment) {
            if let Some(key) = self.key.as_deref().filter(|_| positional.is_none()) {
                hide_in_arguments(key);
            }
            if has_key || said("MSWARM_API_KEY").is_some() {
                output
                    .note(format!("there is a key, too: the handle {handle} is used, and no use of the key is spent"));
            }
            return by_handle(&handle, output).map(Some);
        }
        if has_key && said("MSWARM_HANDLE").is_some() {
            output.note("MSWARM_HANDLE names a handle, too: the key that was given is used");
        }
        Ok(self.key(output)?.map(Joining::Key))
    }

    /// What the owner chooses, and where neither an option nor an earlier setup says it, what mswarm nodes have in their
    /// environment.
    ///
    /// # Errors
    /// [`ExitKind::Usage`] for a list with something wrong in it.
    pub fn choices(&self, home: &Home) -> Result<SetupChoices, CliError> {
        let usage = |text: String| CliError::new(ExitKind::Usage, text);
        let labels = pairs("--labels", &self.labels, true)?;
        let earlier = NodeConfig::load(home)?;
        let clients =
            AllowedClient::parse_list(&self.clients.join(",")).map_err(|wrong| usage(format!("--clients: {wrong}")))?;
        let flag = |yes: bool, no: bool| (yes || no).then_some(yes);
        let mut choices = SetupChoices {
            gateway: self.gateway.clone(),
            name: self.name.clone(),
            labels: (!self.labels.is_empty()).then_some(labels),
            max_concurrent_jobs: self.max_concurrent_jobs,
            max_concurrent_llm_jobs: self.max_concurrent_llm_jobs,
            reserved_llm_jobs: self.reserved_llm_jobs,
            reserved_priority_max: self.reserved_priority_max,
            drain_mode: self.drain.then_some(true),
            heartbeat_interval_seconds: None,
            client_allowlist: (!self.clients.is_empty()).then_some(clients),
            model_allowlist: list(&self.allow),
            model_blocklist: list(&self.block),
            expose_all: flag(self.expose_all, self.no_expose_all),
            mode: self.mode.map(RelayMode::from),
            direct_url: self.direct_url.clone(),
            direct: self.direct.config(),
            signing_secret: signing_secret(),
            load_reporting: flag(self.enable_load_reporting, self.disable_load_reporting),
            hardware_telemetry: flag(self.enable_hardware_telemetry, self.disable_hardware_telemetry),
            network: self.network.network(),
        };
        fill(&mut choices, &earlier)?;
        Ok(choices)
    }

    /// The key, from wherever it was said to be, else from what mswarm nodes have in their environment. It is in no log from
    /// here on, and no longer among the arguments that others on this machine can see.
    ///
    /// # Errors
    /// [`ExitKind::Usage`] for one that cannot be read or be a key.
    fn key(&self, output: &Output) -> Result<Option<Secret>, CliError> {
        let usage = bad_key;
        let read = |source: &mut dyn Read, name: &str| {
            let mut text = String::new();
            let read = source.take(LONGEST_KEY).read_to_string(&mut text);
            read.map_err(|failed| usage(&format!("the key cannot be read from {name}: {failed}")))?;
            Ok::<_, CliError>(Secret::new(text))
        };
        let key = match (&self.key, &self.api_key_file) {
            (Some(key), _) => {
                hide_in_arguments(key);
                output.note(
                    "hint: a key among a command's arguments stays in the shell's history and can be seen by others on \
                     this machine; --api-key-stdin and --api-key-file avoid both",
                );
                Secret::new(key.as_str())
            }
            (None, Some(path)) => {
                let name = path.display().to_string();
                let file = File::open(path);
                read(
                    &mut file.map_err(|failed| usage(&format!("the key cannot be read from {name}: {failed}")))?,
                    &name,
                )?
            }
            // A person ends what is typed with Enter.
            (None, None) if self.api_key_stdin && std::io::stdin().is_terminal() => {
                output.note("the key:");
                let mut line = String::new();
                let typed = std::io::stdin().lock().take(LONGEST_KEY).read_line(&mut line);
                typed.map_err(|failed| usage(&format!("the key cannot be read from the terminal: {failed}")))?;
                Secret::new(line.trim())
            }
            (None, None) if self.api_key_stdin => read(&mut std::io::stdin().lock(), "standard input")?,
            (None, None) => match said("MSWARM_API_KEY") {
                Some(key) => Secret::new(key),
                None => return Ok(None),
            },
        };
        forget_in_logs(&key);
        if key.is_empty() {
            return Err(usage("the key is empty"));
        }
        if !key.is_one_word() {
            return Err(usage("the key has spaces, line breaks or other characters in it that no key has"));
        }
        Ok(Some(key))
    }
}

/// There is none, and there should be.
pub fn no_key() -> CliError {
    let theirs = MswarmHome::locate(None).is_ok_and(|theirs| theirs.is_set_up());
    let missing = bad_key(
        "a key is needed to join: give it as an argument, with --api-key-stdin or with --api-key-file, or the owner's --handle",
    );
    if theirs {
        missing.hint("an mswarm node is set up on this machine: `waypost node setup --import-mswarm` takes it over")
    } else {
        missing
    }
}

/// Whether a word on the command line is a key; keys have begun so in all versions of the protocol.
fn looks_like_a_key(word: &str) -> bool {
    let word = word.trim().to_ascii_lowercase();
    word.is_empty() || word.starts_with("msw_") || word.starts_with("msw-")
}

fn bad_key(text: &str) -> CliError {
    CliError::new(ExitKind::Usage, text).hint("an operator makes one with `waypost gateway key create --scope enroll`")
}

/// Values that may each be several, separated by commas. None when the option was not given.
fn list(values: &[String]) -> Option<Vec<String>> {
    let items = values.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty());
    (!values.is_empty()).then(|| items.map(str::to_owned).collect())
}
