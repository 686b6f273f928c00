//! Takes known secrets out of what is written, by value: a name-based filter misses the one that matters.

use crate::base::Secret;
use std::io::{self, Write};
use std::sync::RwLock;

static SECRETS: RwLock<Vec<Secret>> = RwLock::new(Vec::new());

/// From now on `secret` is written as `[redacted]` in every log of this process.
pub fn forget_in_logs(secret: &Secret) {
    // Shorter values would cut words out of ordinary text.
    if secret.expose().len() < 8 {
        return;
    }
    let mut secrets = SECRETS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !secrets.contains(secret) {
        secrets.push(secret.clone());
    }
}

/// A writer that redacts each record before it passes it on.
pub struct Redacting<W>(pub W);

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let secrets = SECRETS.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let text = String::from_utf8_lossy(record);
        if secrets.iter().any(|secret| text.contains(secret.expose())) {
            let mut clean = text.into_owned();
            for secret in secrets.iter() {
                clean = clean.replace(secret.expose(), "[redacted]");
            }
            self.0.write_all(clean.as_bytes())?;
        } else {
            self.0.write_all(record)?;
        }
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_not_written() {
        forget_in_logs(&Secret::new("msn_0123456789"));
        let mut written = Vec::new();
        Redacting(&mut written).write_all(b"calling with msn_0123456789 now\n").unwrap();
        assert_eq!(written, b"calling with [redacted] now\n");
    }
}
