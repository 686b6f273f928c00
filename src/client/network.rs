//! How the outside is reached: through which proxy, trusting whom. Values from several places, the strongest of each wins.

use super::GatewayUrl;
use crate::base::Secret;
use base64::Engine as _;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, NoProxy, Url};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::ffi::OsString;
use std::path::PathBuf;

/// A setting and where it comes from, for words about it: `--proxy`, `HTTPS_PROXY in the environment`, `https_proxy in
/// config.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<T> {
    /// The setting. An empty one means that there is none, whatever weaker places say.
    pub value: T,
    /// Where it comes from.
    pub from: String,
}

/// Network settings. Proxies are secrets because their addresses may hold a password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The proxy for `http` gateways.
    pub http_proxy: Option<Given<Secret>>,
    /// The proxy for `https` gateways.
    pub https_proxy: Option<Given<Secret>>,
    /// Hosts that are reached without a proxy: names with their subdomains, addresses, networks, `*`; with commas between.
    pub no_proxy: Option<Given<String>>,
    /// A PEM file of certificate authorities that are trusted beside the platform's own.
    pub ca_file: Option<Given<PathBuf>>,
}

/// HTTP could not be set up, e.g. because a setting cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A proxy's address is not one.
    #[error("{from}: {shown:?} is not a proxy's address: {problem}; it looks like http://proxy.example:3128")]
    Proxy {
        /// Where the setting comes from.
        from: String,
        /// The address without its credentials.
        shown: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The file of certificate authorities cannot be used.
    #[error("{from}: {}: {problem}", path.display())]
    CaFile {
        /// Where the setting comes from.
        from: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Something else, e.g. the platform's certificates cannot be read.
    #[error("cannot set up HTTP: {0}")]
    Other(String),
}

impl<T> Given<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Given<U> {
        Given { value: change(self.value), from: self.from }
    }
}

impl Network {
    /// What the environment says: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or small letters, and
    /// `WAYPOST_CA_FILE`. An empty variable is none.
    pub fn of_environment(environment: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let first = |names: &[&str]| {
            names.iter().find_map(|name| {
                let value = environment(name).filter(|value| !value.is_empty())?;
                Some(Given { value, from: format!("{name} in the environment") })
            })
        };
        let text = |value: OsString| value.to_string_lossy().into_owned();
        let proxy = |names: &[&str]| first(names).map(|given| given.map(|value| Secret::new(text(value))));
        Self {
            http_proxy: proxy(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]),
            https_proxy: proxy(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            no_proxy: first(&["NO_PROXY", "no_proxy"]).map(|given| given.map(text)),
            ca_file: first(&["WAYPOST_CA_FILE"]).map(|given| given.map(PathBuf::from)),
        }
    }

