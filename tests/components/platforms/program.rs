//! The Windows program itself.

use std::process::Command;

fn waypost(arguments: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    let ran = command.args(arguments).env("WAYPOST_HOME", home.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

#[test]
fn it_says_its_version() {
    let (code, out, _) = waypost(&["--version"]);
    assert_eq!((code, out.trim()), (Some(0), concat!("waypost ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_node_that_is_not_set_up_ends_with_its_code() {
    let (code, _, err) = waypost(&["node", "run"]);
    assert_eq!(code, Some(4), "{err}");
}
