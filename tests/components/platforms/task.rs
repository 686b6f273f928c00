//! Registering the task with the system's own `schtasks`. Wine's registers and deletes, cannot disable, and answers no
//! question; so what it was given is looked at in its own store.

use std::fs;
use std::path::{Path, PathBuf};
use waypost::service::{Account, Entry, Manager, Receipt, Scope, ServiceSpec, TaskScheduler};

/// What nobody else on this machine has, so that no real task is in the way.
fn account() -> Account {
    Account { id: format!("S-1-5-21-1-2-3-{}", std::process::id()), is_elevated: false }
}

fn spec(home: &Path) -> ServiceSpec {
    ServiceSpec {
        scope: Scope::User,
        program: PathBuf::from(r"C:\Users\Zoë O'Neil & Co\bin\waypost.exe"),
        args: ["node", "run"].map(str::to_owned).into(),
        home: home.to_owned(),
        logs: home.join("logs"),
        account: None,
        user: "dev".to_owned(),
    }
}

#[test]
fn a_task_is_registered_and_taken_back() {
    let dir = tempfile::Builder::new().prefix("Zoë O'Neil & Co ").tempdir().unwrap();
    let spec = spec(dir.path());
    let scheduler = TaskScheduler::new(Scope::User, account());
    scheduler.available().unwrap();
    let plan = scheduler.plan(&spec).unwrap();
    let mut receipt = Receipt {
        format: 1,
        version: String::new(),
        scope: Scope::User,
        program: spec.program.clone(),
        args: spec.args.clone(),
        entries: Vec::new(),
    };
    let mut done = Vec::new();
    plan.apply(&mut receipt, &mut done, |_| {}, |_| Ok(())).unwrap();
    let registered =
        done.iter().any(|entry| matches!(entry, Entry::Enabled { service } if *service == scheduler.task()));
    assert!(registered, "{done:?}");
    let kept = Path::new(r"C:\windows\system32\tasks").join(scheduler.task());
    let bytes = fs::read(&kept).unwrap();
    let text: String = String::from_utf8_lossy(&bytes).chars().filter(|c| *c != '\0').collect();
    assert!(text.contains("IgnoreNew") && text.contains("PT0S"), "{text}");

    for entry in receipt.entries.iter().rev() {
        scheduler.undo(entry).unwrap();
    }
    assert!(!kept.exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
