//! `waypost completions` and `waypost man`, from the same tree as the commands.

use crate::cli::args::command;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost completions bash > ~/.local/share/bash-completion/completions/waypost")]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(self) -> Result<u8, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "waypost", &mut script);
        let mut out = std::io::stdout().lock();
        // A reader that went away has what it wanted.
        let _ = std::io::Write::write_all(&mut out, &script);
        Ok(0)
    }
}

/// Write the man pages into a directory
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost man ~/.local/share/man/man1")]
pub struct Man {
    /// Where to write them; made when missing
    pub dir: PathBuf,
}

impl Man {
    /// Writes the pages.
    pub fn run(self, output: &Output) -> Result<u8, CliError> {
        let failed = |failed: std::io::Error| {
            CliError::new(ExitKind::Failure, format!("cannot write man pages to {}: {failed}", self.dir.display()))
        };
        std::fs::create_dir_all(&self.dir).map_err(failed)?;
        let mut tree = command().disable_help_subcommand(true);
        tree.build();
        clap_mangen::generate_to(tree, &self.dir).map_err(failed)?;
        let dir = self.dir.display().to_string();
        output.result(&serde_json::json!({ "dir": dir }), || format!("wrote the man pages to {dir}"));
        Ok(0)
    }
}
