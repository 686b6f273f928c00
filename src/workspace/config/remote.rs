//! A remote mount's configuration: what it is, where it is, and which of it is secret.

use super::remote_kinds::{Field, Form, Protocol, RemoteKind};
use crate::base::snake_case;
use crate::workspace::Error;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What stands where a secret would be, in whatever leaves the node. A mount with it needs its configuration anew when
/// it is loaded.
pub const REDACTED: &str = "<REDACTED>";

/// How long a listing or a file's metadata is trusted when the configuration does not say, in seconds.
const DEFAULT_TTL: u64 = 600;
/// How long one call to the storage may take when the configuration does not say, in seconds.
const DEFAULT_TIMEOUT: u64 = 30;

/// Storage behind a network. Its `Debug` and [`RemoteBackend::shown`] hold no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteBackend {
    kind: &'static RemoteKind,
    settings: BTreeMap<&'static str, Value>,
    /// When what is cached may be served.
    pub freshness: Freshness,
}

/// When cached files and listings of a remote mount may be served without asking the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Never: the storage is asked each time whether it has something newer.
    Fresh,
    /// For so long after they were fetched.
    Bounded(Duration),
    /// Until they are evicted or refreshed.
    Pinned,
}

/// What a mount block and the top of a configuration say about caching; the block's own word counts first.
#[derive(Debug, Clone, Default)]
pub(super) struct FreshnessWords {
    pub read: Option<String>,
    pub consistency: Option<String>,
    pub ttl: Option<u64>,
}

impl FreshnessWords {
    pub(super) fn decide(&self, default: &Self, at: &str) -> Result<Freshness, Error> {
        let ttl = Duration::from_secs(self.ttl.or(default.ttl).unwrap_or(DEFAULT_TTL));
        let word = [&self.read, &self.consistency, &default.read, &default.consistency].into_iter().flatten().next();
        match word.map(|word| word.to_ascii_lowercase()).as_deref() {
            Some("fresh" | "always") => Ok(Freshness::Fresh),
            Some("bounded" | "lazy") | None => Ok(Freshness::Bounded(ttl)),
            Some("pinned") => Ok(Freshness::Pinned),
            Some(other) => Err(refused(at, format!("'{other}' is none of fresh, bounded, pinned (or lazy, always)"))),
        }
    }
}

impl RemoteBackend {
    pub(super) fn parse(
        at: &str,
        kind: &'static RemoteKind,
        given: &Map<String, Value>,
        freshness: Freshness,
    ) -> Result<Self, Error> {
        let at = format!("{at}.config");
        let mut settings = BTreeMap::new();
        for (key, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let name = snake_case(key);
            let field = kind.fields().find(|field| field.name == name || field.also == name);
            let Some(field) = field else {
                let known: Vec<_> = kind.fields().map(|field| field.name).collect();
                return Err(refused(&at, format!("unknown key '{key}' (known: {})", known.join(", "))));
            };
            if settings.insert(field.name, checked(&at, field, value)?).is_some() {
                return Err(refused(&at, format!("`{}` is given twice", field.name)));
            }
        }
        let backend = Self { kind, settings, freshness };
        backend.check(&at)?;
        Ok(backend)
    }

