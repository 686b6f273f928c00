//! The definitions against golden files and as XML, and the calls against a `schtasks` of ours.

use super::account::Account;
use super::apply::grants_only;
use super::definition::Definition;
use super::manager::TaskScheduler;
use crate::service::{Scope, ServiceError, ServiceSpec};
use std::path::{Path, PathBuf};

const SID: &str = "S-1-5-21-1004336348-1177238915-682003330-1001";

fn account(is_elevated: bool) -> Account {
    Account { id: SID.to_owned(), is_elevated }
}

fn spec(scope: Scope, home: &str) -> ServiceSpec {
    ServiceSpec {
        scope,
        program: PathBuf::from(format!(r"{home}\bin\waypost.exe")),
        args: ["node", "run", "--listen", "127.0.0.1:8765"].map(str::to_owned).into(),
        logs: PathBuf::from(format!(r"{home}\logs")),
        account: (scope == Scope::System).then(|| "waypost".to_owned()),
        user: "Zoë O'Neil & Co".to_owned(),
        home: PathBuf::from(home),
    }
}

/// Compares with the file, or writes it with `UPDATE=1`.
fn golden(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(std::fs::read(&path).unwrap() == bytes, "{}: UPDATE=1 writes it", path.display());
}

/// The text of the first element of that name.
fn element(xml: &str, name: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found: Option<String> = None;
    loop {
        use quick_xml::events::Event;
        match (reader.read_event().unwrap(), &mut found) {
            (Event::Start(start), None) if start.name().as_ref() == name => found = Some(String::new()),
            (Event::Text(text), Some(found)) => found.push_str(&text),
            (Event::GeneralRef(reference), Some(found)) => {
                let c = reference.resolve_char_ref().unwrap().map(String::from);
                let named = quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned);
                found.push_str(&c.or(named).unwrap());
            }
            (Event::End(_), Some(_)) | (Event::Eof, _) => return found,
            _ => {}
        }
    }
}

const ORDINARY: &str = r"C:\Users\dev\AppData\Local\waypost\data";
const HOSTILE: &str = r"C:\Users\Zoë O'Neil & Co\100% <safe>\{{home}}";

#[test]
fn tasks_are_the_golden_ones_and_mean_what_was_given() {
    for (file, scope, home, is_elevated) in [
        ("task-logon.xml", Scope::User, ORDINARY, false),
        ("task-logon-hostile.xml", Scope::User, HOSTILE, false),
        ("task-boot.xml", Scope::User, ORDINARY, true),
        ("task-system.xml", Scope::System, ORDINARY, true),
    ] {
        let spec = spec(scope, home);
        let task = TaskScheduler::new(scope, account(is_elevated)).task();
        let definition = Definition::new(&spec, &account(is_elevated), &task).unwrap();
        let bytes = definition.bytes();
        golden(file, &bytes);
        let units: Vec<_> = bytes.chunks(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
        let text = String::from_utf16(&units).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap();
        assert_eq!(element(text, "Command").unwrap(), spec.program.to_str().unwrap());
        let arguments = element(text, "Arguments").unwrap();
        let home = if home.contains(' ') { format!("\"{home}\"") } else { home.to_owned() };
        assert_eq!(arguments, format!("--home {home} node run --listen 127.0.0.1:8765 --supervisor=task:{task}"));
        assert!(element(text, "Description").unwrap().contains(&definition.digest));
        let runs_as = if scope == Scope::System { "S-1-5-19" } else { SID };
        assert_eq!(element(text, "UserId").unwrap(), runs_as);
    }
}

#[test]
fn values_that_task_scheduler_would_change_are_refused() {
    let refused = |home: &str| match Definition::new(&spec(Scope::User, home), &account(false), "t") {
        Err(ServiceError::Unfit { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert!(refused(r"C:\%TEMP%\x").contains("variables"));
    assert!(refused(r"C:\$(Arg0)").contains("variables"));
    assert!(refused(r"waypost").contains("not absolute"));
    assert!(refused(&format!(r"C:\{}", "x".repeat(260))).contains("260"));
    assert!(refused("C:\\a\u{1}b").contains("U+0001"));
}

#[test]
fn a_canonical_path_is_written_as_people_write_it() {
    let mut spec = spec(Scope::User, ORDINARY);
    let plain = Definition::new(&spec, &account(false), "t").unwrap().text;
    spec.program = PathBuf::from(format!(r"\\?\{}", spec.program.display()));
    assert_eq!(Definition::new(&spec, &account(false), "t").unwrap().text, plain);
}

#[test]
fn definitions_that_differ_have_digests_that_differ() {
    let digest =
        |home, is_elevated| Definition::new(&spec(Scope::User, home), &account(is_elevated), "t").unwrap().digest;
    assert_eq!(digest(ORDINARY, false), digest(ORDINARY, false));
    assert_ne!(digest(ORDINARY, false), digest(HOSTILE, false));
    assert_ne!(digest(ORDINARY, false), digest(ORDINARY, true));
}

#[test]
fn accounts_are_known_by_identifier_whatever_the_language() {
    let user = format!("\"büro\\zoë\",\"{SID}\"\r\n");
    let groups =
        "\"Jeder\",\"Bekannte Gruppe\",\"S-1-1-0\",\"x\"\r\n\"Verbindlich\",\"Bezeichnung\",\"S-1-16-12288\",\"\"";
    assert_eq!(Account::parse(&user, groups), Some(account(true)));
    assert_eq!(Account::parse(&user, ""), Some(account(false)));
    let named = Account::parse("VM\\root\r\n", "VM\\root").unwrap();
    assert_eq!((named.id.as_str(), named.tag().as_str()), ("VM\\root", "VM_root"));
    assert_eq!(Account::parse("", ""), None);
}

#[test]
fn a_directory_is_closed_when_exactly_these_accounts_are_let_in() {
    let accounts = [SID.to_owned(), "S-1-5-18".to_owned()];
    let closed = format!("data\r\nD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;{SID})\r\n");
    assert!(grants_only(&closed, &accounts));
    assert!(!grants_only(&closed.replace("PAI", "AI"), &accounts));
    assert!(!grants_only(&closed.replace("(A;OICI;FA;;;SY)", ""), &accounts));
    assert!(!grants_only(&closed.replace("(A;OICI;FA;;;SY)", "(A;OICI;FA;;;SY)(A;;FR;;;WD)"), &accounts));
    assert!(!grants_only("", &accounts));
}

/// `schtasks` as far as it is needed here: the task is a file, its result another.
#[cfg(unix)]
const SCHTASKS: &str = r#"#!/bin/sh
task= xml= verb=$1
for word; do
    [ "$last" = /TN ] && task=$word
    [ "$last" = /XML ] && xml=$word
    last=$word
done
case "$verb" in
/Create) iconv -f UTF-16 -t UTF-8 "$xml" > DIR/task; echo 267011 > DIR/result ;;
/Query)
    [ -e DIR/task ] || { echo 'FEHLER: nicht gefunden' >&2; exit 1; }
    case "$*" in
    *CSV*) printf '"PC","\\%s","N/A","Bereit","x","y","%s","z"\r\n' "$task" "$(cat DIR/result)" ;;
    *) cat DIR/task ;;
    esac ;;
