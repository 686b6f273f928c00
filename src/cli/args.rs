//! The command tree. Help, completions, man pages and the reference all come from here.

use super::commands::{
    config, daemon, enroll, execute, gateway, generate, glob, job, later, node, provision, session, shell, tools, up,
    vfs, workspace,
};
use super::supervisor::Supervisor;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Turn a machine you own into a node that takes workspace and execute jobs, and host the gateway that hands them out
#[derive(Debug, Parser)]
#[command(name = "waypost", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start with:\n  waypost up        a gateway and a node on this machine, and a first job\n\nAs in the mswarm CLI, `node` may be left out of `node setup`, `run`, `once`, `status` and `doctor`; `waypost start` runs the node in the foreground.\n\nExit codes: docs/exit-codes.md"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print the result as text where a command prints JSON because its output is not a terminal
    #[arg(long, global = true, conflicts_with = "json")]
    pub text: bool,
    /// Where this node keeps itself [default: the platform's directory for application state]
    #[arg(long, global = true, value_name = "DIR", env = "WAYPOST_HOME")]
    pub home: Option<PathBuf>,
    /// What to log on stderr: a level (error, warn, info, debug, trace) or a list of target=level
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "WAYPOST_LOG",
        default_value = "info",
        hide_default_value = true
    )]
    pub log: String,
    /// Which service manager has started this; in the definitions that `node install` writes
    #[arg(long, global = true, hide = true, value_name = "MANAGER")]
    pub supervisor: Option<Supervisor>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// When to use colour. `NO_COLOR` and `TERM=dumb` count under `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Up(up::Up),
    /// Join this machine to a gateway, run it as a node, look after it
    #[command(subcommand, arg_required_else_help = true)]
    Node(node::Node),
    /// Start, watch and end the local /v1 daemon
    #[command(subcommand, arg_required_else_help = true)]
    Daemon(daemon::Daemon),
    /// Show and change the settings of the daemon, config.toml
    #[command(subcommand, arg_required_else_help = true)]
    Config(config::Config),
    /// Host a gateway, manage its keys and nodes
    #[command(subcommand, arg_required_else_help = true)]
    Gateway(gateway::Gateway),
    /// Submit jobs and see what became of them
    #[command(subcommand, arg_required_else_help = true)]
    Job(job::Job),
    /// Make workspaces, copy, keep and restore them
    ///
    /// Where stdout is not a terminal, results are JSON, as scripts of existing clients expect; --json and --text decide.
    #[command(subcommand, arg_required_else_help = true)]
    Workspace(workspace::Workspace),
    /// Make sessions of a workspace and end them
    ///
    /// Where stdout is not a terminal, results are JSON, as scripts of existing clients expect; --json and --text decide.
    #[command(subcommand, arg_required_else_help = true)]
    Session(session::Session),
    Execute(execute::Execute),
    Shell(shell::Shell),
    Provision(provision::Provision),
    /// Read and change single files of a workspace
    ///
    /// Where stdout is not a terminal, results are JSON, as scripts of existing clients expect; --json and --text decide.
    #[command(subcommand, arg_required_else_help = true)]
    Vfs(vfs::Vfs),
    /// Call what agents call: read, write, edit, ls, grep, glob, shell
    #[command(subcommand, arg_required_else_help = true)]
    Tools(tools::Tools),
    Glob(glob::Glob),
    Completions(generate::Completions),
    Man(generate::Man),
    // The commands of the mswarm CLI, for fingers and scripts that know them.
    #[command(hide = true)]
    Install(Box<node::install::Install>),
    #[command(hide = true)]
    Uninstall(node::uninstall::Uninstall),
    #[command(hide = true)]
    Setup(node::setup::Setup),
    /// Run the node in the foreground, as `mswarm start` does; a service is started with `waypost node start`
    #[command(hide = true)]
    Start(Box<node::run::Run>),
    #[command(hide = true)]
    Run(Box<node::run::Run>),
    #[command(hide = true)]
    Status(node::status::Status),
    #[command(hide = true)]
    Doctor(node::doctor::Doctor),
    #[command(hide = true)]
    Once(node::once::Once),
    #[command(hide = true)]
    Models(later::Models),
    #[command(hide = true)]
    Agents(later::Agents),
    #[command(hide = true)]
    Enroll(enroll::Enroll),
    /// Run the node with its direct door, as `mswarm serve` does; `waypost node serve`
    #[command(hide = true)]
    Serve(Box<node::serve::Serve>),
}

impl Command {
    /// The same under its own name, for a command that stands at the top because the mswarm CLI has it there.
    #[must_use]
    pub fn by_its_own_name(self) -> Self {
        match self {
            Self::Install(command) => Self::Node(node::Node::Install(*command)),
            Self::Uninstall(command) => Self::Node(node::Node::Uninstall(command)),
            Self::Setup(command) => Self::Node(node::Node::Setup(command)),
            Self::Start(command) | Self::Run(command) => Self::Node(node::Node::Run(command)),
            Self::Serve(command) => Self::Node(node::Node::Serve(command)),
            Self::Status(command) => Self::Node(node::Node::Status(command)),
            Self::Doctor(command) => Self::Node(node::Node::Doctor(command)),
            Self::Once(command) => Self::Node(node::Node::Once(command)),
            other => other,
        }
    }
}

/// The whole command tree.
pub fn command() -> clap::Command {
    Cli::command()
}

/// A number of seconds, 0 or more.
pub fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds @ 0.0..=1e9) => Ok(seconds),
        _ => Err("it is not a number of seconds".to_owned()),
    }
}

/// Where to listen.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "it is not ADDRESS:PORT, e.g. 127.0.0.1:8790".to_owned())
}
