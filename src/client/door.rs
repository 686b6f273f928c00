//! A caller's view of any door: a gateway, a node behind it, or a node's own loopback listener.

use super::http::{pinned_client, root_cause};
use super::{GatewayUrl, GatewayUrlError, HttpError, Network, http_client};
use crate::base::{Pin, Secret};
use crate::wire::v1::Problem;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a door may take to answer a question.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to answer a `POST`, which may wait for a job's end for up to a minute.
const LONG_PATIENCE: Duration = Duration::from_secs(90);

/// A call to a door failed.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The URL is not one.
    #[error(transparent)]
    BadUrl(#[from] GatewayUrlError),
    /// HTTP could not be set up.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// No answer came.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// Where the call went.
        url: String,
        /// What the transport said.
        reason: String,
    },
    /// The door refused.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// The answer was not what a door gives.
    #[error("{url} answered {status} with something that is not a Waypost answer: {excerpt}")]
    Foreign {
        /// Where the call went.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        excerpt: String,
    },
}

/// A door by its base URL (without `/v1`) and the caller's credential.
#[derive(Debug, Clone)]
pub struct Door {
    base: String,
    token: Option<Secret>,
    http: reqwest::Client,
}

impl Door {
    /// A door at `base`, e.g. `http://127.0.0.1:8765` or `https://gateway/nodes/box`; a `/v1` at its end is left out.
    ///
    /// # Errors
    /// [`DoorError::BadUrl`] and [`DoorError::Http`].
    pub fn open(base: &str, token: Option<Secret>) -> Result<Self, DoorError> {
        Self::open_pinned(base, token, None)
    }

    /// The same for a server that is known by the fingerprint of its certificate, if one is given.
    ///
    /// # Errors
    /// As [`Door::open`].
    pub fn open_pinned(base: &str, token: Option<Secret>, pin: Option<&Pin>) -> Result<Self, DoorError> {
        let url = GatewayUrl::parse(base)?;
        // A caller has an environment and nothing else; a node has its own settings as well.
        let network = Network::of_environment(&|name| std::env::var_os(name));
        let http = match pin {
            Some(pin) => pinned_client(&url, &network, pin)?,
            None => http_client(&url, &network)?,
        };
        Ok(Self { base: url.as_str().trim_end_matches("/v1").to_owned(), token, http })
    }

    /// Its base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The door of one node behind a gateway's door.
    #[must_use]
    pub fn of_node(&self, node: &str) -> Self {
        Self { base: format!("{}/nodes/{}", self.base, escape(node)), ..self.clone() }
    }

    /// Starts a call. `path` begins with a slash. There is no time limit: executions take what they take.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    /// Sends a call and gives the response of a success.
    ///
    /// # Errors
    /// Every [`DoorError`] but `BadUrl`.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, DoorError> {
        let response = request.send().await.map_err(|failed| self.unreachable(&failed))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refusal(response).await)
    }

    /// `GET`, answer as JSON.
    ///
    /// # Errors
    /// As [`Door::send`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, DoorError> {
        let response = self.send(self.request(Method::GET, path).timeout(PATIENCE)).await?;
        self.json(response).await
    }

    /// `POST` of JSON, answer as JSON.
    ///
    /// # Errors
    /// As [`Door::send`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, DoorError> {
        let response = self.send(self.request(Method::POST, path).json(body).timeout(LONG_PATIENCE)).await?;
        self.json(response).await
    }

    /// `DELETE`, answer as JSON.
    ///
    /// # Errors
    /// As [`Door::send`].
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, DoorError> {
        let response = self.send(self.request(Method::DELETE, path).timeout(PATIENCE)).await?;
        self.json(response).await
    }

    /// Decodes an answer.
    ///
    /// # Errors
    /// [`DoorError::Foreign`] or [`DoorError::Unreachable`] when it breaks off.
    pub async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T, DoorError> {
        let status = response.status();
        let body = response.bytes().await.map_err(|failed| self.unreachable(&failed))?;
        serde_json::from_slice(&body).map_err(|_| self.foreign(status, &body))
    }

    /// What a transport failure is called.
    pub fn unreachable(&self, failed: &reqwest::Error) -> DoorError {
        DoorError::Unreachable { url: self.base.clone(), reason: root_cause(failed) }
    }

    async fn refusal(&self, response: Response) -> DoorError {
        let status = response.status();
        match response.bytes().await {
            Err(failed) => self.unreachable(&failed),
            Ok(body) => match serde_json::from_slice::<Problem>(&body) {
                Ok(problem) => DoorError::Refused(Box::new(problem)),
                Err(_) => self.foreign(status, &body),
            },
        }
    }

    fn foreign(&self, status: StatusCode, body: &[u8]) -> DoorError {
        let excerpt: String = String::from_utf8_lossy(body).chars().take(200).collect();
        DoorError::Foreign { url: self.base.clone(), status: status.as_u16(), excerpt }
    }
}

/// Percent-encodes a path segment.
pub fn escape(segment: &str) -> String {
    percent_encoding::utf8_percent_encode(segment, percent_encoding::NON_ALPHANUMERIC).to_string()
}
