//! What an operator does from the command line: keys for some nodes, names and labels, tokens, and the log of it all.

use crate::support::{Gateway, Node, TestEnv, http, wait_until};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use waypost::base::Shutdown;
use waypost::gateway::store::{SqliteStore, Store};
use waypost::gateway::{GatewayConfig, GatewayServer, create_key};
use waypost::wire::gateway::{CreateKey, Scope};

const LIMIT: Duration = Duration::from_secs(30);

/// Runs a command beside the gateway and reads its JSON.
fn told(env: &TestEnv, args: &[&str]) -> Value {
    let (code, out, err) = env.run("gw", &[args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap_or_else(|wrong| panic!("{args:?}: {wrong}: {out}"))
}

async fn status(key: &str, url: String) -> u16 {
    http().get(url).bearer_auth(key).send().await.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_one_node_is_made_changed_and_revoked_while_the_gateway_serves() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let (attic, cellar) = (Node::start(&env, &gateway, "attic"), Node::start(&env, &gateway, "cellar"));
    attic.online(&gateway).await;
    cellar.online(&gateway).await;
    let made = told(&env, &["gateway", "key", "create", "--scope", "call", "--node", "attic"]);
    let (key, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    let health = |node: &str| format!("{}/nodes/{node}/v1/health", gateway.url);
    assert_eq!((status(key, health("attic")).await, status(key, health("cellar")).await), (200, 404));
    assert_eq!(status(key, health("any")).await, 200);

    let granted = told(&env, &["gateway", "grant", "add", id, "--node", "cellar"]);
    assert_eq!(granted["grants"].as_array().unwrap().len(), 2, "{granted}");
    let soon = async |node: &str, wanted: u16| {
        wait_until(&format!("{node} answers {wanted}"), LIMIT, async || match status(key, health(node)).await {
            status if status == wanted => Ok(()),
            status => Err(status.to_string()),
        })
        .await;
    };
    soon("cellar", 200).await;
    told(&env, &["gateway", "grant", "remove", id, "--node", "attic"]);
    soon("attic", 404).await;
    told(&env, &["gateway", "grant", "remove", id, "--node", "cellar"]);
    soon("cellar", 403).await;
    let listed = told(&env, &["gateway", "grant", "list", id]);
    assert_eq!(listed, json!({"key": id, "limited": true, "grants": []}));
    told(&env, &["gateway", "grant", "lift", id]);
    soon("attic", 200).await;
    for (args, code, says) in [
        (&["gateway", "grant", "add", id, "--node", "moon"][..], 13, "no node 'moon'"),
        (&["gateway", "grant", "remove", id, "--node", "attic"], 13, "no such grant"),
        (&["gateway", "grant", "list", "key_no"], 13, "there is no key key_no"),
        (&["gateway", "key", "create", "--scope", "admin", "--node", "attic"], 2, "admin cannot be limited"),
    ] {
        let (got, _, err) = env.run("gw", args);
        assert!(got == code && err.contains(says), "{args:?}: {got} {err}");
    }
    told(&env, &["gateway", "key", "revoke", id]);
    soon("attic", 401).await;

    let log = told(&env, &["gateway", "audit", "--since", "1h"]);
    let acts: Vec<_> = log.as_array().unwrap().iter().filter(|entry| entry["subject"] == id).collect();
    let words: Vec<_> = acts.iter().rev().map(|entry| entry["act"].as_str().unwrap()).collect();
    let expected = ["key.created", "grant.added", "grant.removed", "grant.removed", "grant.lifted", "key.revoked"];
    assert_eq!(words, expected);
    assert!(acts.iter().all(|entry| entry["by"] == "local") && !log.to_string().contains(key));
    let (_, table, _) = env.run("gw", &["gateway", "audit", "--limit", "1"]);
    assert!(table.contains("key.revoked") && table.lines().count() == 2, "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_renamed_labelled_removed_and_restored_from_the_command_line() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    let admin = told(&env, &["gateway", "key", "create", "--scope", "admin"]);
    let door = ["--url", &gateway.url, "--token", admin["key"].as_str().unwrap()];
    let run = |args: &[&str]| told(&env, &[&["gateway", "node"], args, &door].concat());

    assert_eq!(run(&["rename", "box", "attic"])["name"], "attic");
    let view = run(&["label", "attic", "gpu=true", "rack=7"]);
    assert_eq!((&view["labels"]["gpu"], &view["labels"]["rack"]), (&json!("true"), &json!("7")));
    let any = gateway.submit(&json!({"operation": "workspaces.list", "node": "any;gpu=true"})).await;
    assert_eq!(gateway.end_of(&any, LIMIT).await["node"], "attic");
    assert_eq!(run(&["label", "attic", "--remove", "rack"])["labels"].get("rack"), None);

    run(&["drain", "attic"]);
    assert_eq!(run(&["show", "attic"])["state"], "draining");
    run(&["resume", "attic"]);
    run(&["remove", "attic"]);
    assert!(run(&["list"])["items"].as_array().unwrap().is_empty());
    assert_eq!(run(&["restore", "attic"])["id"], view["id"]);
    let (code, _, err) = env.run("gw", &[&["gateway", "node", "rename", "attic", "any"], &door[..]].concat());
    assert!(code != 0 && err.contains("cannot be a node's name"), "{code} {err}");
    let log = told(&env, &["gateway", "audit"]);
    let by = admin["id"].as_str().unwrap();
    let acts: Vec<_> = log.as_array().unwrap().iter().filter(|entry| entry["by"] == by).collect();
    let words: Vec<_> = acts.iter().rev().map(|entry| entry["act"].as_str().unwrap()).collect();
    let expected = [
        "node.renamed",
        "node.labelled",
        "node.labelled",
        "node.drained",
        "node.resumed",
        "node.removed",
        "node.restored",
    ];
    assert_eq!(words, expected);
}

/// The gateway in this process, because its nodes shall send a heartbeat every second.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_takes_its_new_token_and_the_old_one_dies() {
    let env = TestEnv::new();
    let dir = env.path("gateway");
    std::fs::create_dir(&dir).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&dir.join("gateway.db")).await.unwrap());
    let mut config = GatewayConfig::new("127.0.0.1:0".parse().unwrap(), &dir);
    config.heartbeat_interval = Duration::from_secs(1);
    let server = GatewayServer::bind(config, Arc::clone(&store)).await.unwrap();
    let url = format!("http://{}", server.local_addr());
    let shutdown = Shutdown::new();
    let serving = tokio::spawn(server.run(shutdown.clone()));
    let all = CreateKey {
        scopes: vec![Scope::Enroll, Scope::Call, Scope::Admin],
        label: None,
        ttl_s: None,
        uses: None,
        grants: None,
    };
    let key = create_key(store.as_ref(), &all).await.unwrap().key;
    let (code, _, err) = env.run("box", &["node", "setup", &key, "--gateway", &url, "--name", "box"]);
    assert_eq!(code, 0, "{err}");
    let (_node, _) = Node::run(&env, "box");
    let token = || std::fs::read_to_string(env.path("box/node.key")).unwrap().trim().to_owned();
    let old = token();
    let own = |token: String| status_owned(token, format!("{url}/v1/swarm/self-hosted/node/self"));
    assert_eq!(own(old.clone()).await, 200);

    let args = ["gateway", "node", "rotate", "box", "--url", &url, "--token", &key];
    let (code, out, err) = env.run("gw", &args);
    assert!(code == 0 && out.contains("new token"), "{code} {out} {err}");
    wait_until("the node keeps another token", LIMIT, async || {
        let now = token();
        if now == old { Err("the old one".to_owned()) } else { Ok(()) }
    })
    .await;
    wait_until("the old token is dead", LIMIT, async || match own(old.clone()).await {
        401 => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
    assert_eq!(own(token()).await, 200);
    let health = format!("{url}/nodes/box/v1/health");
    wait_until("it works on", LIMIT, async || match status(&key, health.clone()).await {
        200 => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
    shutdown.advance();
    serving.await.unwrap().unwrap();
}

async fn status_owned(token: String, url: String) -> u16 {
    status(&token, url).await
}
