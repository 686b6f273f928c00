//! Configurations of workspaces, as the command line reads them and the server takes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waypost::workspace::WorkspaceConfig;

fuzz_target!(|text: &str| {
    let Ok(value) = waypost::cli::parse_descriptor(text) else { return };
    let Ok(config) = WorkspaceConfig::from_json(&value) else { return };
    let _ = config.to_json();
    // What is kept is what was meant, and stays so.
    let kept = config.to_kept_json();
    let again = WorkspaceConfig::from_json(&kept).expect("a configuration that was kept");
    assert_eq!(again, config);
    assert_eq!(again.to_kept_json(), kept);
});
