//! The steps that make a node systemd's.

use super::commands::Commands;
use super::places::Places;
use super::steps::{AccountStep, DirectoryStep, EnableStep, LingerStep, OwnerStep, ReloadStep, Stage, UnitFileStep};
use super::unit::{account_name, unit};
use crate::service::{InstallPlan, Scope, ServiceError, ServiceSpec, Step};
use std::path::Path;

/// The plan. Linger comes before the first word to the user's manager: it may be what starts that manager.
pub(super) fn plan(
    spec: &ServiceSpec,
    user: &str,
    commands: &Commands,
    places: &Places,
    stage: Stage,
) -> Result<InstallPlan, ServiceError> {
    let text = unit(spec, places)?;
    let units = places.units.clone().ok_or_else(|| ServiceError::Unfit {
        what: "the directory of the units".to_owned(),
        reason: "this user has no home directory: set HOME".to_owned(),
    })?;
    let mut steps: Vec<Box<dyn Step>> = Vec::new();
    if spec.scope == Scope::System {
        let account = account_name(spec).to_owned();
        steps.push(Box::new(AccountStep {
            commands: commands.clone(),
            name: account.clone(),
            home: spec.home.clone(),
        }));
        // Parents are for everybody to pass through.
        directories(&mut steps, &spec.home, 0o755, 0o700);
        steps.push(Box::new(OwnerStep { commands: commands.clone(), path: spec.home.clone(), account }));
        directories(&mut steps, &units, 0o755, 0o755);
    } else {
        directories(&mut steps, &units, 0o700, 0o700);
    }
    steps.push(Box::new(UnitFileStep { scope: spec.scope, units, text, stage }));
    if spec.scope == Scope::User {
        steps.push(Box::new(LingerStep { commands: commands.clone(), places: places.clone(), user: user.to_owned() }));
    }
    steps.push(Box::new(ReloadStep { commands: commands.clone() }));
    steps.push(Box::new(EnableStep { commands: commands.clone() }));
    Ok(InstallPlan { steps })
}

/// One step for every directory of the path that is missing, from the top, and for the last in any case.
fn directories(steps: &mut Vec<Box<dyn Step>>, path: &Path, parents: u32, last: u32) {
    let mut missing: Vec<&Path> = path.ancestors().skip(1).take_while(|dir| !dir.exists()).collect();
    missing.reverse();
    for dir in missing {
        steps.push(Box::new(DirectoryStep { path: dir.to_owned(), mode: parents }));
    }
    steps.push(Box::new(DirectoryStep { path: path.to_owned(), mode: last }));
}
