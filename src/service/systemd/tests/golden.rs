//! The units' texts.

use super::super::places::Places;
use super::super::unit::unit;
use super::words::{expanded, settings, words};
use crate::service::{Scope, ServiceError, ServiceSpec};
use std::path::{Path, PathBuf};

const ODD: &str = r#"/home/dev/my "odd" %h $x é"#;

fn spec(scope: Scope, home: &str, args: &[&str]) -> ServiceSpec {
    ServiceSpec {
        scope,
        program: PathBuf::from(home).join(".local/bin/waypost"),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        home: PathBuf::from(home).join("state"),
        logs: PathBuf::from(home).join("logs"),
        account: None,
        user: "dev".to_owned(),
    }
}

/// Without a machine id, so that the pause before a restart is the same everywhere.
fn rendered(spec: &ServiceSpec) -> Result<String, ServiceError> {
    let mut places = Places::of_the_system(spec.scope, 0);
    places.machine_id = "/nowhere".into();
    unit(spec, &places)
}

fn compare(name: &str, spec: &ServiceSpec) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/systemd").join(name);
    let text = rendered(spec).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} differs: run with UPDATE=1 and look at the difference");
    text
}

fn read_back(text: &str, spec: &ServiceSpec) {
    let settings = settings(text);
    let value = |name: &str| {
        let mut values = settings.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let value = values.next().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(values.next(), None, "{name} twice");
        value
    };
    let command = value("Service.ExecStart").strip_prefix(':').expect("no variables are expanded");
    let mut found = words(command);
    let mut expected = vec![spec.program.display().to_string()];
    expected.extend(spec.args.clone());
    if expected[0].contains(['"', '\'', '\\']) {
        // Such a program is started by way of a shell.
        let shell: Vec<String> = found.drain(..3).collect();
        assert_eq!(shell, ["/bin/sh", "-c", r#"exec "$0" "$@""#]);
    }
    assert_eq!(found, expected);
    let home = spec.home.display().to_string();
    assert_eq!(words(value("Service.Environment")), [format!("WAYPOST_HOME={home}")]);
    let directory = expanded(value("Service.WorkingDirectory").strip_prefix('-').unwrap());
    assert_eq!(Path::new(&directory), spec.home);
    if spec.scope == Scope::System {
        assert_eq!(words(value("Service.ReadWritePaths"))[0], format!("-{home}"));
    }
}

#[test]
fn ordinary_and_hostile_values_are_read_back_as_they_were() {
    let hostile = ["node", "run", "", ";", "a b", r"back\slash\", "%n", "$HOME ${x}", "'single'", "--label=né", "#"];
    let ordinary = ["node", "run", "--listen", "127.0.0.1:8765", "--allow-disk", "/srv/data"];
    for (scope, name) in [(Scope::User, "user"), (Scope::System, "system")] {
        for (kind, home, args) in [("ordinary", "/home/dev", &ordinary[..]), ("hostile", ODD, &hostile[..])] {
            let spec = spec(scope, home, args);
            read_back(&compare(&format!("{name}-{kind}.service"), &spec), &spec);
        }
    }
    for end in ["/home/dev/back\\", "/home/dev/blank ", "/home/'quoted'", "/home/dev/-#;"] {
        for scope in [Scope::User, Scope::System] {
            let spec = ServiceSpec { home: end.into(), ..spec(scope, "/home/dev", &["--allow-disk=/srv/%i \"x\""]) };
            let text = rendered(&spec).unwrap();
            read_back(&text, &spec);
            assert_eq!(scope == Scope::System, text.contains(r#""-/srv/%%i \"x\"""#));
        }
    }
}

#[test]
fn what_would_break_the_unit_is_refused() {
    let ordinary = spec(Scope::System, "/home/dev", &["node"]);
    let odd = "/x\nExecStartPre=/bin/evil";
    let refused = |spec: ServiceSpec, what: &str| {
        let refused = rendered(&spec).unwrap_err();
        assert!(matches!(&refused, ServiceError::Unfit { what: named, .. } if named.starts_with(what)), "{refused}");
    };
    refused(ServiceSpec { home: odd.into(), ..ordinary.clone() }, "the state directory");
    refused(ServiceSpec { program: odd.into(), ..ordinary.clone() }, "the program's path");
    refused(ServiceSpec { args: vec![odd.to_owned()], ..ordinary.clone() }, "an argument");
    for account in ["", "Root", "a b", "%u", "a\nUser=root", "-x"] {
        refused(ServiceSpec { account: Some(account.to_owned()), ..ordinary.clone() }, "the account");
    }
}

#[test]
fn only_the_usual_place_is_made_by_systemd() {
    let usual = ServiceSpec { home: "/var/lib/waypost".into(), ..spec(Scope::System, "/home/dev", &["node"]) };
    assert!(rendered(&usual).unwrap().contains("\nStateDirectory=waypost\nStateDirectoryMode=0700\n\n[Install]"));
    assert!(!rendered(&spec(Scope::System, "/home/dev", &["node"])).unwrap().contains("StateDirectory"));
}
