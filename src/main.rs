//! The `waypost` program. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    waypost::cli::main()
}
