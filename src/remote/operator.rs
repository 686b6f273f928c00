//! Settings into the storage library's operator, with timeouts, retries and a limit of what goes on at once.

use super::http;
use crate::workspace::{Protocol, RemoteBackend};
use opendal::layers::{ConcurrentLimitLayer, RetryLayer, TimeoutLayer};
use opendal::services::S3;
use opendal::{HttpTransporter, OperationContext, Operator};
use std::io;
use std::time::Duration;

/// Calls of one mount at a time.
const AT_ONCE: usize = 32;
/// Attempts after the first one.
const RETRIES: usize = 3;
/// A body may take so many times what a call without one may: bytes have to be moved.
const BODY_FACTOR: u32 = 4;

/// The operator of a backend.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] when the settings cannot work; [`io::ErrorKind::Unsupported`] when this build does not
/// speak the protocol.
pub(super) fn operator(backend: &RemoteBackend) -> io::Result<Operator> {
    let invalid = |error: opendal::Error| io::Error::new(io::ErrorKind::InvalidInput, error.message().to_owned());
    let operator = match backend.protocol() {
        Protocol::S3 => Operator::new(s3(backend)),
        #[cfg(feature = "gcs")]
        Protocol::Gcs => Operator::new(gcs(backend)),
        #[cfg(feature = "azblob")]
        Protocol::Azblob => Operator::new(azblob(backend)),
        #[cfg(feature = "webdav")]
        Protocol::Webdav => Operator::new(webdav(backend)),
        #[allow(unreachable_patterns)] // with every feature there is no other
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    let context = OperationContext::new().with_http_transport(HttpTransporter::new(http::transport(backend)?));
    let timeout = backend.timeout();
    let retry = RetryLayer::new()
        .with_max_times(RETRIES)
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter();
    Ok(operator
        .map_err(invalid)?
        .with_context(context)
        // The timeout is inside of the retry: it is an attempt's, and a retry must not be dropped midway.
        .layer(TimeoutLayer::new().with_timeout(timeout).with_io_timeout(timeout * BODY_FACTOR))
        .layer(retry)
        .layer(ConcurrentLimitLayer::new(AT_ONCE)))
}

#[cfg(feature = "gcs")]
fn gcs(backend: &RemoteBackend) -> opendal::services::Gcs {
    let text = |name| backend.text(name).unwrap_or_default();
    // The library wants the service account's JSON in base64.
    let credential = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, text("credential"));
    opendal::services::Gcs::default()
        .root(text("key_prefix"))
        .bucket(text("bucket"))
        .endpoint(&backend.endpoint().unwrap_or_default())
        .credential(&credential)
        .disable_vm_metadata()
        .disable_config_load()
}

#[cfg(feature = "azblob")]
fn azblob(backend: &RemoteBackend) -> opendal::services::Azblob {
    let text = |name| backend.text(name).unwrap_or_default();
    let mut builder = opendal::services::Azblob::default()
        .root(text("key_prefix"))
        .container(text("container"))
        .endpoint(&backend.endpoint().unwrap_or_default())
        .account_name(text("account_name"));
    if let Some(key) = backend.text("account_key") {
        builder = builder.account_key(key);
    }
    if let Some(token) = backend.text("sas_token") {
        builder = builder.sas_token(token);
    }
    builder
}

#[cfg(feature = "webdav")]
fn webdav(backend: &RemoteBackend) -> opendal::services::Webdav {
    let text = |name| backend.text(name).unwrap_or_default();
    let mut builder =
        opendal::services::Webdav::default().root(text("key_prefix")).endpoint(&backend.endpoint().unwrap_or_default());
    if backend.text("username").is_some() {
        builder = builder.username(text("username")).password(text("password"));
    }
    if let Some(token) = backend.text("token") {
        builder = builder.token(token);
    }
    builder
}

fn s3(backend: &RemoteBackend) -> S3 {
    let text = |name| backend.text(name).unwrap_or_default();
    let mut builder = S3::default()
        .root(text("key_prefix"))
        .bucket(text("bucket"))
        .region(backend.region())
        .endpoint(&backend.endpoint().unwrap_or_default())
        .disable_ec2_metadata();
    if backend.is_virtual_hosted() {
        builder = builder.enable_virtual_host_style();
    }
    if let Some(profile) = backend.text("aws_profile") {
        return builder.profile(profile);
    }
    // Without a profile nothing of this machine's own accounts is used, whatever is in its environment.
    builder = builder.disable_config_load();
    match backend.text("aws_access_key_id") {
        Some(id) => {
            builder = builder.access_key_id(id).secret_access_key(text("aws_secret_access_key"));
            match backend.text("aws_session_token") {
                Some(token) => builder.session_token(token),
                None => builder,
            }
        }
        None => builder.skip_signature(),
    }
}