    /// What is not set here is taken from `weaker`.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        Self {
            http_proxy: self.http_proxy.or(weaker.http_proxy),
            https_proxy: self.https_proxy.or(weaker.https_proxy),
            no_proxy: self.no_proxy.or(weaker.no_proxy),
            ca_file: self.ca_file.or(weaker.ca_file),
        }
    }

    /// The proxy through which that gateway is reached; none for a gateway on this machine, where one could only break things.
    pub fn proxy_for(&self, gateway: &GatewayUrl) -> Option<&Given<Secret>> {
        let chosen = if gateway.is_plain() { &self.http_proxy } else { &self.https_proxy };
        let chosen = chosen.as_ref().filter(|proxy| !proxy.value.is_empty())?;
        (!gateway.is_loopback() && !self.is_excepted(gateway)).then_some(chosen)
    }

    /// Whether `no_proxy` names the gateway, by the rules that calls go by.
    pub fn is_excepted(&self, gateway: &GatewayUrl) -> bool {
        let rule = Matcher::builder().all("http://proxy.invalid").no(self.except()).build();
        gateway.as_str().parse().is_ok_and(|uri| rule.intercept(&uri).is_none())
    }

    /// Everything in these settings that no log and no report may show.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        for proxy in [&self.http_proxy, &self.https_proxy].into_iter().flatten() {
            let Some((credentials, _)) = split(proxy.value.expose()).filter(|(given, _)| !given.is_empty()) else {
                continue;
            };
            let plain = percent_encoding::percent_decode_str(credentials).decode_utf8_lossy().into_owned();
            let basic = base64::engine::general_purpose::STANDARD.encode(&plain);
            let words = [credentials, plain.as_str()].map(|text| text.split_once(':').map_or(text, |(_, word)| word));
            secrets.extend([credentials, &plain, &basic, words[0], words[1]].map(Secret::new));
        }
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }

    /// The proxies as the HTTP client takes them.
    ///
    /// # Errors
    /// [`HttpError::Proxy`].
    pub(super) fn proxies(&self) -> Result<Vec<reqwest::Proxy>, HttpError> {
        let mut proxies = Vec::new();
        if let Some(url) = self.http_proxy.as_ref().map(proxy_url).transpose()?.flatten() {
            proxies.push(reqwest::Proxy::http(url));
        }
        if let Some(url) = self.https_proxy.as_ref().map(proxy_url).transpose()?.flatten() {
            proxies.push(reqwest::Proxy::https(url));
        }
        let except = |proxy: reqwest::Proxy| proxy.no_proxy(NoProxy::from_string(self.except()));
        let proxies: Result<Vec<_>, _> = proxies.into_iter().map(|proxy| proxy.map(except)).collect();
        proxies.map_err(|failed| HttpError::Other(failed.without_url().to_string()))
    }

    /// The own authorities, each of which was found usable.
    ///
    /// # Errors
    /// [`HttpError::CaFile`].
    pub(super) fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, HttpError> {
        let Some(given) = self.ca_file.as_ref().filter(|given| !given.value.as_os_str().is_empty()) else {
            return Ok(Vec::new());
        };
        let wrong =
            |problem: String| HttpError::CaFile { from: given.from.clone(), path: given.value.clone(), problem };
        let text = std::fs::read(&given.value).map_err(|failed| wrong(failed.to_string()))?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = found.map_err(|failed| wrong(format!("it is not in PEM form: {failed}")))?;
        if found.is_empty() {
            return Err(wrong("it has no certificate in PEM form (-----BEGIN CERTIFICATE-----)".to_owned()));
        }
        let mut store = RootCertStore::empty();
        for (index, certificate) in found.iter().enumerate() {
            store
                .add(certificate.clone())
                .map_err(|failed| wrong(format!("certificate {} cannot be used: {failed}", index + 1)))?;
        }
        Ok(found)
    }

    fn except(&self) -> &str {
        self.no_proxy.as_ref().map_or("", |list| list.value.as_str())
    }
}

/// A proxy's address for people: without credentials, whatever else is wrong with it.
pub fn shown_proxy(proxy: &Secret) -> String {
    match split(proxy.expose()) {
        Some((_, rest)) => match proxy.expose().split_once("://") {
            Some((scheme, _)) => format!("{scheme}://[redacted]@{rest}"),
            None => format!("[redacted]@{rest}"),
        },
        None => proxy.expose().to_owned(),
    }
}

/// Host and port of a proxy; none when the setting is empty.
///
/// # Errors
/// [`HttpError::Proxy`].
pub fn proxy_endpoint(proxy: &Given<Secret>) -> Result<Option<(String, u16)>, HttpError> {
    Ok(proxy_url(proxy)?.map(|url| {
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        (host.to_owned(), url.port_or_known_default().unwrap_or(80))
    }))
}

fn proxy_url(proxy: &Given<Secret>) -> Result<Option<Url>, HttpError> {
    let text = proxy.value.expose();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |problem| HttpError::Proxy { from: proxy.from.clone(), shown: shown_proxy(&proxy.value), problem };
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.map_err(|_| wrong("it is not a URL"))?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(Some(url)),
        "http" | "https" => Err(wrong("it names no host")),
        "socks4" | "socks4a" | "socks5" | "socks5h" => Err(wrong("SOCKS is not spoken here, only HTTP")),
        _ => Err(wrong("it is not http or https")),
    }
}

