//! How a daemon knows who calls, from its settings.

use super::DaemonError;
use crate::api::{Auth, JwtOptions, JwtRule};
use crate::base::{Secret, read_private};
use crate::state::{Home, Settings};
use crate::telemetry::forget_in_logs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What `auth_mode` and its companions ask for. `token_file` is a flag's and wins over the setting `auth_token`.
///
/// # Errors
/// When the mode lacks what it needs, or a file cannot be used.
pub fn authentication(home: &Home, settings: &Settings, token_file: Option<&Path>) -> Result<Auth, DaemonError> {
    let given = match token_file {
        Some(file) => Some(token_in(file)?),
        None => settings.secret("auth_token"),
    };
    if let Some(token) = &given {
        if !token.is_one_word() {
            return Err(DaemonError::Config("the token has characters that no token has".to_owned()));
        }
        forget_in_logs(token);
    }
    match settings.text("auth_mode") {
        Some("token") => given.map(Auth::Token).ok_or_else(|| {
            let ways = "name a file with --token-file, or set WAYPOST_AUTH_TOKEN";
            DaemonError::Config(format!("auth_mode is 'token' but there is no token: {ways}"))
        }),
        Some("jwt") => Ok(Auth::Jwt(Arc::new(rule(settings)?))),
        _ => {
            let token_file = given.is_none().then(|| home.api_token_file());
            let token = match given {
                Some(token) => token,
                None => home.api_token_or_new()?,
            };
            forget_in_logs(&token);
            Ok(Auth::Local { token, token_file })
        }
    }
}

/// A token in a file that nobody but its owner may read.
fn token_in(file: &Path) -> Result<Secret, DaemonError> {
    let wrong = |why: String| DaemonError::Config(format!("the token in {} cannot be used: {why}", file.display()));
    let token = Secret::new(read_private(file).map_err(|failed| wrong(failed.to_string()))?);
    if token.is_empty() { Err(wrong("it is empty".to_owned())) } else { Ok(token) }
}

fn rule(settings: &Settings) -> Result<JwtRule, DaemonError> {
    let missing = |what: &str| DaemonError::Config(format!("auth_mode is 'jwt' but {what} is not set"));
    let key = match (settings.secret("jwt_pubkey"), settings.path("jwt_pubkey_file")) {
        (Some(key), _) => key,
        (None, Some(file)) => Secret::new(
            std::fs::read_to_string(&file)
                .map_err(|failed| DaemonError::Config(format!("jwt_pubkey_file {}: {failed}", file.display())))?,
        ),
        (None, None) => return Err(missing("jwt_pubkey_file or jwt_pubkey")),
    };
    let options = JwtOptions {
        algorithm: settings.text("jwt_alg").ok_or_else(|| missing("jwt_alg"))?.to_owned(),
        key,
        issuer: settings.text("jwt_issuer").map(str::to_owned),
        audience: settings.text("jwt_audience").map(str::to_owned),
        authorized_parties: settings.words("jwt_authorized_parties"),
        clock_skew: settings.duration("jwt_clock_skew").unwrap_or(Duration::from_secs(5)),
    };
    JwtRule::new(options).map_err(|wrong| DaemonError::Config(wrong.to_string()))
}
