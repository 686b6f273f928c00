//! A certificate that the node makes for itself, once. Who calls has to know its pin.

use super::TlsError;
use super::pem::certified;
use crate::base::{create_private_dir, read_private, write_private};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::sign::CertifiedKey;
use std::io::ErrorKind;
use std::path::Path;

/// The certificate in that file, made for these names when there is none yet. It is kept for ever, because others know it
/// by its pin and not by its names.
///
/// # Errors
/// When the file cannot be read, written or used; one that others may read is refused.
pub fn own_certificate(file: &Path, names: &[String]) -> Result<CertifiedKey, TlsError> {
    let text = match read_private(file) {
        Ok(text) => text,
        Err(missing) if missing.kind() == ErrorKind::NotFound => {
            let text = make(names)?;
            if let Some(dir) = file.parent() {
                create_private_dir(dir).map_err(TlsError::io(dir))?;
            }
            write_private(file, text.as_bytes()).map_err(TlsError::io(file))?;
            text
        }
        Err(failed) => return Err(TlsError::io(file)(failed)),
    };
    certified(&file.display().to_string(), text.as_bytes(), text.as_bytes())
}

fn make(names: &[String]) -> Result<String, TlsError> {
    let failed = |wrong: rcgen::Error| TlsError::unusable("a certificate of its own", wrong);
    let key = KeyPair::generate().map_err(failed)?;
    let mut parameters = CertificateParams::new(names.to_vec()).map_err(failed)?;
    parameters.distinguished_name.push(DnType::CommonName, "waypost node");
    let certificate = parameters.self_signed(&key).map_err(failed)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::Shown;

    #[test]
    fn it_is_made_once_and_only_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tls/own.pem");
        let names = ["node.example.com".to_owned(), "127.0.0.1".to_owned()];
        let first = Shown::of(&own_certificate(&file, &names).unwrap());
        assert!(first.self_signed);
        assert_eq!(Shown::of(&own_certificate(&file, &[]).unwrap()), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(own_certificate(&file, &names).unwrap_err().to_string().contains("chmod"));
        }
    }
}
