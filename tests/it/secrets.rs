//! No key and no token where another user of the machine can see it.

use crate::support::{Gateway, Node, TestEnv};
use std::fs;
use std::path::Path;

fn private_files(dir: &Path, found: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o7777;
        if path.is_dir() {
            private_files(&path, found);
        }
        found.push(format!("{mode:04o} {}", path.display()));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn argv_environment_logs_and_files_give_nothing_away() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    let home = env.path("box");
    let secret = |file: &str| fs::read_to_string(home.join(file)).unwrap().trim().to_owned();
    let secrets = [gateway.enroll.clone(), secret("node.key"), secret("api.token")];

    for pid in [node.process.pid(), gateway.process.pid()] {
        for file in ["cmdline", "environ"] {
            let text = String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/{file}")).unwrap()).into_owned();
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "/proc/{pid}/{file} holds a secret");
            }
        }
    }
    for file in ["node.key", "api.token", "machine.id", "config.json"] {
        let mode = fs::metadata(home.join(file)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{file}");
    }
    assert_eq!(fs::metadata(&home).unwrap().permissions().mode() & 0o7777, 0o700);

    // The owner's key is nowhere on the node; the gateway has only hashes.
    let mut files = Vec::new();
    private_files(&home, &mut files);
    private_files(&env.path("gw"), &mut files);
    for line in files {
        let path = Path::new(line.split_once(' ').unwrap().1);
        if path.is_file() {
            let bytes = fs::read(path).unwrap();
            let holds = |secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds(&gateway.enroll), "{} holds the owner's key", path.display());
            if path.starts_with(env.path("gw")) {
                assert!(!holds(&secrets[1]), "{} holds the node's token", path.display());
            }
        }
    }
    for text in [node.process.stderr(), node.process.stdout(), gateway.process.stderr()] {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "a log holds a secret");
        }
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_that_others_can_read_is_refused_with_the_way_out() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let (code, _, err) = env.run("box", &["node", "setup", &gateway.enroll, "--gateway", &gateway.url]);
    assert_eq!(code, 0, "{err}");
    let key = env.path("box/node.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, err) = env.run("box", &["node", "run", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 7, "{err}");
    assert!(err.contains("chmod 600"), "{err}");
}
