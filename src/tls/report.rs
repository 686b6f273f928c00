//! Where a certificate's loop says how it is.

use std::fmt;
use std::sync::Arc;

/// Takes whether all is well, a code for it and a sentence. Called whenever that may have changed.
#[derive(Clone)]
pub struct Report(Arc<Listener>);

type Listener = dyn Fn(bool, &str, String) + Send + Sync;

impl Report {
    /// Reports to that function.
    pub fn to(listener: impl Fn(bool, &str, String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    pub(super) fn good(&self, reason: &str, message: impl Into<String>) {
        (self.0)(true, reason, message.into());
    }

    pub(super) fn bad(&self, reason: &str, message: impl Into<String>) {
        (self.0)(false, reason, message.into());
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report")
    }
}
