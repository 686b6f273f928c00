//! Taking back what a receipt says.

use super::available::manager_listens;
use super::commands::{Commands, SHORT, done, tried};
use super::places::{Places, UNIT};
use super::start::stop;
use super::steps::{chown, has_account, lingers};
use crate::base::{sha256_hex, sync_dir, write_atomic};
use crate::process::shown;
use crate::service::{Entry, Scope, ServiceError, Undone};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Takes one entry back.
pub(super) fn undo(entry: &Entry, commands: &Commands, places: &Places) -> Result<Undone, ServiceError> {
    match entry {
        Entry::File { path, .. } if is_foreign(path, commands, places) => {
            Ok(left(format!("left {}", path.display()), "no installation of ours writes there"))
        }
        Entry::File { path, sha256, before } => file(path, sha256, before.as_deref(), commands),
        Entry::Directory { path } => directory(path),
        Entry::Enabled { service } => disable(service, commands, places),
        Entry::Linger { user } => linger(user, commands, places),
        Entry::Account { name } => account(name, commands),
        Entry::Owner { path, account } => owner(path, account, commands),
        Entry::Started { service } => {
            if reachable(commands, places) {
                stop(commands)?;
            }
            Ok(undone(format!("stopped {service}")))
        }
    }
}

/// As root, a receipt is not taken at its word: who could write it could have any file written otherwise.
fn is_foreign(path: &Path, commands: &Commands, places: &Places) -> bool {
    commands.scope == Scope::System && path.parent() != places.units.as_deref()
}

fn undone(what: String) -> Undone {
    Undone { what, left: None }
}

fn left(what: String, why: impl Into<String>) -> Undone {
    Undone { what, left: Some(why.into()) }
}

/// A user whose manager does not run has no service that runs.
fn reachable(commands: &Commands, places: &Places) -> bool {
    commands.scope == Scope::System || manager_listens(places)
}

fn file(path: &Path, sha256: &str, before: Option<&str>, commands: &Commands) -> Result<Undone, ServiceError> {
    let found = match fs::read(path) {
        Ok(found) => found,
        Err(gone) if gone.kind() == ErrorKind::NotFound => {
            return Ok(undone(format!("{} is gone already", path.display())));
        }
        Err(failed) => return Err(ServiceError::io(path)(failed)),
    };
    if before.is_some_and(|before| before.as_bytes() == found) {
        return Ok(undone(format!("{} is as it was already", path.display())));
    }
    if sha256_hex(&found) != sha256 {
        return Ok(left(format!("left {}", path.display()), "it has been changed since"));
    }
    let what = match before {
        Some(before) => {
            write_atomic(path, before.as_bytes()).map_err(ServiceError::io(path))?;
            format!("put back {}", path.display())
        }
        None => {
            fs::remove_file(path).map_err(ServiceError::io(path))?;
            let _ = path.parent().map(sync_dir);
            format!("removed {}", path.display())
        }
    };
    if path.file_name().is_some_and(|name| name == UNIT) {
        // It forgets the unit, and that it failed once. A manager that is not there has nothing to forget.
        let _ = done(commands.systemctl(["daemon-reload"]), SHORT);
        let _ = done(commands.systemctl(["reset-failed", UNIT]), SHORT);
    }
    Ok(undone(what))
}

fn directory(path: &Path) -> Result<Undone, ServiceError> {
    match fs::remove_dir(path) {
        Ok(()) => Ok(undone(format!("removed {}", path.display()))),
        Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(undone(format!("{} is gone already", path.display()))),
        Err(full) if matches!(full.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory) => {
            Ok(left(format!("left {}", path.display()), "there is something in it"))
        }
        Err(failed) => Err(ServiceError::io(path)(failed)),
    }
}

fn disable(service: &str, commands: &Commands, places: &Places) -> Result<Undone, ServiceError> {
    let what = format!("disabled {service}");
    if reachable(commands, places) {
        let command = commands.systemctl(["disable", service]);
        let line = shown(&command);
        let ran = tried(command, SHORT)?;
        if !ran.status.success() && !ran.stderr.contains("does not exist") {
            return Err(super::commands::failure(line, &ran));
        }
    }
    // The link is what enabling is. It is still there where no manager could be asked, or where the unit was gone before it.
    if let Some(units) = &places.units {
        let wants = units.join(match commands.scope {
            Scope::User => "default.target.wants",
            Scope::System => "multi-user.target.wants",
        });
        let link = wants.join(service);
        match fs::remove_file(&link) {
            Ok(()) => drop(fs::remove_dir(&wants)),
            Err(gone) if matches!(gone.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(failed) => return Err(ServiceError::io(&link)(failed)),
        }
    }
    Ok(undone(what))
}

fn linger(user: &str, commands: &Commands, places: &Places) -> Result<Undone, ServiceError> {
    if !lingers(places, user) {
        return Ok(undone(format!("linger is off for {user} already")));
    }
    let mut command = commands.program("loginctl");
    command.args(["--no-ask-password", "disable-linger", user]);
    match done(command, SHORT) {
        Ok(_) => Ok(undone(format!("switched linger off for {user}"))),
        Err(refused) => Ok(left(
            format!("left linger on for {user}"),
            format!("{refused}; run `sudo loginctl disable-linger {user}`"),
        )),
    }
}

fn account(name: &str, commands: &Commands) -> Result<Undone, ServiceError> {
    if !has_account(commands, name) {
        return Ok(undone(format!("the account {name} is gone already")));
    }
    let mut userdel = commands.program("userdel");
    userdel.arg(name);
    done(userdel, SHORT)?;
    // Gone with the account already, unless /etc/login.defs says otherwise.
    let mut groupdel = commands.program("groupdel");
    groupdel.arg(name);
    let _ = done(groupdel, SHORT);
    Ok(undone(format!("removed the account {name}")))
}

fn owner(path: &Path, account: &str, commands: &Commands) -> Result<Undone, ServiceError> {
    if !path.exists() {
        return Ok(undone(format!("{} is gone already", path.display())));
    }
    done(chown(commands, "root", path), SHORT)
        .map(|_| undone(format!("gave {} back from {account} to root", path.display())))
}
