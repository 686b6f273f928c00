//! Grants and the audit log of a gateway's data directory, whether or not a gateway serves it. One that does sees a change
//! within a second.

use super::DaemonError;
use super::gateway::existing_store;
use crate::base::unix_ms;
use crate::gateway::store::{AuditFilter, GrantChange, GrantOutcome, KeyRecord, Store, StoreError};
use crate::gateway::{audit_entry, resolve_grant};
use crate::wire::gateway::{AuditEntry, CreateKey, Grant, KeyGrants, Scope};
use crate::wire::v1::{ErrorCode, Failure};
use std::path::Path;

/// A change of what a key may use; nodes by id or name.
#[derive(Debug, Clone)]
pub enum GrantEdit {
    /// One more.
    Add(Grant),
    /// One less.
    Remove(Grant),
    /// Every node.
    Lift,
}

/// What a key may use.
///
/// # Errors
/// When the directory cannot be used or there is no such key.
pub async fn grants(data_dir: &Path, key_id: &str) -> Result<KeyGrants, DaemonError> {
    let store = existing_store(data_dir).await?;
    Ok(answer(key(store.as_ref(), key_id).await?))
}

/// Changes what a key may use.
///
/// # Errors
/// When the directory cannot be used, there is no such key, node or grant, or the key has scope `admin`.
pub async fn edit_grants(data_dir: &Path, key_id: &str, edit: GrantEdit) -> Result<KeyGrants, DaemonError> {
    let store = existing_store(data_dir).await?;
    if key(store.as_ref(), key_id).await?.scopes.contains(&Scope::Admin) && matches!(edit, GrantEdit::Add(_)) {
        return Err(unlimited());
    }
    let (change, removes) = match edit {
        GrantEdit::Add(grant) => (GrantChange::Add(resolved(store.as_ref(), grant).await?), false),
        GrantEdit::Remove(grant) => (GrantChange::Remove(resolved(store.as_ref(), grant).await?), true),
        GrantEdit::Lift => (GrantChange::Lift, false),
    };
    match store.change_grants(key_id, change, unix_ms()).await.map_err(failed)? {
        GrantOutcome::Unchanged(_) if removes => Err(DaemonError::Missing(format!("key {key_id} has no such grant"))),
        GrantOutcome::Changed(key) | GrantOutcome::Unchanged(key) => Ok(answer(key)),
        GrantOutcome::Unknown => Err(no_key(key_id)),
    }
}

/// Acts of the audit log, newest first: since a time (milliseconds since 1970), at most `limit`.
///
/// # Errors
/// When the directory cannot be used.
pub async fn audit_log(data_dir: &Path, since_ms: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, DaemonError> {
    let store = existing_store(data_dir).await?;
    let filter = AuditFilter { since_ms, limit, ..AuditFilter::default() };
    Ok(store.audit_log(filter).await.map_err(failed)?.into_iter().map(audit_entry).collect())
}

/// The same with the nodes of its grants by id.
pub(super) async fn with_grants(store: &dyn Store, wanted: &CreateKey) -> Result<CreateKey, DaemonError> {
    let mut wanted = wanted.clone();
    if wanted.grants.is_some() && wanted.scopes.contains(&Scope::Admin) {
        return Err(unlimited());
    }
    for grant in wanted.grants.iter_mut().flatten() {
        *grant = resolved(store, std::mem::take(grant)).await?;
    }
    Ok(wanted)
}

async fn key(store: &dyn Store, key_id: &str) -> Result<KeyRecord, DaemonError> {
    let keys = store.keys().await.map_err(failed)?;
    keys.into_iter().find(|key| key.id == key_id).ok_or_else(|| no_key(key_id))
}

async fn resolved(store: &dyn Store, grant: Grant) -> Result<Grant, DaemonError> {
    resolve_grant(store, grant).await.map_err(failed)?.map_err(|Failure { code, message, hint, .. }| {
        let text = hint.map_or(message.clone(), |hint| format!("{message}: {hint}"));
        if code == ErrorCode::NodeNotFound { DaemonError::Missing(text) } else { DaemonError::Usage(text) }
    })
}

fn answer(key: KeyRecord) -> KeyGrants {
    KeyGrants { key: key.id, limited: key.grants.is_some(), grants: key.grants.unwrap_or_default() }
}

fn no_key(id: &str) -> DaemonError {
    DaemonError::Missing(format!("there is no key {id}: `waypost gateway key list` shows their ids"))
}

fn unlimited() -> DaemonError {
    let text = "a key of scope admin cannot be limited to nodes, because it could lift the limit itself";
    DaemonError::Usage(format!("{text}: make a key for calls and one for administration"))
}

fn failed(failed: StoreError) -> DaemonError {
    DaemonError::Failed(failed.to_string())
}
