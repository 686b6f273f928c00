//! `waypost workspace snapshot` and `load`: files up and down.

use super::Cli;
use super::recorder::Recorder;
use crate::api::Server;
use serde_json::{Value, json};
use std::io::Read;

const CONFIG: &str = "mounts: {/data: {resource: ram}}";

async fn with_demo(server: &Server) -> Cli {
    let cli = Cli::at(&server.url);
    cli.write("demo.yaml", CONFIG);
    cli.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await;
    cli.text(&["execute", "-w", "demo", "-c", "echo hello > /data/a.txt; seq 200000 > /data/b"]).await;
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_goes_to_a_file_or_through_a_pipe_and_comes_back() {
    let server = Server::start().await;
    let cli = with_demo(&server).await;
    let said = cli.json(&["workspace", "snapshot", "demo", "out.tar"]).await;
    let size = std::fs::metadata(cli.env.path("out.tar")).unwrap().len();
    let path = cli.env.root().canonicalize().unwrap().join("out.tar");
    assert_eq!(said, json!({"id": "demo", "path": path, "size": size}));
    let text = cli.text(&["workspace", "snapshot", "demo", "out.tar", "--text"]).await;
    assert!(text.starts_with("Snapshot demo -> /") && text.ends_with(" bytes).\n") && text.contains(','), "{text}");

    let piped = cli.run(&["workspace", "snapshot", "demo"]).await;
    assert_eq!((piped.code, piped.out.len() as u64), (0, size), "{}", piped.err);
    assert_eq!(cli.json(&["workspace", "load", "out.tar", "--id", "one"]).await["id"], "one");
    let two = cli.run_with(&["workspace", "load", "-", "--id", "two"], &piped.out).await;
    assert_eq!((two.code, &two.json()["id"]), (0, &json!("two")), "{}", two.err);
    for id in ["one", "two"] {
        assert_eq!(
            cli.text(&["execute", "-w", id, "-c", "cat /data/a.txt; tail -n 1 /data/b"]).await,
            "hello\n200000\n"
        );
    }
    let left: Vec<_> = std::fs::read_dir(cli.env.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "only demo.yaml and out.tar: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_replaces_a_mount_and_its_variables_are_the_caller_s() {
    let server = Server::start().await;
    let mut cli = with_demo(&server).await;
    cli.variables.push(("KIND", "ram".to_owned()));
    cli.text(&["workspace", "snapshot", "demo", "out.tar"]).await;
    cli.write("other.yaml", "mounts: {/data: {resource: '${KIND}', mode: read}}");
    for args in [
        &["workspace", "load", "out.tar", "other.yaml", "--id", "a"][..],
        &["workspace", "load", "out.tar", "--override", "other.yaml", "--id", "b"],
    ] {
        assert_eq!(cli.json(args).await["mounts"][0]["mode"], "read", "{args:?}");
    }
    cli.write("missing.yaml", "mounts: {/data: {resource: '${NOPE}'}}");
    let ended = cli.run(&["workspace", "load", "out.tar", "missing.yaml"]).await;
    assert!(ended.code == 2 && ended.err.contains("NOPE"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_tar_becomes_a_mount() {
    let server = Server::start().await;
    let cli = Cli::at(&server.url);
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(2);
    header.set_mode(0o644);
    tar.append_data(&mut header, "src/x", &b"hi"[..]).unwrap();
    std::fs::write(cli.env.path("src.tar"), tar.into_inner().unwrap()).unwrap();
    cli.json(&["workspace", "load", "src.tar", "--id", "s", "--mount", "/in"]).await;
    assert_eq!(cli.text(&["execute", "-w", "s", "-c", "cat /in/src/x"]).await, "hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_says_its_length_and_an_override_makes_it_a_form() {
    let server = Recorder::saying(&json!({"id": "l"})).await;
    let cli = Cli::at(&server.url);
    cli.write("x.tar", "0123456789");
    cli.write("v.yaml", "mounts: {/s3: {vfs: s3, config: {bucket: b}}}");
    cli.json(&["workspace", "load", "x.tar", "--id", "l l"]).await;
    let asked = server.take().remove(0);
    assert_eq!((asked.line.as_str(), asked.media.as_str()), ("POST /v1/workspaces/load?id=l%20l", "application/x-tar"));
    assert_eq!(asked.body, b"0123456789");
    cli.json(&["workspace", "load", "x.tar", "v.yaml", "--id", "l"]).await;
    let parts = server.take().remove(0).parts();
    let request: Value = serde_json::from_slice(&parts[0].1).unwrap();
    assert_eq!(request, json!({"id": "l", "override": {"mounts": {"/s3": {"vfs": "s3", "config": {"bucket": "b"}}}}}));
    assert!(parts[0].0.contains("name=\"request\"") && parts[1].0.contains("name=\"snapshot\""), "{parts:?}");
    assert_eq!(parts[1].1, b"0123456789");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_breaks_off_leaves_the_old_file() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 65536]);
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-tar\r\ncontent-length: 1000\r\n\r\nhalf";
        std::io::Write::write_all(&mut stream, head).unwrap();
    });
    let cli = Cli::at(&url);
    cli.write("out.tar", "the old one");
    let ended = cli.run(&["workspace", "snapshot", "demo", "out.tar"]).await;
    answering.join().unwrap();
    assert_eq!(ended.code, 6, "{}", ended.err);
    assert_eq!(std::fs::read_to_string(cli.env.path("out.tar")).unwrap(), "the old one");
    assert_eq!(std::fs::read_dir(cli.env.root()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_files_are_told_before_anything_is_asked() {
    let server = Recorder::saying(&json!({})).await;
    let cli = Cli::at(&server.url);
    for (args, says) in [
        (&["workspace", "load", "none.tar"][..], "none.tar"),
        (&["workspace", "load", "."], "tar -C . -cf -"),
        (&["workspace", "load"], "FILE"),
        (&["workspace", "load", "-", "-"], "both"),
        (&["workspace", "snapshot", "demo", "no/such/dir.tar"], "no/such"),
    ] {
        let ended = cli.run(args).await;
        assert!(ended.code == 2 && ended.err.contains(says), "{args:?}: {} {}", ended.code, ended.err);
    }
    assert_eq!(server.take(), []);
}
