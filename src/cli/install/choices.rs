//! With what the service runs the node: what the owner says now, else what he said before.

use crate::cli::args::address;
use crate::cli::error::CliError;
use crate::cli::grants::GrantArgs;
use crate::service::Receipt;
use clap::{Args, Parser};
use std::net::SocketAddr;

/// Options of the node that the service runs. What is not given stays as an earlier installation had it.
#[derive(Debug, Clone, Default, Args)]
pub struct Choices {
    /// Where the node serves /v1 on this machine [default: 127.0.0.1:8765, or any free port when that is taken]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub listen: Option<SocketAddr>,
    #[command(flatten)]
    pub grants: GrantArgs,
}

/// `node run …` as a receipt keeps it.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Earlier {
    #[arg(long)]
    any_port: bool,
    #[command(flatten)]
    choices: Choices,
}

impl Choices {
    /// These over those of an earlier installation.
    #[must_use]
    pub fn over(self, earlier: Option<&Receipt>) -> Self {
        let earlier = earlier.and_then(|receipt| receipt.args.get(2..));
        let Some(Ok(Earlier { choices: earlier, .. })) = earlier.map(Earlier::try_parse_from) else { return self };
        Self {
            listen: self.listen.or(earlier.listen),
            grants: GrantArgs {
                allow_disk: or(self.grants.allow_disk, earlier.grants.allow_disk),
                allow_files: or(self.grants.allow_files, earlier.grants.allow_files),
                allow_remote: or(self.grants.allow_remote, earlier.grants.allow_remote),
                max_files: self.grants.max_files.or(earlier.grants.max_files),
            },
        }
    }

    /// The service's arguments: `node run …`.
    ///
    /// # Errors
    /// When a directory's path is no text that a definition could hold.
    pub fn arguments(&self) -> Result<Vec<String>, CliError> {
        let mut arguments = vec!["node".to_owned(), "run".to_owned()];
        match self.listen {
            Some(address) => arguments.extend(["--listen".to_owned(), address.to_string()]),
            None => arguments.push("--any-port".to_owned()),
        }
        let nowhere = |failed: std::io::Error| CliError::from(crate::service::ServiceError::io(".".as_ref())(failed));
        for argument in self.grants.arguments().map_err(nowhere)? {
            arguments.push(argument.into_string().map_err(|odd| {
                CliError::from(crate::service::ServiceError::Unfit {
                    what: odd.to_string_lossy().into_owned(),
                    reason: "it is no UTF-8".to_owned(),
                })
            })?);
        }
        Ok(arguments)
    }
}

fn or<T>(now: Vec<T>, before: Vec<T>) -> Vec<T> {
    if now.is_empty() { before } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Scope;
    use std::path::PathBuf;

    fn receipt(args: &[&str]) -> Receipt {
        Receipt {
            format: 1,
            version: "1".to_owned(),
            scope: Scope::User,
            program: PathBuf::from("/bin/waypost"),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            entries: Vec::new(),
        }
    }

    #[test]
    fn what_is_not_given_stays_as_it_was() {
        let first = Choices {
            listen: Some("127.0.0.1:9000".parse().unwrap()),
            grants: GrantArgs {
                allow_disk: vec![PathBuf::from("/srv/a b")],
                max_files: Some(7),
                ..GrantArgs::default()
            },
        };
        let arguments = first.arguments().unwrap();
        assert_eq!(
            arguments,
            ["node", "run", "--listen", "127.0.0.1:9000", "--allow-disk", "/srv/a b", "--max-files", "7"]
        );
        let earlier = receipt(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let now = Choices { listen: Some("127.0.0.1:1".parse().unwrap()), grants: GrantArgs::default() };
        let now = now.over(Some(&earlier)).arguments().unwrap();
        assert_eq!(now, ["node", "run", "--listen", "127.0.0.1:1", "--allow-disk", "/srv/a b", "--max-files", "7"]);
        assert_eq!(Choices::default().over(None).arguments().unwrap(), ["node", "run", "--any-port"]);
        let kept = Choices::default().over(Some(&receipt(&["node", "run", "--any-port"]))).arguments().unwrap();
        assert_eq!(kept, ["node", "run", "--any-port"]);
    }
}
