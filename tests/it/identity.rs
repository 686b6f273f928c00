//! Two nodes with one identity: never both at work.

use crate::support::{Gateway, Node, Process, TestEnv};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_home_is_refused_and_says_who_holds_it() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    for command in ["run", "once"] {
        let (code, _, err) = env.run("box", &["node", command]);
        assert_eq!(code, 12, "{err}");
        assert!(err.contains(&node.process.pid().to_string()), "{err}");
    }
    node.online(&gateway).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_copied_home_the_newest_instance_wins_and_the_other_ends() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let mut first = Node::start(&env, &gateway, "box");
    first.online(&gateway).await;

    // What a cloned disk image amounts to: everything that is the node, but not the process's own files.
    let (from, to) = (env.path("box"), env.path("clone"));
    std::fs::create_dir(&to).unwrap();
    std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o700)).unwrap();
    for file in ["config.json", "node.key", "machine.id"] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let (_second, _): (Process, String) = Node::run(&env, "clone");

    let status = first.process.wait(Duration::from_secs(60));
    assert_eq!(status.code(), Some(12), "{}", first.process.stderr());
    assert!(first.process.stderr().contains("newer instance"), "{}", first.process.stderr());
    let (code, out, _) = env.run("box", &["node", "status"]);
    assert!(code == 3 && out.contains("superseded") && out.contains("newer instance"), "{code} {out}");
    first.online(&gateway).await;
}
