//! Scripts that would not end, or would take the process with them.

use super::*;
use crate::workspace::End;
use std::time::{Duration, Instant};

async fn cancelled(command: &str) -> ExecuteOutcome {
    let (_all, ws) = workspace(json!({})).await;
    let cancel = CancellationToken::new();
    let limited = Some(Duration::from_secs(5));
    let script = ExecuteRequest { timeout: limited, ..request(&format!("left=1; echo > /tmp/started; {command}")) };
    let stop = async {
        while ws.state().trees["/"].get("tmp/started").is_none() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
        Instant::now()
    };
    let (outcome, stopped) = tokio::join!(ws.execute(script, None, cancel.clone()), stop);
    assert!(stopped.elapsed() < Duration::from_secs(1), "{command} took {:?}", stopped.elapsed());
    assert_eq!(out(&ws, "echo still here $left").await, "still here\n");
    outcome.unwrap()
}

#[tokio::test]
async fn cancelling_reaches_loops_sleeps_and_functions() {
    for command in [
        "while true; do :; done",
        "sleep 1000",
        "f() { local x=9; sleep 1000; }; f",
        "yes > /dev/null",
        "awk 'BEGIN { while (1) i++ }'",
        "sleep 1000 & wait",
        "jq -n 'last(range(1e12))'",
        "jq -n 'def f: f; f'",
    ] {
        let outcome = cancelled(command).await;
        assert_eq!((outcome.end, outcome.exit_code), (End::Cancelled, 130), "{command}");
    }
}

#[tokio::test]
async fn the_timeout_of_a_request_ends_it_with_124() {
    let (_all, ws) = workspace(json!({})).await;
    for command in ["sleep 1000", "while :; do :; done"] {
        let limited = ExecuteRequest { timeout: Some(Duration::from_millis(80)), ..request(command) };
        let outcome = execute(&ws, limited).await;
        assert_eq!((outcome.end, outcome.exit_code), (End::TimedOut, 124), "{command}");
        assert!(outcome.elapsed < Duration::from_secs(1), "{command}: {:?}", outcome.elapsed);
    }
    assert_eq!(run(&ws, "timeout 0.05 sleep 100").await.0, 124);
}

#[tokio::test]
async fn output_over_the_limit_stops_the_script_and_says_so() {
    let (_all, ws) = workspace(json!({})).await;
    for command in ["yes", "while :; do echo y; done", "cat /dev/zero"] {
        let limited = ExecuteRequest { max_output_bytes: Some(10_000), ..request(command) };
        let outcome = execute(&ws, limited).await;
        assert_eq!((outcome.end, outcome.exit_code), (End::OutputLimit, 1), "{command}");
        assert_eq!(outcome.stdout.len(), 10_000, "{command}");
        assert!(outcome.stderr.ends_with(b"output is limited to 10000 bytes, the script was stopped\n"));
    }
    let fits = ExecuteRequest { max_output_bytes: Some(4), ..request("echo abc") };
    assert_eq!(execute(&ws, fits).await.end, End::Exited);
}

#[tokio::test]
async fn what_the_engine_would_cut_is_whole_or_refused() {
    let (_all, ws) = workspace(json!({})).await;
    assert_eq!(out(&ws, "seq 250000 | wc -l; seq 3 | head -1; yes | head -20000 | wc -l").await, "250000\n1\n20000\n");
    assert_eq!(
        out(&ws, "x=$(seq 3); echo $x; echo {1..3}; seq -s, 2 4 > /tmp/s; cat /tmp/s").await,
        "1 2 3\n1 2 3\n2,3,4\n"
    );
    assert_eq!(out(&ws, "echo {1..100001} | wc -w; set -- {030000..1..2}; echo $# $2").await, "100001\n15000 029998\n");
    for words in ["{1..1000000}", "{1..10001}", "{a..z}{a..z}{a..z}{a..z}"] {
        let (code, stdout, stderr) = run(&ws, &format!("echo a; echo {words}x")).await;
        assert_eq!((code, &*stdout), (2, ""));
        assert!(stderr.contains(words), "{stderr}");
    }
}

