//! `POST /register`: a machine asks to join, without a key. An operator approves by the code that the answer has.
//!
//! A handle is free text here: who the node's owner says to be. Nothing is looked up; the operator reads it and decides.

use super::bootstrap::{check_fingerprint, node_name};
use crate::base::{hash_token, mint, unix_ms};
use crate::gateway::intake::json;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{NewRegistration, Registered, RegistrationLimits, RegistrationRecord};
use crate::wire::node::{RegisterRequest, RegisterResponse};
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

/// How long a registration may be approved and claimed: as long as mswarm nodes ask.
const EXPIRES_MS: i64 = 30 * 60_000;
/// Anybody may send registrations, so there are never more than an operator can look through.
const LIMITS: RegistrationLimits = RegistrationLimits { pending: 100, per_minute: 20 };
/// The longest handle, bytes.
const LONGEST_HANDLE: usize = 120;
/// The most clients that a registration may name.
const MOST_CLIENTS: usize = 256;
/// The largest body, bytes: it is kept, and who sends it is not known.
const LARGEST: usize = 64 << 10;

pub(crate) async fn register(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let request: RegisterRequest = json(&headers, body, LARGEST).await?;
    let new = checked(request)?;
    let (node_id, handle) = (new.node_id.clone(), new.handle.clone());
    match gateway.store.register(new, LIMITS, unix_ms()).await? {
        Registered::Waiting(record) => {
            tracing::info!(code = record.code, handle = record.handle, name = record.name, "a node asks to join");
            ok(&waiting(record, &node_id, handle))
        }
        Registered::TooMany => {
            Err(Refusal::new(ErrorCode::TooManyRequests, "too many nodes ask to join this gateway at the moment")
                .hint("try again in a minute, ask the operator to decide about those that wait, or join with a key"))
        }
    }
}

fn checked(request: RegisterRequest) -> Result<NewRegistration, Refusal> {
    check_fingerprint(&request.machine_fingerprint)?;
    let handle = request.handle.trim();
    if handle.is_empty() || handle.len() > LONGEST_HANDLE || handle.chars().any(char::is_control) {
        let message = format!("handle is not 1 to {LONGEST_HANDLE} bytes of printable text");
        return Err(Refusal::new(ErrorCode::InvalidRequest, message).hint("say who you are: the operator reads it"));
    }
    let secret = &request.registration_secret;
    if secret.len() != 64 || !secret.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "registration_secret is not 64 hex digits"));
    }
    if request.client_allowlist.len() > MOST_CLIENTS {
        let message = format!("client_allowlist has more than {MOST_CLIENTS} entries");
        return Err(Refusal::new(ErrorCode::InvalidRequest, message));
    }
    if request.node_version.len() > LONGEST_HANDLE || request.node_version.chars().any(char::is_control) {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "node_version is not a version"));
    }
    let name = if request.server_name.is_empty() { &request.hostname } else { &request.server_name };
    Ok(NewRegistration {
        code: approval_code(),
        node_id: mint("shn"),
        secret_hash: hash_token(secret),
        handle: handle.to_owned(),
        name: node_name(name)?,
        fingerprint: request.machine_fingerprint,
        version: request.node_version,
        client_allowlist: request.client_allowlist,
        expires_ms: unix_ms().saturating_add(EXPIRES_MS),
    })
}

fn waiting(record: RegistrationRecord, minted: &str, handle: String) -> RegisterResponse {
    RegisterResponse {
        created: record.node_id == minted,
        node_id: record.node_id,
        status: Some(record.state.as_str().to_owned()),
        message: Some(format!("the operator approves it with: waypost gateway approve {}", record.code)),
        approval_code: Some(record.code),
        handle: Some(handle),
    }
}

/// Four letters and four digits that can be read out: three billion codes, of which a hundred are in use.
fn approval_code() -> String {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let random: [u8; 8] = rand::random();
    let letters = random[..4].iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    let digits = random[4..].iter().map(|byte| char::from(b'0' + byte % 10));
    letters.chain(['-']).chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approval_codes_have_the_shape_of_the_specification() {
        for _ in 0..100 {
            let code = approval_code();
            let (letters, digits) = code.split_once('-').unwrap();
            assert!(letters.len() == 4 && letters.bytes().all(|letter| letter.is_ascii_uppercase()), "{code}");
            assert!(digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        }
    }
}
