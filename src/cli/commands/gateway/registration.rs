//! `waypost gateway registrations`, `approve` and `reject`: nodes that ask to join.

use super::DataArgs;
use crate::base::unix_seconds;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{Output, age, table};
use crate::daemon::{Decision, decide_registration, registrations};
use crate::wire::gateway::RegistrationView;
use clap::Args;

/// List the nodes that ask to join
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway registrations")]
pub struct Registrations {
    #[command(flatten)]
    pub data: DataArgs,
}

impl Registrations {
    /// Lists.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let list = registrations(&self.data.dir(global)?).await?;
        output
            .result(&list, || if list.items.is_empty() { "nobody asks to join".to_owned() } else { text(&list.items) });
        Ok(0)
    }
}

fn text(items: &[RegistrationView]) -> String {
    let now = unix_seconds();
    let milliseconds = |seconds: f64| (seconds.max(0.0) * 1000.0) as u64;
    let rows = items.iter().map(|item| {
        vec![
            item.code.clone(),
            item.state.as_str().to_owned(),
            item.handle.clone(),
            item.name.clone(),
            item.replaces.clone().unwrap_or_default(),
            age(milliseconds(now - item.created_at)),
            item.node_id.clone(),
        ]
    });
    table(&["CODE", "STATE", "HANDLE", "NAME", "REPLACES", "AGE", "NODE"], rows)
}

/// A code and where the gateway keeps itself.
#[derive(Debug, Args)]
pub struct Decide {
    /// The code that the node's owner was shown
    #[arg(value_name = "CODE")]
    pub code: String,
    #[command(flatten)]
    pub data: DataArgs,
}

impl Decide {
    /// Approves or rejects.
    pub async fn run(self, global: &Global, output: &Output, approve: bool) -> Result<u8, CliError> {
        match decide_registration(&self.data.dir(global)?, &self.code, approve).await? {
            Decision::Done(view) => {
                let done = view.state.as_str();
                output.result(&view, || format!("{done} {} of {} ({})", view.name, view.handle, view.node_id));
                if let Some(name) = view.replaces.as_ref().filter(|_| approve && !output.is_json()) {
                    output.note(format!("this machine is node {name} already: joining again ends its old token"));
                }
                Ok(0)
            }
            Decision::Otherwise(view) => {
                Err(CliError::new(ExitKind::Failure, format!("{} is {} already", view.code, view.state.as_str()))
                    .hint("the node's owner can register again"))
            }
            Decision::Unknown => {
                Err(CliError::new(ExitKind::NotFound, format!("no node that asks to join has the code {}", self.code))
                    .hint("`waypost gateway registrations` shows them; they last for 30 minutes"))
            }
        }
    }
}
