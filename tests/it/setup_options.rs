//! What an owner can say at setup: kept, told to the gateway, and refused where it does not go together.

use crate::support::{Gateway, TestEnv};
use serde_json::{Value, json};

fn config(env: &TestEnv) -> Value {
    serde_json::from_str(&std::fs::read_to_string(env.path("box/config.json")).unwrap()).unwrap()
}

#[test]
fn choices_are_kept_until_they_are_given_anew() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let key = env.path("key");
    std::fs::write(&key, format!("{}\n", gateway.enroll)).unwrap();
    let setup = |more: &[&str]| {
        let args = [&["setup", "--api-key-file", key.to_str().unwrap(), "--json"], more].concat();
        let (code, out, err) = env.run("box", &args);
        assert_eq!(code, 0, "{err}");
        (serde_json::from_str::<Value>(&out).unwrap(), err)
    };
    setup(&[
        "--gateway",
        &gateway.url,
        "--allow=a,b",
        "--block",
        "c",
        "--no-expose-all",
        "--clients",
        "HEKA,192.0.2.10,heka",
        "--max-concurrent-jobs=4",
        "--max-concurrent-llm-jobs=2",
        "--reserved-llm-jobs=1",
        "--reserved-priority-max",
        "-1",
        "--drain",
        "--disable-load-reporting",
        "--enable-hardware-telemetry",
    ]);
    let kept = json!({
        "model_allowlist": ["a", "b"], "model_blocklist": ["c"], "expose_all_models": false, "exposure_policy": "none",
        "client_allowlist": [{ "kind": "domain", "value": "heka" }, { "kind": "ip", "value": "192.0.2.10" }],
        "max_concurrent_jobs": 4, "max_concurrent_llm_jobs": 2, "reserved_llm_jobs": 1, "reserved_priority_max": -1,
        "drain_mode": true, "load_reporting_enabled": false, "hardware_telemetry_enabled": true, "relay_mode": "outbound"
    });
    let is_kept = |kept: &Value| {
        let config = config(&env);
        for (name, value) in kept.as_object().unwrap() {
            assert_eq!(&config[name], value, "{name}");
        }
    };
    is_kept(&kept);
    setup(&[]);
    is_kept(&kept);
    setup(&["--allow", "", "--clients", "", "--expose-all", "--enable-load-reporting"]);
    is_kept(&json!({
        "model_allowlist": [], "client_allowlist": [], "exposure_policy": "all", "load_reporting_enabled": true,
        "model_blocklist": ["c"], "hardware_telemetry_enabled": true
    }));
    let (joined, _) = setup(&["--mode", "direct", "--direct-url", "https://box.example"]);
    assert_eq!(joined["relay_mode"], "direct");
    // An address that no gateway calls, whoever asks for that.
    let (joined, note) = setup(&["--mode", "direct", "--direct-url", "https://169.254.1.1"]);
    assert_eq!(joined["relay_mode"], "outbound");
    assert!(note.contains("outbound"), "{note}");
}

#[test]
fn what_does_not_go_together_is_refused_before_anything_is_sent() {
    let env = TestEnv::new();
    for (args, word) in [
        (vec!["--mode", "direct"], "--direct-url"),
        (vec!["--direct-url", "https://box.example"], "--mode direct"),
        (vec!["--mode", "outbound", "--direct-url", "https://box.example"], "--mode direct"),
        (vec!["--mode", "direct", "--direct-url", "http://box.example"], "https"),
        (vec!["--mode", "direct", "--direct-url", "box.example"], "https://node.example.com"),
        (vec!["--mode", "both"], "outbound"),
        (vec!["--expose-all", "--no-expose-all"], "--no-expose-all"),
        (vec!["--clients", "a b"], "a b"),
        (vec!["--reserved-priority-max", "101"], "101"),
        (vec!["--max-concurrent-jobs", "2", "--reserved-llm-jobs", "1"], "--max-concurrent-llm-jobs"),
        (vec!["--api-key-file", "missing"], "--api-key-file"),
    ] {
        // Nothing listens there: a setup that sent something would end with 6.
        let args = [vec!["node", "setup", "msw_k", "--gateway", "http://127.0.0.1:1"], args].concat();
        let (code, _, err) = env.run("box", &args);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(word), "{args:?}: {err}");
    }
    let (code, _, err) =
        env.run("box", &["node", "setup", "--api-key-file", "missing", "--gateway", "http://127.0.0.1:1"]);
    assert!(code == 2 && err.contains("missing"), "{err}");
}

#[test]
fn an_mswarm_environment_is_enough_and_never_moves_a_node() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let setup = |url: &str, name: &str| {
        let mut command = env.waypost("box");
        command.args(["node", "setup", "--json"]).env("MSWARM_API_KEY", &gateway.enroll);
        command.env("MSWARM_GATEWAY_BASE_URL", url).env("MSWARM_SELF_HOSTED_SERVER_NAME", name);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(setup(&gateway.url, "attic")["name"], "attic");
    let again = setup("http://127.0.0.1:1", "cellar");
    assert_eq!((&again["name"], &again["gateway"]), (&json!("attic"), &json!(gateway.url)));
}

#[test]
fn names_of_the_mswarm_cli_do_the_same_or_say_what_does() {
    let env = TestEnv::new();
    for command in ["status", "doctor", "once", "run", "start", "serve"] {
        let (code, _, err) = env.run("box", &[command]);
        assert!(code == 4 && err.contains("waypost node setup"), "{command}: {code} {err}");
    }
    for (command, code, word) in [("models", 1, "waypost"), ("agents", 1, "waypost"), ("enroll", 2, "node setup")] {
        let (got, out, err) = env.run("box", &[command]);
        assert!(got == code && out.is_empty() && err.contains(word) && err.contains("try:"), "{command}: {got} {err}");
    }
}
