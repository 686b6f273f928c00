//! What the node logged, shown.

use crate::support::{Process, TestEnv};
use rustix::process::Signal;
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

fn append(env: &TestEnv, day: &str, text: &str) {
    let dir = env.path("box/logs");
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join(format!("waypost.{day}.log"));
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn logs_are_read_across_files_by_time_level_and_job() {
    let env = TestEnv::new();
    let (code, _, err) = env.run("box", &["node", "logs"]);
    assert_eq!(code, 13, "{err}");
    assert!(err.contains("waypost node run"), "{err}");

    append(&env, "2026-01-01", "2026-01-01T10:00:00.000000Z ERROR waypost: one job=job_1\n  where it was\n");
    append(&env, "2026-01-02", "2026-01-02T10:00:00.000000Z  INFO waypost: two job=job_2\n");
    append(&env, "2026-01-02", "2026-01-02T11:00:00.000000Z  WARN waypost: three \u{1b}[31mred\n");
    let logs = |args: &[&str]| {
        let (code, out, err) = env.run("box", &[&["node", "logs"], args].concat());
        assert_eq!(code, 0, "{args:?}: {err}");
        out
    };
    assert_eq!(logs(&[]).lines().count(), 4);
    let last = logs(&["-n", "1"]);
    assert!(last.contains("three") && last.lines().count() == 1 && !last.contains('\u{1b}'), "{last:?}");
    let errors = logs(&["--error"]);
    assert!(errors.contains("one") && errors.contains("where it was") && !errors.contains("two"), "{errors}");
    let job = logs(&["--job", "job_2"]);
    assert!(job.contains("two") && job.lines().count() == 1, "{job}");
    for since in [&["--since", "2026-01-02T10:30Z"][..], &["--since", "2026-01-02T10:30Z", "-n", "5"]] {
        let text = logs(since);
        assert!(text.contains("three") && text.lines().count() == 1, "{text}");
    }
    let json: Value = serde_json::from_str(&logs(&["--json", "-n", "1"])).unwrap();
    assert_eq!((&json["level"], &json["time"]), (&"WARN".into(), &"2026-01-02T11:00:00.000000Z".into()));
    assert_eq!(env.run("box", &["node", "logs", "--since", "soon"]).0, 2);
}

#[test]
fn following_goes_into_the_next_file_and_ends_when_interrupted() {
    let env = TestEnv::new();
    append(&env, "2026-01-01", "before\n");
    let mut command = env.waypost("box");
    command.args(["node", "logs", "-f"]);
    let mut follow = Process::spawn(command);
    follow.wait_line("before", LIMIT);
    append(&env, "2026-01-01", "one\n");
    follow.wait_line("one", LIMIT);
    append(&env, "2026-01-02", "two\n");
    follow.wait_line("two", LIMIT);
    follow.signal(Signal::INT);
    assert_eq!(follow.wait(LIMIT).code(), Some(0), "{}", follow.stderr());
    assert_eq!(follow.stderr(), "");
}

#[test]
fn following_ends_when_nobody_reads_any_more() {
    let env = TestEnv::new();
    append(&env, "2026-01-01", "before\n");
    let mut child = env.waypost("box").args(["node", "logs", "-f"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "before\n");
    // The reader is gone now, and nothing more is written: it ends all the same.
    let begun = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > LIMIT {
            let _ = child.kill();
            panic!("it goes on for nobody");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0));
}
