//! A node that mswarm set up on this machine is taken over: the same node, by another program.

use super::script::Script;
use super::{run, until};
use crate::support::TestEnv;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const MACHINE: &str = "2d9cc30e-3ae8-4d34-b0c4-b07fa7947f9a";
const FINGERPRINT: &str = "sha256:ca5c40ab8952c435f35afd2329a84d856eba06e93627447d40b223c7e3a4bec8";

/// As their setup leaves it.
fn leave_theirs(dir: &Path, gateway: &str) {
    std::fs::create_dir_all(dir).unwrap();
    let config = json!({
        "node_id": "shn_fake01", "server_name": "fake-box", "relay_mode": "outbound", "machine_fingerprint": FINGERPRINT,
        "direct_base_url": null, "config_version": 7, "heartbeat_interval_seconds": 30, "gateway_base_url": gateway,
        "jobs_poll_path": "/moved/poll", "lifecycle_health_status": "degraded",
        "lifecycle_health_reason": "self_hosted_protocol_mismatch", "discovery_mode": "mcoda",
        "mcoda_list_args": ["agent", "list"], "max_concurrent_jobs": 3, "drain_mode": false, "exposure_policy": "all",
        "client_allowlist": [{ "kind": "domain", "value": "heka", "added_at": "2026-01-01T00:00:00.000Z" }],
    });
    std::fs::write(dir.join("config.json"), format!("{config:#}\n")).unwrap();
    std::fs::write(dir.join("node.key"), "msn_theirs\n").unwrap();
    std::fs::write(dir.join("machine.id"), format!("{MACHINE}\n")).unwrap();
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_the_same_node_and_nothing_of_theirs_changes() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    let theirs = env.path(".mswarm/self-hosted-node");
    leave_theirs(&theirs, &script.url);
    let before = files(&theirs);
    let (_, _, err) = env.run("box", &["node", "setup", "--gateway", &script.url]);
    assert!(err.contains("--import-mswarm"), "{err}");

    let (code, out, err) = env.run("box", &["node", "setup", "--import-mswarm", "--json"]);
    assert_eq!(code, 0, "{err}");
    let imported: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&imported["node_id"], &imported["name"]), (&json!("shn_fake01"), &json!("fake-box")));
    assert!(err.contains("end it before"), "{err}");
    assert_eq!(files(&theirs), before);
    assert_eq!(script.count("bootstrap"), 0);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(env.path("box/config.json")).unwrap()).unwrap();
    assert_eq!(kept["mcoda_list_args"], json!(["agent", "list"]));
    assert!(kept.get("lifecycle_health_status").is_none() && kept.get("runtime_token").is_none(), "{kept}");

    let node = run(&env);
    until("it polls", || script.count("poll") >= 1).await;
    let beat = script.calls("heartbeat").remove(0);
    assert_eq!((beat.credential.as_str(), &beat.body["node_id"]), ("msn_theirs", &json!("shn_fake01")));
    assert_eq!(beat.body["client_allowlist"], json!([{ "kind": "domain", "value": "heka" }]));
    assert_eq!(script.calls("poll")[0].body["capacity"]["max_jobs"], 3);
    script.job("job-1");
    until("it works", || script.results("job-1").len() == 1).await;
    drop(node);

    // The same machine to the gateway when it joins again.
    let (code, _, err) = env.run("box", &["node", "setup", "msw_owner", "--gateway", &script.url]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(script.calls("bootstrap")[0].body["machine_fingerprint"], FINGERPRINT);
    let (code, _, err) = env.run("box", &["node", "setup", "--import-mswarm"]);
    assert!(code == 2 && err.contains("shn_fake01"), "{err}");
}

/// systemd says that it runs.
#[cfg(target_os = "linux")]
#[test]
fn it_is_not_taken_over_while_its_service_runs() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    leave_theirs(&env.path(".mswarm/self-hosted-node"), "http://127.0.0.1:1");
    let (units, bin) = (env.path(".config/systemd/user"), env.path("bin"));
    std::fs::create_dir_all(&units).unwrap();
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(units.join("mswarm-self-hosted-node.service"), "[Service]\n").unwrap();
    let says = |word: &str| {
        let systemctl = bin.join("systemctl");
        std::fs::write(&systemctl, format!("#!/bin/sh\necho {word}\n")).unwrap();
        std::fs::set_permissions(&systemctl, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = env.waypost("box");
        command.args(["node", "setup", "--import-mswarm"]).env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, err) = says("active");
    assert!(
        code == Some(12) && err.contains("systemctl --user disable --now mswarm-self-hosted-node"),
        "{code:?} {err}"
    );
    assert!(!env.path("box/config.json").exists());
    let (code, err) = says("inactive");
    assert!(code == Some(0) && err.contains("keeps it from starting again"), "{code:?} {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_go_together_is_not_taken_over() {
    let env = TestEnv::new();
    let dir = env.path("theirs");
    let dir_text = dir.to_str().unwrap();
    let import = || env.run("box", &["node", "setup", "--import-mswarm", dir_text]);
    let (code, _, err) = import();
    assert!(code != 0 && err.contains("no config.json"), "{err}");
    let (code, _, err) = env.run("box", &["node", "setup", "--import-mswarm", dir_text, "--name", "other"]);
    assert!(code == 2 && err.contains("--name"), "{err}");
    leave_theirs(&dir, "http://127.0.0.1:1");
    std::fs::write(dir.join("machine.id"), "6f9619ff-8b86-4d01-b42d-00c04fc964ff\n").unwrap();
    let (code, _, err) = import();
    assert!(code != 0 && err.contains("machine.id"), "{err}");
    std::fs::write(dir.join("machine.id"), format!("{MACHINE}\n")).unwrap();
    std::fs::remove_file(dir.join("node.key")).unwrap();
    let (code, _, err) = import();
    assert!(code != 0 && err.contains("node.key"), "{err}");
    assert!(!env.path("box/config.json").exists() && !env.path("box/node.key").exists());
}
