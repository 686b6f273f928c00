//! `waypost gateway node …`: an operator's view of the nodes, through the gateway's own API.

use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::error::CliError;
use crate::cli::output::{Output, age, checks, table};
use crate::cli::pairs::pairs;
use crate::client::{Door, escape};
use crate::wire::gateway::{EditNode, NodeList, NodeView};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

/// What to do with nodes.
#[derive(Debug, Subcommand)]
pub enum Node {
    List(List),
    Show(Show),
    /// Let a node finish what it has and take nothing new
    #[command(after_help = "Example:\n  waypost gateway node drain box")]
    Drain(One),
    /// Let a drained node take jobs again
    #[command(after_help = "Example:\n  waypost gateway node resume box")]
    Resume(One),
    /// Give a node a new token with its next heartbeat
    #[command(after_help = "Example:\n  waypost gateway node rotate box")]
    Rotate(One),
    /// Remove a node: it is told so and stops asking for jobs
    #[command(after_help = "Example:\n  waypost gateway node remove box")]
    Remove(One),
    /// Take a removal back: the node's own token works again
    #[command(after_help = "Example:\n  waypost gateway node restore box")]
    Restore(One),
    Rename(Rename),
    Label(Label),
}

impl Node {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::List(command) => command.run(global, output).await,
            Self::Show(command) => command.run(global, output).await,
            Self::Drain(node) => node.post(global, output, "drain", "drains").await,
            Self::Resume(node) => node.post(global, output, "resume", "takes jobs again").await,
            Self::Rotate(node) => node.post(global, output, "rotate", "gets a new token with its next heartbeat").await,
            Self::Restore(node) => node.post(global, output, "restore", "is back").await,
            Self::Rename(command) => command.run(global, output).await,
            Self::Label(command) => command.run(global, output).await,
            Self::Remove(node) => node.remove(global, output).await,
        }
    }
}

/// List the nodes of a gateway
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway node list --url http://127.0.0.1:8790")]
pub struct List {
    /// Those that were removed too
    #[arg(long)]
    pub removed: bool,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl List {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let nodes: NodeList = door.get(&format!("/v1/nodes?removed={}", self.removed)).await?;
        output.result(&nodes, || if nodes.items.is_empty() { "no nodes".to_owned() } else { text(&nodes.items) });
        Ok(0)
    }
}

fn text(nodes: &[NodeView]) -> String {
    let rows = nodes.iter().map(|node| {
        let labels: Vec<_> = node.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let why: Vec<_> = node.conditions.iter().filter(|part| !part.ok).map(|part| part.reason.as_str()).collect();
        vec![
            node.name.clone(),
            word(&node.state),
            why.join(","),
            format!("{}/{}", node.active_jobs, node.slots),
            node.last_seen_ms.map_or("never".to_owned(), |ago| format!("{} ago", age(ago))),
            node.version.clone(),
            labels.join(","),
            node.id.clone(),
        ]
    });
    table(&["NODE", "STATE", "WHY", "JOBS", "SEEN", "VERSION", "LABELS", "ID"], rows)
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Show one node with its conditions
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway node show box")]
pub struct Show {
    #[command(flatten)]
    pub node: One,
}

impl Show {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.node.door.open(global)?;
        let node: NodeView = door.get(&format!("/v1/nodes/{}", escape(&self.node.node))).await?;
        output.result(&node, || {
            let rows = node.conditions.iter().map(|part| {
                (part.ok, vec![part.kind.clone(), part.reason.clone(), age(part.for_ms), part.message.clone()])
            });
            let conditions = checks(&["CONDITION", "REASON", "FOR", "MESSAGE"], rows);
            format!("{}\n\n{conditions}", text(std::slice::from_ref(&node)))
        });
        Ok(0)
    }
}

/// Rename a node. The name stays when the machine is set up again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway node rename box attic")]
pub struct Rename {
    /// The node, by id or name
    #[arg(value_name = "NODE")]
    pub node: String,
    /// Its new name: letters, digits, dashes, underscores and dots
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Rename {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let edit = EditNode { name: Some(self.name), ..EditNode::default() };
        let node = patch(&self.door.open(global)?, &self.node, &edit).await?;
        output.result(&node, || format!("{} is now {}", self.node, node.name));
        Ok(0)
    }
}

/// Set labels of a node. They win over those that the node reports
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway node label box gpu=true --remove zone")]
pub struct Label {
    /// The node, by id or name
    #[arg(value_name = "NODE")]
    pub node: String,
    /// Labels to set
    #[arg(value_name = "NAME=VALUE", required_unless_present = "remove")]
    pub labels: Vec<String>,
    /// Labels of the operator to take back; what the node reports counts again
    #[arg(long, value_name = "NAME")]
    pub remove: Vec<String>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Label {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut edit = EditNode::default();
        edit.labels.extend(self.remove.into_iter().map(|name| (name, None)));
        edit.labels.extend(pairs("label", &self.labels, false)?.into_iter().map(|(name, value)| (name, Some(value))));
        let node = patch(&self.door.open(global)?, &self.node, &edit).await?;
        output.result(&node, || text(std::slice::from_ref(&node)));
        Ok(0)
    }
}

async fn patch(door: &Door, node: &str, edit: &EditNode) -> Result<NodeView, CliError> {
    let request = door.request(Method::PATCH, &format!("/v1/nodes/{}", escape(node))).json(edit);
    let response = door.send(request).await?;
    Ok(door.json(response).await?)
}

/// A node and the gateway's door.
#[derive(Debug, Args)]
pub struct One {
    /// The node, by id or name
    #[arg(value_name = "NODE")]
    pub node: String,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl One {
    async fn post(self, global: &Global, output: &Output, verb: &str, done: &str) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let answer: Value = door.post(&format!("/v1/nodes/{}/{verb}", escape(&self.node)), &json!({})).await?;
        output.result(&answer, || format!("{} {done}", self.node));
        Ok(0)
    }

    async fn remove(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let answer: Value = door.delete(&format!("/v1/nodes/{}", escape(&self.node))).await?;
        output.result(&answer, || format!("removed {}", self.node));
        Ok(0)
    }
}