    fn check(&self, at: &str) -> Result<(), Error> {
        let refuse = |reason: String| Err(refused(at, reason));
        let (name, required) = (self.kind.name, self.kind.required());
        let Some(bucket) = self.text(required) else {
            return refuse(format!("a mount of {name} requires `{required}`"));
        };
        if required != "endpoint_url"
            && !bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        {
            return refuse(format!("`{required}`: '{bucket}' cannot be the name of one"));
        }
        if !self.region().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return refuse(format!("`region`: '{}' cannot be the name of one", self.region()));
        }
        if self.text("aws_access_key_id").is_some() != self.text("aws_secret_access_key").is_some() {
            return refuse("`aws_access_key_id` and `aws_secret_access_key` go together".to_owned());
        }
        if self.text("aws_profile").is_some() && self.text("aws_access_key_id").is_some() {
            return refuse("give either keys or `aws_profile`".to_owned());
        }
        if self.protocol() == Protocol::Azblob && self.text("account_name").is_none() {
            return refuse("a mount of azblob requires `account_name`".to_owned());
        }
        // Without one the library would look for credentials of this machine's own.
        if self.protocol() == Protocol::Azblob && self.text("account_key").is_none() && self.text("sas_token").is_none()
        {
            return refuse("a mount of azblob requires `account_key` or `sas_token`".to_owned());
        }
        let prefix = self.text("key_prefix").unwrap_or_default();
        if prefix.split('/').any(|part| matches!(part, "." | "..")) || prefix.contains('\0') {
            return refuse("`key_prefix` must not contain '.', '..' or a NUL".to_owned());
        }
        let Some(endpoint) = self.endpoint() else {
            return refuse(format!("a mount of {name} requires `endpoint_url`"));
        };
        if authority(&endpoint).is_none() {
            return refuse("`endpoint_url` must be like https://host or http://host:port, without a user".to_owned());
        }
        if self.text("proxy").is_some_and(|proxy| proxy_authority(proxy).is_none()) {
            return refuse("`proxy` must be like http://host:port".to_owned());
        }
        Ok(())
    }

    /// The kind's name in a configuration.
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// How it is spoken to. Google's storage takes S3's protocol with keys, and its own with a service account.
    pub fn protocol(&self) -> Protocol {
        if self.settings.contains_key("credential") { Protocol::Gcs } else { self.kind.protocol }
    }

    /// [`RemoteBackend::protocol`] before the settings are read.
    pub(super) fn protocol_of(kind: &RemoteKind, settings: &Map<String, Value>) -> Protocol {
        let has_credential = settings.get("credential").is_some_and(|value| !value.is_null());
        if kind.name == "gcs" && has_credential { Protocol::Gcs } else { kind.protocol }
    }

    /// A setting that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.as_str()
    }

    /// A setting that is a yes or no; absent is no.
    pub fn flag(&self, name: &str) -> bool {
        self.settings.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// How long one call may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.settings.get("timeout").and_then(Value::as_u64).unwrap_or(DEFAULT_TIMEOUT))
    }

    /// The region, the kind's own when none is given.
    pub fn region(&self) -> &str {
        self.text("region").unwrap_or(self.kind.region)
    }

    /// Where it is, as a URL without a slash at its end.
    pub fn endpoint(&self) -> Option<String> {
        if let Some(given) = self.text("endpoint_url") {
            let given = given.trim_end_matches('/');
            return Some(if given.contains("://") { given.to_owned() } else { format!("https://{given}") });
        }
        if self.protocol() == Protocol::Azblob {
            let account =
                self.text("account_name").filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            return account.map(|account| format!("https://{account}.blob.core.windows.net"));
        }
        let region = self.region();
        let endpoint = self.kind.endpoint?.replace("{region}", region);
        Some(if self.kind.name == "s3" && region.starts_with("cn-") { format!("{endpoint}.cn") } else { endpoint })
    }

    /// Whether the bucket is in the host's name (`https://bucket.host`) and not in the path: at the providers' own
    /// endpoints, where some take nothing else.
    pub fn is_virtual_hosted(&self) -> bool {
        let bucket = self.text("bucket").unwrap_or_default();
        let is_label = bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        self.text("endpoint_url").is_none() && !self.flag("path_style") && is_label
    }

    /// What of this mount `allowed` does not cover, in the words of a refusal. The patterns are hosts (`minio.lan`,
    /// `minio.lan:9000`, `*.amazonaws.com`, `*`) and, for credentials of the node's own account, `profile:NAME`.
    pub fn reaches_beyond(&self, allowed: &[String]) -> Option<String> {
        let endpoint = self.endpoint().unwrap_or_default();
        let hosts = [authority(&endpoint), self.text("proxy").and_then(proxy_authority)];
        if let Some(host) = hosts.into_iter().flatten().find(|host| !allowed.iter().any(|rule| covers(rule, host))) {
            return Some(format!("the host {host}"));
        }
        let profile = self.text("aws_profile").map(|profile| format!("profile:{profile}"));
        profile.filter(|wanted| !allowed.iter().any(|rule| rule == wanted || rule == "profile:*"))
    }

    /// The settings without their secrets.
    pub fn shown(&self) -> Value {
        self.to_json(|field, value| {
            let hides =
                field.secret || (field.name == "proxy" && value.as_str().is_some_and(|text| text.contains('@')));
            if hides { json!(REDACTED) } else { value.clone() }
        })
    }

    /// The settings as they are, for the store alone.
    pub(super) fn kept(&self) -> Value {
        self.to_json(|_, value| value.clone())
    }

    fn to_json(&self, show: impl Fn(&Field, &Value) -> Value) -> Value {
        let fields = self.kind.fields();
        let set = fields.filter_map(|field| Some((field.name.to_owned(), show(field, self.settings.get(field.name)?))));
        Value::Object(set.collect())
    }
}

impl fmt::Debug for RemoteBackend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RemoteBackend({} {} {:?})", self.kind.name, self.shown(), self.freshness)
    }
}

impl Freshness {
    /// Its name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Bounded(_) => "bounded",
            Self::Pinned => "pinned",
        }
    }
}

fn checked(at: &str, field: &Field, value: &Value) -> Result<Value, Error> {
    let refuse = |wanted: &str| Err(refused(&format!("{at}.{}", field.name), format!("must be {wanted}")));
    match (field.form, value) {
        (Form::Text, Value::String(text)) if text == REDACTED => {
            refuse("the value itself: this one was left out when it was saved")
        }
        (Form::Text, Value::String(text)) if !text.is_empty() && !text.contains(['\0', '\n', '\r']) => Ok(json!(text)),
        (Form::Text, _) => refuse("a text"),
        (Form::Flag, Value::Bool(flag)) => Ok(json!(flag)),
        (Form::Flag, _) => refuse("true or false"),
        (Form::Seconds, Value::Number(number)) => {
            let seconds = number.as_u64().or_else(|| number.as_f64().map(|seconds| seconds.ceil() as u64));
            match seconds {
                Some(seconds @ 1..=3600) => Ok(json!(seconds)),
                _ => refuse("seconds, from 1 to 3600"),
            }
        }
        (Form::Seconds, _) => refuse("seconds, from 1 to 3600"),
    }
}

/// `host` or `host:port` of an `http` URL; none when it is no such URL or has a user in it.
fn authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (!authority.is_empty() && authority.bytes().all(plain)).then_some(authority)
}

/// The same of a proxy's URL, which may have a user.
fn proxy_authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then_some(host)
}

fn covers(rule: &str, authority: &str) -> bool {
    let (rule, authority) = (rule.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => &authority,
    };
    match rule.strip_prefix('*') {
        Some("") => true,
        Some(suffix) => suffix.starts_with('.') && (host.ends_with(suffix) || authority.ends_with(suffix)),
        None => rule == host || rule == authority,
    }
}

fn refused(at: &str, reason: impl Into<String>) -> Error {
    Error::InvalidConfig { at: at.to_owned(), reason: reason.into() }
}
