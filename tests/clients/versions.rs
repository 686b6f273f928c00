//! Which versions there are, and where their programs are.

use std::path::PathBuf;

/// The versions, oldest first. The first two want Python 3.12 or later, which is not everywhere.
const VERSIONS: [(&str, bool); 5] =
    [("0.0.1", false), ("0.0.2", false), ("0.0.3", true), ("0.0.6", true), ("0.0.7", true)];

/// The versions to run and their programs. One that is not there is an error, or said if it may be missing.
pub fn chosen() -> Vec<(&'static str, PathBuf)> {
    let clients =
        PathBuf::from(std::env::var_os("WAYPOST_CLIENTS").expect(
            "WAYPOST_CLIENTS names no directory: .ci/run makes one with a virtual environment per client version",
        ));
    let only = std::env::var("WAYPOST_CLIENTS_ONLY").ok();
    let mut chosen = Vec::new();
    for (version, required) in VERSIONS {
        let program = clients.join(format!("v{version}/bin/mirage"));
        if only.as_ref().is_some_and(|only| only != version) {
            println!("client {version}: NOT RUN, WAYPOST_CLIENTS_ONLY names another");
        } else if program.exists() {
            chosen.push((version, program));
        } else {
            assert!(!required, "{} is missing", program.display());
            println!("client {version}: NOT RUN, {} is not there (it wants Python 3.12 or later)", program.display());
        }
    }
    assert!(!chosen.is_empty(), "no client is left to run");
    chosen
}
