//! What one check found.

use serde::Serialize;
use std::path::PathBuf;

/// All that was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether there are neither errors nor warnings.
    pub ok: bool,
    pub checks: Vec<Check>,
    /// The archive that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<PathBuf>,
}

/// What one check found.
#[derive(Debug, Serialize)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    /// Whether the node works all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub warning: bool,
    /// Whether it is only to be known: nothing was found wrong, or nothing could be looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub note: bool,
    pub message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What `--fix` did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
}

impl Check {
    pub fn good(name: &str, message: impl Into<String>) -> Self {
        let (name, message) = (name.to_owned(), message.into());
        Self { name, ok: true, warning: false, note: false, message, fix: None, fixed: Vec::new() }
    }

    pub fn note(name: &str, message: impl Into<String>) -> Self {
        Self { note: true, ..Self::good(name, message) }
    }

    pub fn warning(name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { warning: true, ..Self::bad(name, message, fix) }
    }

    pub fn bad(name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { ok: false, fix: Some(fix.into()), ..Self::good(name, message) }
    }
}

impl Report {
    pub fn new(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.ok), checks, bundle: None }
    }

    /// How many do not work, and how many should be looked at.
    pub fn counts(&self) -> (usize, usize) {
        let warnings = self.checks.iter().filter(|check| !check.ok && check.warning).count();
        (self.checks.iter().filter(|check| !check.ok).count() - warnings, warnings)
    }
}