#[tokio::test]
async fn bash_reads_a_script_from_standard_input() {
    let (_all, ws) = workspace(json!({})).await;
    let script = "echo 'echo \"$# $1\"; exit 3' > /tmp/s; bash -s a b < /tmp/s; echo $?; echo 'echo piped' | sh; \
                  bash <(echo 'echo $1') x; bash <<< 'echo here'; bash /tmp/s c; echo $?";
    assert_eq!(out(&ws, script).await, "2 a\n3\npiped\nx\nhere\n1 c\n3\n");
    assert_eq!(
        out(&ws, "source <(echo x=1); . <(echo 'echo $x$1') a; . /dev/stdin <<< 'x=2'; echo $x").await,
        "1a\n2\n"
    );
}

#[tokio::test]
async fn bc_counts_as_far_as_it_may_and_says_when_it_may_not() {
    let (_all, ws) = workspace(json!({})).await;
    assert_eq!(out(&ws, "echo '2^70; 7/2' | bc; bc <<< 'scale=2; 7/2'").await, "1180591620717411303424\n3\n3.50\n");
    let nested = format!("define f(n) {{ {} return f(n+1) {} }}; f(1)", "if (1) { ".repeat(60), "}".repeat(60));
    for (program, says) in [
        ("9^9^9", "too large"),
        ("define f(n) { return f(n+1) }; f(1)", "too deeply"),
        (nested.as_str(), "too deeply"),
        (&format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)), "too deeply"),
        (&format!("{}1", "-".repeat(100_000)), "too deeply"),
        (&format!("{}1", "- ".repeat(100_000)), "too deeply"),
    ] {
        let (_, stdout, stderr) = run(&ws, &format!("bc <<'E'\n{program}\nE")).await;
        assert!(stdout.is_empty() && stderr.contains(says), "{}: {stdout} {stderr}", &program[..program.len().min(60)]);
    }
}

#[tokio::test]
async fn hostile_input_of_the_utilities_ends_with_a_message() {
    let (_all, ws) = workspace(json!({})).await;
    for (script, code, says) in [
        (
            "head -c 8000001 /dev/zero | tr '\\0' '\\n' > lines; split lines; e=$?; rm lines; exit $e",
            1,
            "limited to 8000000 lines",
        ),
        ("touch f; printf -- '--- f\n+++ f\n@@ -9999999999999999,1 +1 @@\n-x\n+y\n' | patch", 1, "FAILED"),
        ("date -d '999999999999 years'", 1, "invalid date"),
        ("touch -d @99999999999999999999 f", 1, "invalid date"),
        ("head -c 2000 /dev/urandom > j; tar tf j", 2, "does not look like a tar archive"),
        ("split -a 1 -b 1 <(head -c 30 /dev/zero)", 1, "suffixes exhausted"),
    ] {
        let (found, stdout, stderr) = run(&ws, script).await;
        assert!(found == code && (stderr + &stdout).contains(says), "{script}: {found}");
    }
    let long = "mkdir d; cd d; seq 5000 | sed \"s/^/$(printf %0200d 0)/\" | xargs touch; ls | wc -l; \
                ls | xargs -n 500 ls | wc -l; ls | xargs -n 10 false; echo $?";
    assert_eq!(out(&ws, long).await, "5000\n5000\n123\n");
}

