//! The steps that make a service, in their order.

use super::{Change, Entry, Receipt, ServiceError, Step};

/// What an installation would do.
#[derive(Debug, Default)]
pub struct InstallPlan {
    /// The steps, first to last.
    pub steps: Vec<Box<dyn Step>>,
}

impl InstallPlan {
    /// What it would do now, step by step.
    pub fn changes(&self) -> Vec<Change> {
        self.steps.iter().map(|step| step.change()).collect()
    }

    /// Applies every step. `told` hears of each before it is done; `kept` gets the receipt after each, so that a crash in
    /// the middle leaves one of what was done. `done` has what was done now, in its order: nothing when all was so already.
    ///
    /// # Errors
    /// The first step that failed; what is in `done` then is for the caller to undo.
    pub fn apply(
        &self,
        receipt: &mut Receipt,
        done: &mut Vec<Entry>,
        mut told: impl FnMut(&Change),
        mut kept: impl FnMut(&Receipt) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        for step in &self.steps {
            told(&step.change());
            let entry = step.apply()?;
            done.extend(entry.clone());
            if let Some(entry) = entry.or_else(|| step.claim()) {
                let known = receipt.entries.clone();
                receipt.add(entry);
                if receipt.entries != known {
                    kept(receipt)?;
                }
            }
        }
        Ok(())
    }
}
