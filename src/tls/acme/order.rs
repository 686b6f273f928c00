//! One order, from the authority's challenge to its certificate.

use super::renew::{Acme, Challenge};
use super::responder::Responder;
use crate::tls::{Shelf, TlsError};
use instant_acme::{
    AuthorizationStatus, ChallengeHandle, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use std::time::Duration;

/// How long the authority may take to look, and to issue.
const PATIENCE: Duration = Duration::from_secs(120);

/// A chain and its key, in PEM form.
pub(super) struct Issued {
    pub(super) chain: String,
    pub(super) key: String,
}

impl Acme {
    /// Gets a certificate. Challenges are gone when this ends, whatever way.
    pub(super) async fn order(&self, shelf: &Shelf) -> Result<Issued, TlsError> {
        let issued = self.try_order(shelf).await;
        shelf.forget_challenges();
        issued
    }

    async fn try_order(&self, shelf: &Shelf) -> Result<Issued, TlsError> {
        let account = self.account().await?;
        let names: Vec<Identifier> = self.names.iter().map(|name| Identifier::Dns(name.clone())).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(|failed| self.failed(&failed))?;
        let responder = match &self.challenge {
            Challenge::Http01 { listen } => Some(Responder::listen(*listen).await?),
            Challenge::TlsAlpn01 => None,
        };
        self.authorize(&mut order, shelf, responder.as_ref()).await?;
        let policy = RetryPolicy::new().timeout(PATIENCE);
        let status = order.poll_ready(&policy).await.map_err(|failed| self.failed(&failed))?;
        if status != OrderStatus::Ready {
            let said = why(&mut order).await;
            return Err(self.failed(&format!("the order became {status:?}: {said}")));
        }
        let unmade = |wrong: rcgen::Error| TlsError::unusable("the request for a certificate", wrong);
        let key = KeyPair::generate().map_err(unmade)?;
        let mut parameters = CertificateParams::new(self.names.clone()).map_err(unmade)?;
        parameters.distinguished_name = DistinguishedName::new();
        let request = parameters.serialize_request(&key).map_err(unmade)?;
        order.finalize_csr(request.der()).await.map_err(|failed| self.failed(&failed))?;
        let chain = order.poll_certificate(&policy).await.map_err(|failed| self.failed(&failed))?;
        Ok(Issued { chain, key: key.serialize_pem() })
    }

    /// Prepares what the authority will look for, then tells it to look.
    async fn authorize(&self, order: &mut Order, shelf: &Shelf, http: Option<&Responder>) -> Result<(), TlsError> {
        let mut authorizations = order.authorizations();
        while let Some(next) = authorizations.next().await {
            let mut authorization = next.map_err(|failed| self.failed(&failed))?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                other => return Err(self.failed(&format!("an authorization is {other:?}"))),
            }
            let (kind, name) = match http {
                Some(_) => (ChallengeType::Http01, "HTTP-01"),
                None => (ChallengeType::TlsAlpn01, "TLS-ALPN-01"),
            };
            let missing = || self.failed(&format!("it offers no {name} challenge: choose another one"));
            let mut challenge = authorization.challenge(kind).ok_or_else(missing)?;
            match http {
                Some(responder) => {
                    responder.answer(challenge.token.clone(), challenge.key_authorization().as_str().to_owned());
                }
                None => self.show(shelf, &challenge)?,
            }
            challenge.set_ready().await.map_err(|failed| self.failed(&failed))?;
        }
        Ok(())
    }

    /// What RFC 8737 has the server show.
    fn show(&self, shelf: &Shelf, challenge: &ChallengeHandle<'_>) -> Result<(), TlsError> {
        let unmade = |wrong: rcgen::Error| TlsError::unusable("the challenge's certificate", wrong);
        let name = challenge.identifier().to_string();
        let key = KeyPair::generate().map_err(unmade)?;
        let mut parameters = CertificateParams::new(vec![name.clone()]).map_err(unmade)?;
        let proof = CustomExtension::new_acme_identifier(challenge.key_authorization().digest().as_ref());
        parameters.custom_extensions = vec![proof];
        let certificate = parameters.self_signed(&key).map_err(unmade)?;
        // Its extension is one that no verifier knows, so nothing is checked here.
        let odd = |wrong: rustls::Error| TlsError::unusable("the challenge's key", wrong);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = ring::default_provider().key_provider.load_private_key(key).map_err(odd)?;
        shelf.challenge(&name, CertifiedKey::new(vec![certificate.der().clone()], key));
        Ok(())
    }
}

/// What the authority found wrong.
async fn why(order: &mut Order) -> String {
    if let Some(problem) = &order.state().error {
        return problem.to_string();
    }
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return problem.to_string();
        }
    }
    "it does not say why".to_owned()
}
