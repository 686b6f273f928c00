//! The golden files pass the linter, and each kind of mistake in one does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn platforms() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms")
}

/// Whether the file is good, and what the linter says of it.
fn lint(file: &Path) -> (bool, String) {
    let python = std::env::var_os("WAYPOST_LINT").expect("WAYPOST_LINT names a Python with lxml and tree-sitter");
    let ran = Command::new(python).arg(platforms().join("lint.py")).arg(file).output().unwrap();
    assert!(ran.stderr.is_empty(), "{}", String::from_utf8_lossy(&ran.stderr));
    (ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned())
}

fn golden() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![platforms().join("golden")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => directories.push(path),
                Some("plist" | "xml") => files.push(path),
                _ => {}
            }
        }
    }
    files
}

#[test]
fn golden_definitions_are_good() {
    let files = golden();
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let (is_good, said) = lint(&file);
        assert!(is_good, "{said}");
    }
}

#[test]
fn mistakes_in_a_property_list_are_found() {
    let text = fs::read_to_string(platforms().join("golden/agent/dev.waypost.node.plist")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dev.waypost.node.plist");
    for (right, wrong, says) in [
        ("</dict>\n</plist>", "</plist>", "not a property list"),
        ("<key>Umask</key>", "<key>UMask</key>", "unknown key 'UMask'"),
        ("<integer>10</integer>", "<string>10</string>", "ThrottleInterval: a str"),
        ("<string>/Users", "<string>~", "not absolute"),
        ("SuccessfulExit", "SuccesfulExit", "KeepAlive.SuccesfulExit"),
        ("WAYPOST_HOME", "WAYPOST_TOKEN", "shows it to everybody"),
        ("dev.waypost.node</string>", "dev.waypost</string>", "must be called"),
    ] {
        let changed = text.replacen(right, wrong, 1);
        assert_ne!(changed, text, "{right}");
        fs::write(&file, changed).unwrap();
        let (is_good, said) = lint(&file);
        assert!(!is_good && said.contains(says), "{right}: {said}");
    }
}

#[test]
fn mistakes_in_a_task_are_found() {
    let bytes = fs::read(platforms().join("golden/task-logon.xml")).unwrap();
    let units: Vec<_> = bytes.chunks(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    let text = String::from_utf16(&units).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("task.xml");
    for (right, wrong, says) in [
        ("</Task>", "", "not XML"),
        ("<Count>255</Count>", "<Count>999</Count>", "999"),
        ("<Interval>PT1M</Interval>", "<Interval>PT10S</Interval>", "PT10S"),
        ("PT0S", "PT72H", "72 hours"),
        ("<StopIfGoingOnBatteries>false", "<StopIfGoingOnBatteries>true", "battery"),
        (">IgnoreNew<", ">Parallel<", "beside itself"),
        ("<Command>C:\\", "<Command>", "not absolute"),
        ("--home ", "--home %TEMP%", "puts values in"),
        ("<StartBoundary>2024-01-01T00:00:00</StartBoundary>\n      <Repetition>", "<Repetition>", "StartBoundary"),
        ("<Hidden>", "<Hiden>", "not XML"),
        ("Context=\"Node\"", "Context=\"Other\"", "Other"),
    ] {
        let changed = text.replacen(right, wrong, 1);
        assert_ne!(changed, text, "{right}");
        let wide: Vec<u8> = changed.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(&file, wide).unwrap();
        let (is_good, said) = lint(&file);
        assert!(!is_good && said.contains(says), "{right}: {said}");
    }
    fs::write(&file, text.trim_start_matches('\u{feff}')).unwrap();
    let (is_good, said) = lint(&file);
    assert!(!is_good && said.contains("byte order mark"), "{said}");
}
