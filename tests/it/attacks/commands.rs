//! Descriptors and answers at the command line.

use super::Siege;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn descriptors_that_explode_are_refused_in_a_line() {
    let siege = Siege::begin().await;
    let door = &siege.doors[0];
    let scratch = tempfile::tempdir().unwrap();
    let mut aliases = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (one, next) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        aliases.push_str(&format!("{next}: &{next} [{}]\n", vec![format!("*{one}"); 10].join(", ")));
    }
    let merges: String = (1..2000).map(|n| format!("k{n}: &k{n} {{<<: [*k{0}, *k{0}], a{n}: 1}}\n", n - 1)).collect();
    for (name, text) in [
        ("aliases", aliases.into_bytes()),
        ("an alias of itself", b"a: &a [*a]\n".to_vec()),
        ("merges", format!("k0: &k0 {{a: 1}}\n{merges}").into_bytes()),
        ("deep lists", "[".repeat(1_000_000).into_bytes()),
        ("deep mappings", (0..2000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>().into_bytes()),
        ("deep json", format!("{{\"a\":{}", "[".repeat(1_000_000)).into_bytes()),
        ("a hundred thousand mounts", mounts(100_000).into_bytes()),
        ("many megabytes", vec![b'a'; 32 << 20]),
        ("no UTF-8", b"mounts: {/\xff\xfe: {resource: ram}}".to_vec()),
        ("control characters", b"mounts:\n  \"/\\e[2J\": {resource: \"\\e]0;owned\\a\"}\n".to_vec()),
        ("a tag", b"mounts: !!python/object/apply:os.system [id]\n".to_vec()),
        ("two documents", b"mounts: {}\n---\nmounts: {}\n".to_vec()),
        ("nothing", Vec::new()),
        ("only a byte order mark", b"\xef\xbb\xbf".to_vec()),
    ] {
        let file = scratch.path().join("evil.yaml");
        std::fs::write(&file, text).unwrap();
        let mut command = siege.env.waypost("alone");
        command.args(["workspace", "create"]).arg(&file).args(["--id", "evil"]);
        let output = tokio::task::spawn_blocking(move || command.output().expect("the binary starts")).await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(1..=8)), "{name}: {}: {said}", output.status);
        assert!(
            said.len() < 2000 && !said.is_empty(),
            "{name}: {} bytes: {}",
            said.len(),
            &said[..said.len().min(2000)]
        );
        assert!(!said.contains(|letter: char| letter.is_control() && letter != '\n'), "{name}: {said:?}");
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
    assert!(door.peak() < 700, "{} MiB", door.peak());
    siege.end().await;
}

fn mounts(count: usize) -> String {
    let all: String = (0..count).map(|n| format!("  /m{n}: {{resource: ram}}\n")).collect();
    format!("mounts:\n{all}")
}

/// What a workspace holds must not reach the terminal of who looks at it, but for what a script prints itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_shown_text_and_nothing_it_obeys() {
    let siege = Siege::begin().await;
    let door = &siege.doors[0];
    let evil = "evil\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\r\u{8}end";
    let run = async |args: &[&str]| {
        let mut command = siege.env.waypost("alone");
        // As on a terminal: where there is none, the program drops what a terminal would obey.
        command.args(args).args(["--text", "--color", "always"]);
        let output = tokio::task::spawn_blocking(move || command.output().expect("the binary starts")).await.unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    // A message, a command of a job, a file's name and a mount's variable: each a place where somebody else's text comes in.
    let (status, _) = door.call(door.post("/v1/workspaces/w/commit").json(&json!({ "message": evil }))).await;
    assert_eq!(status, 200);
    let job = json!({ "command": format!("echo '{evil}' > /dev/null; exit 3") });
    let (status, job) = door.call(door.post("/v1/workspaces/w/execute?background=true").json(&job)).await;
    assert_eq!(status, 202, "{job}");
    let job = job["job_id"].as_str().unwrap().to_owned();
    door.call(door.request(reqwest::Method::GET, &format!("/v1/jobs/{job}/wait")).json(&json!({}))).await;
    let touch = json!({ "command": format!("touch '/data/{}'", evil.replace('/', "_")) });
    assert_eq!(door.call(door.post("/v1/workspaces/w/execute").json(&touch)).await.0, 200);
    for args in [
        &["workspace", "log", "w"][..],
        &["workspace", "diff", "w"],
        &["workspace", "get", "w"],
        &["workspace", "list"],
        &["session", "list", "w"],
        &["job", "list"],
        &["job", "get", &job],
        &["vfs", "readdir", "--workspace", "w", "/data"],
        &["vfs", "list-files", "--workspace", "w", "/data"],
        &["tools", "ls", "--workspace", "w", "/data"],
        &["glob", "--workspace", "w", "/data/*"],
        &["workspace", "get", evil],
        &["job", "get", evil],
        &["workspace", "checkout", "w", evil],
    ] {
        let (code, shown) = run(args).await;
        let obeyed: Vec<char> =
            own_colours(&shown).chars().filter(|letter| letter.is_control() && !"\n\t".contains(*letter)).collect();
        assert!(obeyed.is_empty(), "{args:?} ({code:?}) shows {obeyed:?}: {shown:?}");
        assert!(!shown.contains("unrecognized subcommand") && !shown.contains("Usage:"), "{args:?}: {shown}");
    }
    door.call(door.post("/v1/workspaces/w/execute").json(&json!({ "command": "rm /data/*" }))).await;
    // What was committed is kept, and is meant to be.
    let Siege { before, env, .. } = &siege;
    let repository = env.path("alone/repos").to_string_lossy().into_owned();
    let written = super::files(env.root()).difference(before).filter(|file| !file.starts_with(&repository)).count();
    assert_eq!(written, 0);
}

/// The text without colours, which are the program's own.
fn own_colours(shown: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(shown, "").into_owned()
}
