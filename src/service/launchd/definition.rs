//! The property list.

use super::manager::LABEL;
use crate::service::escape::xml;
use crate::service::template::Template;
use crate::service::{Scope, ServiceError, ServiceSpec};
use std::path::Path;

const AGENT: Template =
    Template { name: "launchd-agent.plist", text: include_str!("../../../service-templates/launchd-agent.plist") };
const DAEMON: Template =
    Template { name: "launchd-daemon.plist", text: include_str!("../../../service-templates/launchd-daemon.plist") };

/// The text of the property list.
///
/// # Errors
/// [`ServiceError::Unfit`] for a value that is not text or that XML cannot hold, and for a daemon without an account.
pub(super) fn definition(spec: &ServiceSpec) -> Result<String, ServiceError> {
    let program = xml::text("the program's path", path("the program's path", &spec.program)?)?;
    let mut arguments = format!("\t\t<string>{program}</string>\n");
    // A node must end with 0 where launchd must not start it again: `src/cli/supervisor.rs`.
    for argument in spec.args.iter().map(String::as_str).chain(["--supervisor=launchd"]) {
        let argument = xml::text("an argument", argument)?;
        arguments.push_str(&format!("\t\t<string>{argument}</string>\n"));
    }
    let log = |name: &str| {
        let file = spec.logs.join(name);
        path("the log directory", &file).and_then(|file| xml::text("the log directory", file))
    };
    let mut values = vec![
        ("label", LABEL.to_owned()),
        ("arguments", arguments),
        ("home", xml::text("the state directory", path("the state directory", &spec.home)?)?),
        ("stdout", log("launchd.out.log")?),
        ("stderr", log("launchd.err.log")?),
    ];
    match (spec.scope, &spec.account) {
        (Scope::User, _) => AGENT.fill(&values),
        (Scope::System, Some(account)) => {
            values.push(("account", xml::text("the account", account)?));
            DAEMON.fill(&values)
        }
        (Scope::System, None) => Err(ServiceError::Unfit {
            what: "a machine's service without an account".to_owned(),
            reason: "it would run as root".to_owned(),
        }),
    }
}

/// launchd expands neither `~` nor `$PATH`, and takes only text.
fn path<'a>(what: &str, path: &'a Path) -> Result<&'a str, ServiceError> {
    let unfit = |reason: &str| ServiceError::Unfit { what: what.to_owned(), reason: reason.to_owned() };
    let text = path.to_str().ok_or_else(|| unfit("it is not UTF-8"))?;
    if text.starts_with('/') { Ok(text) } else { Err(unfit("it is not absolute")) }
}
