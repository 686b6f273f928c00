//! What the loopback door has acknowledged is there after SIGKILL, byte for byte; what it has not is there wholly or not
//! at all.

use crate::support::{Gateway, Node, TestEnv, http};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

const KILLS: usize = 20;

/// What `/data` must hold: the listing's lines by path.
type Model = BTreeMap<String, Entry>;

#[derive(Clone)]
enum Entry {
    File { mode: u32, bytes: Vec<u8> },
    Link(String),
}

const LISTING: &str = r#"cd /data || exit
find . -type f | sort | while read -r f; do echo "$f $(stat -c %a "$f") $(sha256sum < "$f" | cut -c1-64)"; done
find . -type l | sort | while read -r l; do echo "$l -> $(readlink "$l")"; done"#;

fn listing(model: &Model) -> String {
    let file = |(path, entry): (&String, &Entry)| match entry {
        Entry::File { mode, bytes } => Some(format!("./{path} {mode:o} {}\n", waypost::base::sha256_hex(bytes))),
        Entry::Link(_) => None,
    };
    let link = |(path, entry): (&String, &Entry)| match entry {
        Entry::File { .. } => None,
        Entry::Link(target) => Some(format!("./{path} -> {target}\n")),
    };
    model.iter().filter_map(file).chain(model.iter().filter_map(link)).collect()
}

/// One to three changes in one script, made to `model` too. Returns the script and its standard input.
fn change(random: &mut StdRng, model: &mut Model) -> (String, Vec<u8>) {
    let mut script = vec!["cd /data && mkdir -p a b".to_owned()];
    let mut stdin = Vec::new();
    for _ in 0..random.random_range(1..=3) {
        let path = format!("{}/f{}", ["a", "b"][random.random_range(0..2)], random.random_range(0..6));
        let other = format!("{}/f{}", ["a", "b"][random.random_range(0..2)], random.random_range(0..6));
        let there = model.get(&path).cloned();
        match (random.random_range(0..6), there) {
            (0..=1, there) if stdin.is_empty() => {
                // 1 B to 1 MB, small ones more often.
                let size = 10_f64.powf(random.random_range(0.0..6.02)) as usize;
                stdin = (0..size).map(|_| random.random()).collect();
                let (mode, mut bytes) = match there {
                    Some(Entry::File { mode, bytes }) => (mode, bytes),
                    _ => (0o644, Vec::new()),
                };
                let append = random.random_range(0..3) == 0;
                if !append {
                    bytes.clear();
                }
                bytes.extend_from_slice(&stdin);
                script.push(format!("cat {} {path}", if append { ">>" } else { ">" }));
                model.insert(path, Entry::File { mode, bytes });
            }
            (2, Some(entry)) if path != other => {
                script.push(format!("mv -f {path} {other}"));
                model.remove(&path);
                model.insert(other, entry);
            }
            (3, Some(Entry::File { bytes, .. })) => {
                let mode = [0o600, 0o644, 0o755][random.random_range(0..3)];
                script.push(format!("chmod {mode:o} {path}"));
                model.insert(path, Entry::File { mode, bytes });
            }
            (4, Some(_)) => {
                script.push(format!("rm {path}"));
                model.remove(&path);
            }
            _ => {
                let name = format!("a/l{}", random.random_range(0..3));
                script.push(format!("ln -sfn ../{path} {name}"));
                model.insert(name, Entry::Link(format!("../{path}")));
            }
        }
    }
    (script.join(" && "), stdin)
}

/// Runs a script over the loopback door; an error when the node went away before it answered.
async fn execute(node: &Node, token: &str, script: &str, stdin: &[u8]) -> Result<String, reqwest::Error> {
    let body = json!({ "command": script, "stdin_base64": STANDARD.encode(stdin) });
    let request = http().post(format!("{}/v1/workspaces/w/execute", node.api_url)).bearer_auth(token).json(&body);
    let answer: Value = request.send().await?.json().await?;
    assert_eq!(answer["exit_code"], 0, "{script}: {answer}");
    Ok(answer["stdout"].as_str().expect("text").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_twenty_kills() {
    let env = TestEnv::new();
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let gateway = Gateway::start(&env);
    let mut node = Node::start(&env, &gateway, "box");
    let config = json!({ "mounts": { "/data": { "resource": "ram" } } });
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": config })).await;
    let token = node.api_token(&env);

    let mut model = Model::new();
    for round in 0..KILLS {
        // The kill comes when so many scripts are acknowledged, and a random moment into the next one.
        let (wanted, moment) = (random.random_range(1..12), random.random_range(0..400));
        let acknowledged = AtomicUsize::new(0);
        let pid = rustix::process::Pid::from_raw(node.process.pid() as i32).expect("a process");
        let killing = async {
            while acknowledged.load(Ordering::Relaxed) < wanted {
                tokio::task::yield_now().await;
            }
            for _ in 0..moment {
                tokio::task::yield_now().await;
            }
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it runs");
        };
        let changing = async {
            loop {
                let mut next = model.clone();
                let (script, stdin) = change(&mut random, &mut next);
                if execute(&node, &token, &script, &stdin).await.is_err() {
                    return next;
                }
                model = next;
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
        };
        let (in_flight, ()) = tokio::join!(changing, killing);
        node.kill_and_restart(&env);

        let found = execute(&node, &token, LISTING, b"").await.expect("the node answers");
        if found == listing(&in_flight) {
            model = in_flight;
        }
        assert_eq!(found, listing(&model), "round {round}, SEED={seed}");
    }
}
