//! What differs on a terminal: text instead of JSON, progress bars, and no archive.

use super::Cli;
use super::recorder::Recorder;
use crate::api::Server;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::Read;

/// Runs a command whose stdout and stderr are a terminal: exit code, and what the terminal got.
async fn on_terminal(cli: &Cli, args: &[&str]) -> (i32, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = cli.command(args);
    command.env("TERM", "xterm").stdout(slave.try_clone().unwrap()).stderr(slave);
    let ended = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        // The command holds the other side until it is dropped; the terminal ends when the last holder is gone.
        drop(command);
        let (mut master, mut got) = (File::from(master), Vec::new());
        let mut piece = [0; 4096];
        while let Ok(n @ 1..) = master.read(&mut piece) {
            got.extend_from_slice(&piece[..n]);
        }
        (child.wait().unwrap().code().unwrap_or(-1), String::from_utf8_lossy(&got).into_owned())
    });
    ended.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_text_there_and_json_when_asked_for() {
    let server = Recorder::saying(&json!([])).await;
    let cli = Cli::at(&server.url);
    for (args, expected) in [
        (&["workspace", "list"][..], "No active workspaces.\r\n"),
        (&["session", "list", "demo"], "No sessions.\r\n"),
        (&["job", "list"], "no jobs\r\n"),
        (&["workspace", "list", "--json"], "[]\r\n"),
    ] {
        assert_eq!(on_terminal(&cli, args).await, (0, expected.to_owned()), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_not_for_a_terminal_and_its_way_has_a_bar() {
    let server = Server::start().await;
    let mut cli = Cli::at(&server.url);
    cli.write("demo.yaml", "mounts: {/data: {resource: ram}}");
    cli.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await;
    cli.text(&["execute", "-w", "demo", "-c", "yes | head -c 9000000 > /data/big"]).await;
    let (code, text) = on_terminal(&cli, &["workspace", "snapshot", "demo"]).await;
    assert!(code == 2 && text.contains("demo.tar") && text.contains('\u{1b}'), "{code} {text}");
    cli.variables.push(("NO_COLOR", "1".to_owned()));
    let (code, text) = on_terminal(&cli, &["workspace", "snapshot", "demo"]).await;
    assert!(code == 2 && !text.contains('\u{1b}'), "{code} {text}");

    let (code, text) = on_terminal(&cli, &["workspace", "snapshot", "demo", "out.tar"]).await;
    assert!(code == 0 && text.contains("download") && text.contains("Snapshot demo -> "), "{code} {text}");
    let (code, text) = on_terminal(&cli, &["workspace", "load", "out.tar", "--id", "two"]).await;
    assert!(code == 0 && text.contains("upload") && text.contains("ID:        two"), "{code} {text}");
    // In a pipe there is no bar.
    let piped = cli.run(&["workspace", "load", "out.tar", "--id", "three"]).await;
    assert_eq!((piped.code, piped.err.as_str()), (0, ""));
}
