//! The task's XML.

use super::account::{Account, LOCAL_SERVICE};
use super::quote;
use crate::base::sha256_hex;
use crate::service::escape::xml;
use crate::service::template::Template;
use crate::service::{Scope, ServiceError, ServiceSpec};
use std::path::Path;

const LOGON: Template =
    Template { name: "task-logon.xml", text: include_str!("../../../service-templates/task-logon.xml") };
const BOOT: Template =
    Template { name: "task-boot.xml", text: include_str!("../../../service-templates/task-boot.xml") };
const SYSTEM: Template =
    Template { name: "task-system.xml", text: include_str!("../../../service-templates/task-system.xml") };
/// What Task Scheduler takes for a path, in characters.
const LONGEST_PATH: usize = 260;

/// A task, ready to be registered.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// Its XML.
    pub text: String,
    /// What is in its description and in no other definition's.
    pub digest: String,
}

impl Definition {
    /// The definition of the task `name`.
    ///
    /// # Errors
    /// [`ServiceError::Unfit`] for a value that is not text, that XML cannot hold or that Task Scheduler would change.
    pub(super) fn new(spec: &ServiceSpec, account: &Account, name: &str) -> Result<Self, ServiceError> {
        // Only an administrator can register a task that starts with nobody logged in.
        let template = match (spec.scope, account.is_elevated) {
            (Scope::System, _) => SYSTEM,
            (Scope::User, true) => BOOT,
            (Scope::User, false) => LOGON,
        };
        let program = path("the program's path", &spec.program)?;
        let home = path("the state directory", &spec.home)?;
        // There is no place for environment variables in a task.
        let supervisor = format!("--supervisor=task:{name}");
        let words =
            ["--home", home].into_iter().chain(spec.args.iter().map(String::as_str)).chain([supervisor.as_str()]);
        let arguments = quote::line(words);
        stays("the program's path", program)?;
        stays("the command line", &arguments)?;
        let values = |digest: &str| -> Result<Vec<(&str, String)>, ServiceError> {
            Ok(vec![
                ("sid", xml::text("the account", runs_as(spec, account))?),
                ("program", xml::text("the program's path", program)?),
                ("arguments", xml::text("the command line", &arguments)?),
                ("digest", digest.to_owned()),
            ])
        };
        let digest: String = sha256_hex(template.fill(&values("")?)?.as_bytes()).chars().take(16).collect();
        Ok(Self { text: template.fill(&values(&digest)?)?, digest })
    }

    /// As Task Scheduler reads it: UTF-16, little end first, with a byte order mark.
    pub(super) fn bytes(&self) -> Vec<u8> {
        std::iter::once(0xfeff).chain(self.text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }
}

/// The account of the task: the user, or for the machine one without rights unless another is named by its identifier.
pub(super) fn runs_as<'a>(spec: &'a ServiceSpec, account: &'a Account) -> &'a str {
    match (spec.scope, &spec.account) {
        (Scope::User, _) => &account.id,
        (Scope::System, Some(named)) if named.starts_with("S-1-") => named,
        (Scope::System, _) => LOCAL_SERVICE,
    }
}

fn path<'a>(what: &str, path: &'a Path) -> Result<&'a str, ServiceError> {
    let text = path.to_str().ok_or_else(|| unfit(what, "it is not Unicode"))?;
    // The form that canonicalising gives, which Task Scheduler does not start programs by.
    let text = text.strip_prefix(r"\\?\").filter(|rest| rest.as_bytes().get(1) == Some(&b':')).unwrap_or(text);
    let has_drive = text.as_bytes().get(1..3) == Some(br":\") || text.starts_with(r"\\");
    match () {
        () if !has_drive => Err(unfit(what, "it is not absolute")),
        () if text.chars().count() > LONGEST_PATH => Err(unfit(what, "it has more than 260 characters")),
        () => Ok(text),
    }
}

/// Task Scheduler puts values in for `%NAME%` and `$(NAME)`, and there is no way to tell it not to.
fn stays(what: &str, text: &str) -> Result<(), ServiceError> {
    if text.matches('%').count() > 1 || text.contains("$(") {
        return Err(unfit(what, "Task Scheduler takes `%…%` and `$(…)` for variables: choose another directory"));
    }
    Ok(())
}

fn unfit(what: &str, reason: &str) -> ServiceError {
    ServiceError::Unfit { what: what.to_owned(), reason: reason.to_owned() }
}
