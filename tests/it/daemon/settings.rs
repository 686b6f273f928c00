//! `config.toml`, the environment and flags.

use super::{Home, call};
use reqwest::Method;
use std::os::unix::fs::PermissionsExt;

#[test]
fn each_verb_prints_what_it_did_and_comments_stay() {
    let home = Home::new();
    let path = home.env.path("home").join("config.toml");
    assert_eq!(home.run(&["config", "path"]).1, format!("{}\n", path.display()));
    assert_eq!(home.run(&["config", "list"]), (0, String::new(), String::new()));
    assert_eq!(home.run(&["config", "set", "port", "8770"]).1, "port = 8770\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("# mine\n{text}")).unwrap();
    assert_eq!(home.run(&["config", "set", "idle_grace_seconds", "1.5"]).1, "idle_grace_seconds = 1.5\n");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# mine\n"));
    assert_eq!(home.run(&["config", "get", "port"]).1, "8770\n");
    assert_eq!(home.run(&["config", "list"]).1, "[daemon]\nidle_grace_seconds = 1.5\nport = 8770\n");
    assert_eq!(home.run(&["config", "unset", "port"]).1, "unset port\n");
    for verb in ["get", "unset"] {
        let (code, out, err) = home.run(&["config", verb, "port"]);
        assert!(code == 1 && out.is_empty() && err.contains("port is not set in"), "{err}");
    }
}

#[test]
fn a_token_comes_from_standard_input_and_is_shown_nowhere() {
    use std::io::Write;
    let home = Home::new();
    let (code, _, err) = home.run(&["config", "set", "auth_token", "very-secret-token"]);
    assert!(code == 2 && !err.contains("very-secret-token") && err.contains("standard input"), "{err}");
    let mut command = home.command(&["config", "set", "auth_token", "-"]);
    let mut child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"very-secret-token\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "auth_token = \"********\"\n");
    for args in [&["config", "list"][..], &["config", "list", "--resolved"], &["config", "get", "auth_token"]] {
        let (code, out, _) = home.run(args);
        assert!(code == 0 && out.contains("********") && !out.contains("very-secret"), "{out}");
    }
    // It is in the file, and a file that is damaged there does not give it away either.
    let path = home.env.path("home").join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("very-secret-token"), "{text}");
    std::fs::write(&path, text.replace("token\"", "token")).unwrap();
    let (code, out, err) = home.run(&["config", "list"]);
    assert!(code == 2 && err.contains("config.toml line 2"), "{err}");
    assert!(!out.contains("very-secret") && !err.contains("very-secret"), "{err}");
}

#[tokio::test]
async fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let mut home = Home::with(&[]);
    let resolved = |home: &Home, key: &str| home.json(&["config", "list", "--resolved"])[key].clone();
    assert_eq!(resolved(&home, "port"), serde_json::json!({ "value": "8765", "origin": "default" }));
    home.run(&["config", "set", "port", "1"]);
    assert_eq!(resolved(&home, "port")["origin"], "file");
    home.variables.push(("MAFS_DAEMON_PORT", "2".to_owned()));
    assert_eq!(resolved(&home, "port"), serde_json::json!({ "value": "2", "origin": "env MAFS_DAEMON_PORT" }));
    home.variables.push(("WAYPOST_DAEMON_PORT", "3".to_owned()));
    assert_eq!(home.run(&["daemon", "status"]).1, "Daemon not running. URL: http://127.0.0.1:3\n");
    let (_, out, _) = home.run(&["config", "list", "--resolved"]);
    assert!(out.contains("port = 3  (env WAYPOST_DAEMON_PORT)\n"), "{out}");

    home.variables.push(("MIRAGE_ALLOWED_HOSTS", "localhost,127.0.0.1,proxy.example".to_owned()));
    let url = home.start(&[]);
    assert!(!url.ends_with(":3"), "{url}");
    let health = format!("{url}/v1/health");
    for (host, status) in [("proxy.example", 200), ("evil.example", 400), ("[::1]", 400)] {
        let response = crate::support::http().get(&health).header("host", host).send().await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
    assert_eq!(call(Method::GET, &health, None, None).await.0, 200);
}

#[test]
fn what_no_setting_can_have_stops_every_command_that_reads_them() {
    let home = Home::new();
    home.run(&["config", "set", "port", "8770"]);
    let path = home.env.path("home").join("config.toml");
    for (text, expected) in [
        ("[daemon]\nprot = 1\n", "unknown setting 'prot'"),
        ("[daemon]\nport = \"8770\"\n", "port must be a number"),
        ("[other]\n", "unknown table or key 'other'"),
    ] {
        std::fs::write(&path, text).unwrap();
        for args in
            [&["daemon", "start"][..], &["daemon", "status"], &["config", "list"], &["config", "set", "port", "1"]]
        {
            let (code, _, err) = home.run(args);
            assert!(code == 2 && err.contains(expected) && err.contains("config.toml"), "{args:?}: {err}");
        }
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(home.run(&["config", "set", "nope", "1"]).0, 2);
    assert_eq!(home.run(&["config", "set", "auth_mode", "none"]).0, 2);
    assert!(!path.exists());
}
