//! The certificate that was issued last, with its key, in one file for its owner only.

use super::renew::Acme;
use crate::base::{create_private_dir, read_private, write_private};
use crate::tls::TlsError;
use crate::tls::pem::certified;
use rustls::sign::CertifiedKey;
use std::io::ErrorKind;
use std::path::PathBuf;

impl Acme {
    /// What is kept; none when there is nothing, or it is for other names or of another authority.
    pub(super) fn stored(&self) -> Result<Option<CertifiedKey>, TlsError> {
        let file = self.file();
        let text = match read_private(&file) {
            Ok(text) => text,
            Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(None),
            Err(failed) => return Err(TlsError::io(&file)(failed)),
        };
        if text.lines().next() != Some(self.heading().as_str()) {
            return Ok(None);
        }
        certified(&file.display().to_string(), text.as_bytes(), text.as_bytes()).map(Some)
    }

    /// Keeps what was issued.
    pub(super) fn store(&self, chain: &str, key: &str) -> Result<CertifiedKey, TlsError> {
        let issued = certified(&self.directory, chain.as_bytes(), key.as_bytes())?;
        create_private_dir(&self.dir).map_err(TlsError::io(&self.dir))?;
        let (file, text) = (self.file(), format!("{}\n{chain}\n{key}", self.heading()));
        write_private(&file, text.as_bytes()).map_err(TlsError::io(&file))?;
        Ok(issued)
    }

    /// For whom and of whom it is. PEM ignores what stands before it.
    fn heading(&self) -> String {
        format!("{} by {}", self.names.join(" "), self.directory)
    }

    fn file(&self) -> PathBuf {
        self.dir.join("issued.pem")
    }
}
