//! The unit's text.

use super::places::{ACCOUNT, Places};
use crate::base::sha256_hex;
use crate::service::escape::systemd::{bare_path, word};
use crate::service::template::Template;
use crate::service::{Scope, ServiceError, ServiceSpec};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

const USER: Template =
    Template { name: "waypost-node.service", text: include_str!("../../../service-templates/waypost-node.service") };
const SYSTEM: Template = Template {
    name: "waypost-node.system.service",
    text: include_str!("../../../service-templates/waypost-node.system.service"),
};

/// Becomes the program that the next word names, with the rest as its arguments.
const SHELL: &str = r#""/bin/sh" "-c" "exec \"$0\" \"$@\"""#;

/// Where the state of a system service is, unless somebody wants it elsewhere.
const SYSTEM_HOME: &str = "/var/lib/waypost";

/// The unit for a spec.
pub(super) fn unit(spec: &ServiceSpec, places: &Places) -> Result<String, ServiceError> {
    let mut environment = OsString::from("WAYPOST_HOME=");
    environment.push(&spec.home);
    let mut values = vec![
        ("command", command(spec)?),
        ("environment", word("the state directory", &environment)?),
        ("directory", bare_path("the state directory", spec.home.as_os_str())?),
        ("restart", format!("{}ms", restart_ms(spec, places))),
    ];
    match spec.scope {
        Scope::User => USER.fill(&values),
        Scope::System => {
            values.push(("account", account(spec)?));
            values.push(("writable", writable(spec)?));
            values.push(("state_directory", state_directory(&spec.home)));
            SYSTEM.fill(&values)
        }
    }
}

/// systemd refuses a program whose path has quotes or backslashes, however they are written; a shell that is told to become
/// that program does not, and the process stays the same.
fn command(spec: &ServiceSpec) -> Result<String, ServiceError> {
    let program = word("the program's path", spec.program.as_os_str())?;
    let refused = spec.program.to_string_lossy().contains(['"', '\'', '\\']);
    let mut words = if refused { vec![SHELL.to_owned(), program] } else { vec![program] };
    for arg in &spec.args {
        words.push(word("an argument", arg.as_ref())?);
    }
    Ok(words.join(" "))
}

/// 3 to 8 s, always the same on one machine. Units before systemd 254 cannot draw lots (`RestartRandomizedDelaySec=` is newer
/// still), and 252 prints a warning for every setting that it does not know.
fn restart_ms(spec: &ServiceSpec, places: &Places) -> u64 {
    let machine = std::fs::read(&places.machine_id).unwrap_or_default();
    let hash = sha256_hex(&[&machine, spec.home.as_os_str().as_encoded_bytes()].concat());
    3000 + u64::from_str_radix(&hash[..8], 16).unwrap_or_default() % 5000
}

/// Account names are plain; anything else would be somebody else's idea of one.
fn account(spec: &ServiceSpec) -> Result<String, ServiceError> {
    let name = account_name(spec);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let starts = |c: char| c.is_ascii_lowercase() || c == '_';
    if name.len() <= 32 && name.starts_with(starts) && name.chars().all(plain) {
        return Ok(name.to_owned());
    }
    Err(ServiceError::Unfit {
        what: format!("the account {name:?}"),
        reason: "an account's name has lower-case letters, digits, _ and -".to_owned(),
    })
}

/// The account that a system service runs under.
pub(super) fn account_name(spec: &ServiceSpec) -> &str {
    spec.account.as_deref().unwrap_or(ACCOUNT)
}

/// The state directory, and every path that an argument names: what the owner opens to workspaces is among them. `-`: one that is
/// missing does not keep the service from starting.
fn writable(spec: &ServiceSpec) -> Result<String, ServiceError> {
    let value = |arg: &String| match arg.split_once('=') {
        Some((option, value)) if option.starts_with("--") => value.to_owned(),
        _ => arg.clone(),
    };
    let named: BTreeSet<String> = spec.args.iter().map(value).filter(|value| Path::new(value).is_absolute()).collect();
    let prefixed = |path: &OsStr| {
        let mut text = OsString::from("-");
        text.push(path);
        word("a directory", &text)
    };
    let mut words = vec![prefixed(spec.home.as_os_str())?];
    for dir in named.iter().filter(|dir| Path::new(dir.as_str()) != spec.home) {
        words.push(prefixed(dir.as_ref())?);
    }
    Ok(words.join(" "))
}

/// systemd makes and owns the usual place; one elsewhere is ours to make.
fn state_directory(home: &Path) -> String {
    if home != Path::new(SYSTEM_HOME) {
        return String::new();
    }
    "StateDirectory=waypost\nStateDirectoryMode=0700\n".to_owned()
}
