//! `waypost execute`, `shell` and `provision` against a real server.

use super::Cli;
use crate::api::Server;
use serde_json::json;

async fn demo(server: &Server) -> Cli {
    let cli = Cli::at(&server.url);
    cli.write("demo.yaml", "mounts: {/data: {resource: ram}}");
    cli.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await;
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_s_bytes_and_exit_code_are_the_command_s() {
    let server = Server::start().await;
    let cli = demo(&server).await;
    for name in ["execute", "shell"] {
        let ended = cli.run_with(&[name, "-w", "demo", "-c", "cat; echo no >&2; exit 3"], b"a\xff\0b").await;
        assert_eq!((ended.code, ended.out.as_slice(), ended.err.as_str()), (3, &b"a\xff\0b"[..], "no\n"), "{name}");
        let answer = cli.run(&[name, "-w", "demo", "--json", "-c", "echo hi; exit 4"]).await;
        assert_eq!((answer.code, &answer.json()["stdout"], &answer.json()["kind"]), (4, &json!("hi\n"), &json!("io")));
        assert_eq!(cli.text(&[name, "-w", "demo", "--cwd", "/data", "-c", "pwd"]).await, "/data\n");
    }
    assert_eq!(cli.text(&["execute", "-w", "demo", "-e", "A=b c", "-c", "echo $A"]).await, "b c\n");
    let ended = cli.run(&["execute", "-w", "demo", "--timeout", "0.2", "-c", "echo begun; sleep 100"]).await;
    assert_eq!((ended.code, ended.text().as_str()), (124, "begun\n"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_input_is_not_bound_to_what_fits_in_json() {
    let server = Server::start().await;
    let cli = demo(&server).await;
    let much = vec![b'x'; 9 << 20];
    let ended = cli.run_with(&["execute", "-w", "demo", "-c", "wc -c"], &much).await;
    assert_eq!((ended.code, ended.text().trim()), (0, much.len().to_string().as_str()), "{}", ended.err);
}
