//! The steps that make a service, in their order.

use super::{Change, Entry, Receipt, ServiceError, Step};

/// What an installation would do.
#[derive(Debug, Default)]
pub struct InstallPlan {
    /// The steps, first to last.
    pub steps: Vec<Box<dyn Step>>,
}

/// What came of applying a plan.
#[derive(Debug, Default)]
pub struct Applied {
    /// What was done, in its order. Empty: everything was so already.
    pub done: Vec<Entry>,
}

impl InstallPlan {
    /// What it would do now, step by step.
    pub fn changes(&self) -> Vec<Change> {
        self.steps.iter().map(|step| step.change()).collect()
    }

    /// Applies every step; `told` hears of each before it is done, `kept` has what was done after each, so that a crash
    /// in the middle leaves a receipt of what was.
    ///
    /// # Errors
    /// The first step that failed. What was done before is in the error's company in `kept`, for the caller to undo.
    pub fn apply(
        &self,
        receipt: &mut Receipt,
        mut told: impl FnMut(&Change),
        mut kept: impl FnMut(&Receipt) -> Result<(), ServiceError>,
    ) -> Result<Applied, ServiceError> {
        let mut applied = Applied::default();
        for step in &self.steps {
            told(&step.change());
            let entry = step.apply()?;
            if let Some(entry) = entry.clone().or_else(|| step.claim()) {
                let known = receipt.entries.clone();
                receipt.add(entry);
                if receipt.entries != known {
                    kept(receipt)?;
                }
            }
            applied.done.extend(entry);
        }
        Ok(applied)
    }
}
