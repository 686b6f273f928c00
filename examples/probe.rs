use std::io::Read;
use tokio_util::sync::CancellationToken;
use waypost::workspace::{ExecuteRequest, Options, WorkspaceConfig, Workspaces};
#[tokio::main]
async fn main() {
    let ws = Workspaces::open(None, Options::default()).await.unwrap();
    let w = ws.create(None, WorkspaceConfig::empty()).await.unwrap();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    for script in text.split("\n%%\n") {
        w.execute(
            ExecuteRequest { command: "rm -rf /home/user/w; mkdir -p /home/user/w".into(), ..Default::default() },
            None,
            CancellationToken::new(),
        )
        .await
        .unwrap();
        w.create_session(Some("s".into()), None).await.unwrap();
        let o = w
            .execute(
                ExecuteRequest {
                    command: script.into(),
                    cwd: Some("/home/user/w".into()),
                    session_id: Some("s".into()),
                    ..Default::default()
                },
                None,
                CancellationToken::new(),
            )
            .await
            .unwrap();
        w.delete_session("s").await.unwrap();
        println!(
            "=== {}\n{}{}[{}]",
            script.lines().next().unwrap_or(""),
            String::from_utf8_lossy(&o.stdout),
            String::from_utf8_lossy(&o.stderr),
            o.exit_code
        );
    }
}
