//! The scripts of `tests/shell`, what GNU bash answered, and how two answers compare. Used by the test that runs them in
//! workspaces and by the one that runs them in GNU bash.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One script.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file it is in, without `.sh`.
    pub group: String,
    /// Unique within its group.
    pub name: String,
    /// What runs.
    pub script: String,
    /// Whether standard error is compared too.
    pub compares_stderr: bool,
}

/// What a shell answered. Bytes that are no text are U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    #[serde(default)]
    pub stderr: String,
}

/// The answers of one group by name.
pub type Record = BTreeMap<String, Answer>;

impl Case {
    /// `GROUP/NAME`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }

    /// Whether `answer` is `wanted` as far as this case compares them.
    pub fn agrees(&self, wanted: &Answer, answer: &Answer) -> bool {
        let same = (wanted.code, &wanted.stdout) == (answer.code, &answer.stdout);
        same && (!self.compares_stderr || wanted.stderr == answer.stderr)
    }
}

pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shell")
}

/// All cases, or those whose id contains the environment variable `SHELL_CASES`.
pub fn cases() -> Vec<Case> {
    let wanted = std::env::var("SHELL_CASES").unwrap_or_default();
    let entries = fs::read_dir(directory().join("cases")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sh"));
    files.sort();
    let mut cases: Vec<Case> = files.iter().flat_map(|file| read(file)).collect();
    cases.retain(|case| case.id().contains(&wanted));
    cases
}

fn read(file: &Path) -> Vec<Case> {
    let group = file.file_stem().unwrap().to_str().unwrap();
    let text = fs::read_to_string(file).unwrap();
    let (head, rest) = text.split_once("#: ").unwrap_or_else(|| panic!("{group} has no case"));
    assert!(head.trim().is_empty(), "{group}: text before the first case");
    let mut cases: Vec<Case> = Vec::new();
    for part in rest.split("\n#: ") {
        let (name, script) = part.split_once('\n').unwrap_or((part, ""));
        let (compares_stderr, script) = match script.strip_prefix("#! stderr\n") {
            Some(script) => (true, script),
            None => (false, script),
        };
        let (group, name) = (group.to_owned(), name.trim().to_owned());
        assert!(cases.iter().all(|case| case.name != name), "{group}/{name} is there twice");
        cases.push(Case { group, name, script: script.trim_end().to_owned() + "\n", compares_stderr });
    }
    cases
}

/// What GNU bash answered to the cases of a group; empty when nothing is recorded.
pub fn record(group: &str) -> Record {
    match fs::read_to_string(record_path(group)) {
        Ok(text) => serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("the record of {group}: {wrong}")),
        Err(_) => Record::new(),
    }
}

pub fn record_path(group: &str) -> PathBuf {
    directory().join(format!("recorded/{group}.json"))
}

/// A few lines that show where `answer` is not `wanted`.
pub fn difference(case: &Case, wanted: &Answer, answer: &Answer) -> String {
    let mut text = format!("--- {}\n", case.id());
    if wanted.code != answer.code {
        text += &format!("    code {}, bash {}\n", answer.code, wanted.code);
    }
    if wanted.stdout != answer.stdout {
        text += &lines("stdout", &wanted.stdout, &answer.stdout);
    }
    // Also where it is not compared: it often says why the rest differs.
    if wanted.stderr != answer.stderr {
        text += &lines("stderr", &wanted.stderr, &answer.stderr);
    }
    text
}

fn lines(stream: &str, wanted: &str, answer: &str) -> String {
    let (wanted, answer): (Vec<_>, Vec<_>) = (wanted.split('\n').collect(), answer.split('\n').collect());
    let same = wanted.iter().zip(&answer).take_while(|(a, b)| a == b).count();
    let show = |lines: &[&str]| {
        let shown: Vec<String> = lines.iter().skip(same).take(4).map(|line| line.chars().take(160).collect()).collect();
        format!("{shown:?}")
    };
    format!("    {stream} from line {}: {}, bash {}\n", same + 1, show(&answer), show(&wanted))
}
