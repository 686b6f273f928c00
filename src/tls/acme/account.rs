//! The node's account at an authority: made once, kept for its owner only.

use super::http::Http;
use super::renew::Acme;
use crate::base::{read_private, sha256_hex, write_private};
use crate::tls::TlsError;
use instant_acme::{Account, AccountCredentials, NewAccount};
use std::io::ErrorKind;
use std::path::PathBuf;

impl Acme {
    /// The account, made when there is none at this authority yet.
    pub(super) async fn account(&self) -> Result<Account, TlsError> {
        let file = self.account_file();
        let builder = Account::builder_with_http(Box::new(Http(self.http.clone())));
        match read_private(&file) {
            Ok(text) => {
                let credentials: AccountCredentials = serde_json::from_str(&text)
                    .map_err(|wrong| TlsError::unusable(file.display().to_string(), wrong))?;
                builder.from_credentials(credentials).await.map_err(|failed| self.failed(&failed))
            }
            Err(missing) if missing.kind() == ErrorKind::NotFound => {
                let contact = self.email.as_ref().map(|email| format!("mailto:{email}"));
                let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
                // Whoever asks for a certificate by name has agreed to its authority's terms: docs/direct.md says so.
                let wanted =
                    NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
                let made = builder.create(&wanted, self.directory.clone(), None).await;
                let (account, credentials) = made.map_err(|failed| self.failed(&failed))?;
                let text = serde_json::to_string(&credentials).map_err(|wrong| self.failed(&wrong))?;
                write_private(&file, text.as_bytes()).map_err(TlsError::io(&file))?;
                Ok(account)
            }
            Err(failed) => Err(TlsError::io(&file)(failed)),
        }
    }

    /// One per authority: an account of one means nothing to another.
    fn account_file(&self) -> PathBuf {
        self.dir.join(format!("account-{}.json", &sha256_hex(self.directory.as_bytes())[..16]))
    }
}