#[tokio::test]
async fn scripts_that_overflow_ordinary_stacks_end_with_an_answer() {
    let (_all, ws) = workspace(json!({})).await;
    let nested = format!(
        "f() {{ {} if [ $1 -gt 0 ]; then f $(( $1 - 1 )); fi; {} }}; f 15",
        "if true; then ".repeat(36),
        "; fi".repeat(36)
    );
    let deeper = nested.replace("f 15", "f 100");
    let too_nested = format!("{} echo deep {}", "if true; then ".repeat(45), "; fi".repeat(45));
    for script in [
        format!("{}echo hi", "sudo ".repeat(80)),
        format!("{}echo hi", "env ".repeat(80)),
        nested,
        deeper,
        too_nested,
        format!("echo {}x{}", "$(echo ".repeat(200), ")".repeat(200)),
        format!("{}echo x{}", "(".repeat(500), ")".repeat(500)),
        format!("eval {}", "eval ".repeat(300)),
        "f() { f; }; f".to_owned(),
        "f() { eval f; }; f".to_owned(),
        "echo 'source /tmp/r' > /tmp/r; source /tmp/r".to_owned(),
        "trap 'kill -USR1 $$' USR1; kill -USR1 $$".to_owned(),
        format!("echo $(({}1{}))", "(".repeat(2000), ")".repeat(2000)),
        "x='eval \"$x\"'; eval \"$x\"".to_owned(),
        "e='eval \"$e\"'; f() { eval \"$e\"; }; f".to_owned(),
        "jq -n 'reduce range(60000) as $i (null; [.])'".to_owned(),
        "jq -n 'reduce range(500000) as $i (null; {a: .}) | length'".to_owned(),
        "jq -n '[range(1e9)]'".to_owned(),
        format!("echo '{}1{}' | bc", "(".repeat(50_000), ")".repeat(50_000)),
        format!("find /tmp {}-name x", "! ".repeat(50_000)),
        format!("test {}x", "x -a ".repeat(50_000)),
        format!("{}true", "time ".repeat(50_000)),
        format!("x='{}true'; eval \"$x\"", "time ".repeat(50_000)),
        format!("echo '{}true' > /tmp/t; . /tmp/t", "time ".repeat(50_000)),
        "yes time | head -3000 | bash; . <(yes time | head -3000); bash <(yes time | head -3000)".to_owned(),
        "yes time | head -3000 > /tmp/u; bash < /tmp/u; bash <<< \"$(yes time | head -3000)\"".to_owned(),
        format!(
            "f() {{ {} f; }}; f",
            format!("if true; then {}", "time ".repeat(10)).repeat(36) + "f" + &"; fi".repeat(36)
        ),
        format!("shopt -s expand_aliases\nalias t='time '\n{}true", "t ".repeat(20_000)),
    ] {
        let limited = ExecuteRequest { timeout: Some(Duration::from_secs(20)), ..request(&script) };
        let outcome = execute(&ws, limited).await;
        assert_ne!(outcome.end, End::TimedOut, "{script}");
    }
    assert_eq!(out(&ws, "echo alive").await, "alive\n");
}

#[tokio::test]
async fn a_fork_bomb_ends_with_a_clear_error() {
    let (_all, ws) = workspace(json!({})).await;
    for bomb in [":(){ :|:& };:", "while :; do sleep 1000 & done"] {
        let limited = ExecuteRequest { timeout: Some(Duration::from_secs(60)), ..request(bomb) };
        let outcome = execute(&ws, limited).await;
        assert!(matches!(outcome.end, End::ResourceLimit(_)), "{bomb}: {:?}", outcome.end);
        assert!(String::from_utf8_lossy(&outcome.stderr).contains("too many background jobs"), "{outcome:?}");
        assert_eq!(out(&ws, "echo alive").await, "alive\n");
    }
}

#[tokio::test]
async fn jq_reads_what_its_caller_gives_it() {
    let (_all, ws) = workspace(json!({})).await;
    let script = "cd /tmp; echo '{\"a\":[1]}' > f; jq -c .a f; jq -c . <(cat f); X=1 jq -nr env.X; yes | jq -n 2; \
                  jq -c . < f > o; cat o; jq -cn '[inputs]' <<< '1 2'; jq -e .z f; echo $?; \
                  jq -n --tab 'reduce range(2) as $i (null; [.])' | wc -l";
    assert_eq!(out(&ws, script).await, "[1]\n{\"a\":[1]}\n1\n2\n{\"a\":[1]}\n[1,2]\nnull\n1\n5\n");
}

#[tokio::test]
async fn memory_is_bounded() {
    let options = Options { max_file_bytes: 1 << 20, max_workspace_bytes: 2 << 20, ..Options::default() };
    let workspaces = open(options, None).await;
    let ws = workspaces.create(None, WorkspaceConfig::empty()).await.unwrap();
    let (code, _, stderr) = run(&ws, "yes > /tmp/a").await;
    assert!(code != 0 && stderr.contains("File too large"), "{code} {stderr}");
    let (code, _, stderr) = run(&ws, "head -c 1000000 /dev/zero > /tmp/b; cp /tmp/b /tmp/c").await;
    assert!(code != 0 && stderr.contains("No space left on device"), "{code} {stderr}");
}
