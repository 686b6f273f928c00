//! The records of `tests/shell/recorded` are what GNU bash on this machine answers. `UPDATE=1` writes them instead.

#[path = "../shell/cases.rs"]
mod cases;

use cases::{Answer, Case, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;

fn run(case: &Case) -> Answer {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("w");
    fs::create_dir(&directory).unwrap();
    let output = Command::new("bash")
        .args(["-c", &case.script])
        .current_dir(&directory)
        .env_clear()
        .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("USER", "user")])
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("{} was killed: {}", case.id(), output.status));
    Answer { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Runs all on a few threads, by group and name.
fn run_all(cases: &[Case]) -> BTreeMap<String, Record> {
    let records: Mutex<BTreeMap<String, Record>> = Mutex::default();
    let rest = Mutex::new(cases.iter());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = rest.lock().unwrap().next() else { return };
                    let answer = run(case);
                    records.lock().unwrap().entry(case.group.clone()).or_default().insert(case.name.clone(), answer);
                }
            });
        }
    });
    records.into_inner().unwrap()
}

#[test]
fn records_are_what_gnu_bash_answers() {
    let cases = cases::cases();
    let answers = run_all(&cases);
    let narrowed = std::env::var_os("SHELL_CASES").is_some();
    if std::env::var_os("UPDATE").is_some() {
        for (group, answers) in answers {
            let mut record = if narrowed { cases::record(&group) } else { Record::new() };
            record.extend(answers);
            // The text of standard error belongs to the record only where it is compared.
            for case in cases.iter().filter(|case| case.group == group && !case.compares_stderr) {
                record.entry(case.name.clone()).and_modify(|answer| answer.stderr.clear());
            }
            fs::create_dir_all(cases::directory().join("recorded")).unwrap();
            fs::write(cases::record_path(&group), serde_json::to_string_pretty(&record).unwrap() + "\n").unwrap();
        }
        return;
    }
    let mut failures = String::new();
    for case in &cases {
        match (cases::record(&case.group).get(&case.name), &answers[&case.group][&case.name]) {
            (Some(recorded), answer) if case.agrees(recorded, answer) => {}
            (Some(recorded), answer) => failures += &cases::difference(case, answer, recorded),
            (None, _) => failures += &format!("--- {} is not recorded\n", case.id()),
        }
    }
    assert!(failures.is_empty(), "the record differs from this machine's bash (UPDATE=1 writes it):\n{failures}");
    let groups: BTreeSet<&String> = answers.keys().collect();
    for entry in fs::read_dir(cases::directory().join("recorded")).unwrap() {
        let path = entry.unwrap().path();
        let group = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let names: BTreeSet<&String> = cases.iter().filter(|case| case.group == group).map(|case| &case.name).collect();
        let stale = |name: &String| !names.contains(name);
        assert!(narrowed || groups.contains(&group), "{group} is recorded and has no cases");
        assert!(narrowed || !cases::record(&group).keys().any(stale), "{group} has records without a case");
    }
}