/Change)
    case "$*" in
    *DISABLE*) sed -i '/<Settings>/,/<.Settings>/s/<Enabled>true/<Enabled>false/' DIR/task ;;
    *) sed -i '/<Settings>/,/<.Settings>/s/<Enabled>false/<Enabled>true/' DIR/task ;;
    esac ;;
/Run) echo 267009 > DIR/result ;;
/End) echo 267014 > DIR/result ;;
/Delete) rm DIR/task ;;
*) exit 1 ;;
esac
"#;

#[cfg(unix)]
#[test]
fn a_task_is_registered_started_asked_stopped_and_taken_back() {
    use super::apply::Register;
    use crate::service::{Activity, Boot, Entry, Manager, Step};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let schtasks = dir.path().join("schtasks");
    fs::write(&schtasks, SCHTASKS.replace("DIR", dir.path().to_str().unwrap())).unwrap();
    fs::set_permissions(&schtasks, fs::Permissions::from_mode(0o755)).unwrap();
    let scheduler = TaskScheduler::new(Scope::User, account(false)).with_schtasks(schtasks);

    assert!(matches!(scheduler.start(), Err(ServiceError::NotInstalled)));
    assert_eq!(scheduler.state().unwrap().activity, Activity::NotInstalled);
    let definition = Definition::new(&spec(Scope::User, HOSTILE), &account(false), &scheduler.task()).unwrap();
    let file = dir.path().join("task.xml");
    fs::write(&file, definition.bytes()).unwrap();
    let register = Register { scheduler: scheduler.clone(), file, digest: definition.digest };
    assert!(!register.change().is_done);
    let entry = register.apply().unwrap().unwrap();
    assert!(register.change().is_done && register.apply().unwrap().is_none());
    assert_eq!(scheduler.state().unwrap().activity, Activity::Inactive);
    assert_eq!(scheduler.state().unwrap().boot.boot, Boot::AtLogin);

    scheduler.start().unwrap();
    assert_eq!(scheduler.state().unwrap().activity, Activity::Active);
    scheduler.restart().unwrap();
    scheduler.stop().unwrap();
    let state = scheduler.state().unwrap();
    assert_eq!((state.activity, state.boot.boot), (Activity::Inactive, Boot::OnlyNow));
    fs::write(dir.path().join("result"), "5").unwrap();
    let state = scheduler.state().unwrap();
    assert_eq!((state.activity, state.last_exit_code), (Activity::Failed, Some(5)));
    assert_eq!(scheduler.undo(&Entry::Started { service: scheduler.task() }).unwrap().left, None);
    for _ in 0..2 {
        assert_eq!(scheduler.undo(&entry).unwrap().left, None);
    }
    assert_eq!(scheduler.state().unwrap().activity, Activity::NotInstalled);
}
