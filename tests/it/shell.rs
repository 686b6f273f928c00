//! Scripts in workspaces answer as GNU bash does: those of `tests/shell/cases`, and the 192 snippets of
//! `tests/shell/battery.json`. `SHELL_CASES=text` narrows to the cases whose id contains the text.

#[path = "../shell/cases.rs"]
mod cases;

use cases::{Answer, Case};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use waypost::workspace::{ExecuteRequest, Options, WorkspaceConfig, Workspaces};

/// Known differences may be at most one case in this many.
const DIFFERENCES: usize = 20;
/// The snippets whose recorded answer shows the machine that bash ran on, or that need what a workspace does not have.
const BATTERY: &[(&str, &str)] = &[
    ("rg", "the recorded machine has no rg"),
    ("tree", "the recorded machine has no tree"),
    ("python", "a workspace has no python3"),
    ("env_list", "the number of variables in that machine's environment"),
    ("subshell", "the record leaves out that machine's directory"),
];

async fn run(mounts: Value, cwd: &str, script: &str) -> Answer {
    let workspaces = Workspaces::open(None, Options::default()).await.unwrap();
    let config = WorkspaceConfig::from_json(&json!({ "mounts": mounts })).unwrap();
    let workspace = workspaces.create(None, config).await.unwrap();
    let prepare = ExecuteRequest { command: format!("mkdir -p {cwd}"), ..ExecuteRequest::default() };
    workspace.execute(prepare, None, CancellationToken::new()).await.unwrap();
    let env = [("LC_ALL", "C.UTF-8"), ("TZ", "UTC")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = ExecuteRequest {
        command: script.to_owned(),
        cwd: Some(cwd.to_owned()),
        env: BTreeMap::from(env),
        timeout: Some(Duration::from_secs(60)),
        ..ExecuteRequest::default()
    };
    let outcome = workspace.execute(request, None, CancellationToken::new()).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Answer { code: outcome.exit_code, stdout: text(&outcome.stdout), stderr: text(&outcome.stderr) }
}

/// Runs all in parallel; answers in the order of the scripts.
async fn run_all<'a>(mounts: &Value, cwd: &str, scripts: impl Iterator<Item = &'a str>) -> Vec<Answer> {
    let parallel = std::thread::available_parallelism().map_or(4, usize::from) * 2;
    let runs = scripts.map(|script| {
        let (mounts, cwd, script) = (mounts.clone(), cwd.to_owned(), script.to_owned());
        async move { tokio::spawn(async move { run(mounts, &cwd, &script).await }).await.unwrap() }
    });
    futures_util::stream::iter(runs).buffered(parallel).collect().await
}

/// The rows of `docs/shell-differences.md`: a case's id and the reason.
fn known_differences() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/shell-differences.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(id, reason)| (id.to_owned(), reason.trim_end_matches([' ', '|']).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_answer_as_in_gnu_bash() {
    let (cases, known) = (cases::cases(), known_differences());
    assert!(!cases.is_empty(), "no case is selected");
    let answers = run_all(&json!({}), "/home/user/w", cases.iter().map(|case| case.script.as_str())).await;
    let mut failures = Vec::new();
    let mut records = BTreeMap::new();
    for (case, answer) in cases.iter().zip(&answers) {
        let record = records.entry(case.group.clone()).or_insert_with(|| cases::record(&case.group));
        let Some(wanted) = record.get(&case.name) else {
            failures.push(format!("--- {}\n    not recorded: UPDATE=1 cargo test --test bash\n", case.id()));
            continue;
        };
        match (case.agrees(wanted, answer), known.contains_key(&case.id())) {
            (true, false) | (false, true) => {}
            (true, true) => {
                failures.push(format!("--- {}\n    agrees: take it off docs/shell-differences.md\n", case.id()))
            }
            (false, false) => failures.push(cases::difference(case, wanted, answer)),
        }
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.concat());
}

#[test]
fn the_list_of_known_differences_is_short_and_gives_reasons() {
    if std::env::var_os("SHELL_CASES").is_some() {
        return;
    }
    let (cases, known) = (cases::cases(), known_differences());
    for (id, reason) in &known {
        assert!(cases.iter().any(|case| case.id() == *id), "docs/shell-differences.md names {id}, which is no case");
        assert!(reason.len() > 10, "{id} has no reason");
    }
    assert!(known.len() * DIFFERENCES <= cases.len(), "{} of {} cases differ", known.len(), cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_battery_of_snippets_answers_as_in_gnu_bash() {
    let text = fs::read_to_string(cases::directory().join("battery.json")).unwrap();
    let battery: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let scripts = battery.values().map(|snippet| snippet["script"].as_str().unwrap());
    let answers = run_all(&json!({ "/data": { "resource": "ram" } }), "/", scripts).await;
    let mut failures = String::new();
    for ((name, snippet), answer) in battery.iter().zip(&answers) {
        let wanted: Answer = serde_json::from_value(snippet.clone()).unwrap();
        let (group, script) = ("battery".to_owned(), String::new());
        let case = Case { group, name: name.clone(), script, compares_stderr: false };
        match (case.agrees(&wanted, answer), BATTERY.iter().any(|(known, _)| known == name)) {
            (true, false) | (false, true) => {}
            (true, true) => failures += &format!("--- {name} agrees: take it off the list\n"),
            (false, false) => failures += &cases::difference(&case, &wanted, answer),
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