/// Credentials and what follows them. Taken at the last `@`, so that of an address with an unescaped one nothing is left over.
fn split(address: &str) -> Option<(&str, &str)> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.rsplit_once('@')
}

/// Own authorities for the HTTP client.
pub(super) fn certificates(authorities: &[CertificateDer<'static>]) -> Result<Vec<Certificate>, HttpError> {
    let each = authorities.iter().map(|authority| Certificate::from_der(authority));
    each.collect::<Result<_, _>>().map_err(|failed| HttpError::Other(failed.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Network {
        let pairs: std::collections::BTreeMap<_, _> = pairs.iter().copied().collect();
        Network::of_environment(&|name| pairs.get(name).map(OsString::from))
    }

    fn url(text: &str) -> GatewayUrl {
        GatewayUrl::parse(text).unwrap()
    }

    #[test]
    fn the_strongest_place_wins_for_each_setting_and_an_empty_one_takes_away() {
        let flag = Network {
            https_proxy: Some(Given { value: Secret::new(""), from: "--proxy".to_owned() }),
            ..Network::default()
        };
        let merged = flag.or(of(&[("HTTPS_PROXY", "http://a:1"), ("all_proxy", "http://b:1"), ("NO_PROXY", "")]));
        assert!(merged.proxy_for(&url("https://gw.example")).is_none());
        let http = merged.proxy_for(&url("http://gw.example")).unwrap();
        assert_eq!((http.value.expose(), http.from.as_str()), ("http://b:1", "all_proxy in the environment"));
        assert!(merged.no_proxy.is_none());
    }

    #[test]
    fn a_gateway_on_this_machine_or_in_the_list_goes_without_a_proxy() {
        let network = of(&[("HTTPS_PROXY", "http://proxy:1"), ("NO_PROXY", "corp.example, 192.0.2.0/24")]);
        for direct in ["https://127.0.0.1:1", "https://localhost", "https://gw.corp.example", "https://192.0.2.7"] {
            assert!(network.proxy_for(&url(direct)).is_none(), "{direct}");
        }
        assert!(network.proxy_for(&url("https://gw.example")).is_some());
    }

    #[test]
    fn what_is_wrong_names_the_place_and_not_the_password() {
        for wrong in ["socks5://me:hunter2@proxy:1080", "http://me:hunter2@", "ftp://me:hunter2@x", "me:hunter2@:x:"] {
            let failed = of(&[("https_proxy", wrong)]).proxies().unwrap_err();
            let text = format!("{failed} {failed:?}");
            assert!(text.contains("https_proxy in the environment") && !text.contains("hunter2"), "{text}");
        }
        let network = of(&[("https_proxy", "me:p%40ss-word@proxy:3128")]);
        assert!(!format!("{network:?}").contains("ss-word"));
        assert_eq!(shown_proxy(&network.https_proxy.as_ref().unwrap().value), "[redacted]@proxy:3128");
        let secrets: Vec<_> = network.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
        assert!(secrets.contains(&"p@ss-word".to_owned()), "{secrets:?}");
        assert!(secrets.contains(&"p%40ss-word".to_owned()), "{secrets:?}");
        assert_eq!(network.proxies().unwrap().len(), 1);

        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        let network = of(&[("WAYPOST_CA_FILE", file.to_str().unwrap())]);
        for content in [None, Some("nothing"), Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")] {
            if let Some(content) = content {
                std::fs::write(&file, content).unwrap();
            }
            let failed = network.authorities().unwrap_err().to_string();
            assert!(failed.contains("WAYPOST_CA_FILE") && failed.contains("ca.pem"), "{failed}");
        }
    }
}
