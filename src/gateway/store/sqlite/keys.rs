//! Keys: made, listed, checked, spent, revoked.

use super::codec::unknown_word;
use super::{Shared, audit, grants};
use crate::base::{Durability, mint};
use crate::gateway::store::{KeyCheck, KeyRecord, NewAudit, NewKey, acts};
use crate::wire::gateway::Scope;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Keys' rows with what they may use.
macro_rules! select_keys {
    ($which:literal) => {
        concat!("SELECT *, (SELECT list FROM grants WHERE key_id = keys.id) AS grants FROM keys ", $which)
    };
}
pub(super) use select_keys;

pub async fn create(shared: &Shared, actor: &str, key: NewKey, now_ms: i64) -> Result<KeyRecord, sqlx::Error> {
    let record = KeyRecord {
        id: mint("key"),
        scopes: key.scopes,
        label: key.label,
        created_ms: now_ms,
        expires_ms: key.expires_ms,
        uses_left: key.uses,
        revoked_ms: None,
        grants: key.grants,
    };
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    sqlx::query(
        "INSERT INTO keys (id, hash, scopes, label, created_ms, expires_ms, uses_left) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(&record.id)
    .bind(key.hash)
    .bind(record.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "))
    .bind(&record.label)
    .bind(now_ms)
    .bind(record.expires_ms)
    .bind(record.uses_left)
    .execute(&mut *connection)
    .await?;
    grants::put(connection, &record.id, record.grants.as_deref()).await?;
    let detail = json!({"scopes": record.scopes, "label": record.label, "grants": record.grants});
    let entry = NewAudit { act: acts::KEY_CREATED.to_owned(), subject: record.id.clone(), detail };
    audit::write(connection, actor, entry, now_ms).await?;
    transaction.commit().await?;
    Ok(record)
}

pub async fn list(shared: &Shared) -> Result<Vec<KeyRecord>, sqlx::Error> {
    let rows = sqlx::query(select_keys!("ORDER BY created_ms DESC, id DESC")).fetch_all(shared.database.read()).await?;
    rows.iter().map(record).collect()
}

/// A key that does not count its uses is only read, which is every key that is used often.
pub async fn check(
    shared: &Shared,
    hash: &str,
    scope: Scope,
    spend: bool,
    now_ms: i64,
) -> Result<KeyCheck, sqlx::Error> {
    match look(shared, hash, scope, now_ms).await? {
        KeyCheck::Good(key) if spend && key.uses_left.is_some() => {
            let mut writer = shared.database.write(Durability::Power).await?;
            let spent = sqlx::query(
                "UPDATE keys SET uses_left = uses_left - 1 WHERE id = ?1 AND uses_left > 0 AND revoked_ms IS NULL
                 RETURNING *, (SELECT list FROM grants WHERE key_id = keys.id) AS grants",
            )
            .bind(&key.id)
            .fetch_all(writer.connection())
            .await?;
            drop(writer);
            match spent.first() {
                Some(row) => Ok(KeyCheck::Good(record(row)?)),
                None => look(shared, hash, scope, now_ms).await, // spent or revoked in between
            }
        }
        checked => Ok(checked),
    }
}

async fn look(shared: &Shared, hash: &str, scope: Scope, now_ms: i64) -> Result<KeyCheck, sqlx::Error> {
    let row = sqlx::query(select_keys!("WHERE hash = ?1")).bind(hash).fetch_optional(shared.database.read()).await?;
    let Some(row) = row else { return Ok(KeyCheck::Unknown) };
    let key = record(&row)?;
    Ok(if key.revoked_ms.is_some() {
        KeyCheck::Revoked
    } else if let Some(expired) = key.expires_ms.filter(|expires| *expires <= now_ms) {
        KeyCheck::Expired(expired)
    } else if key.uses_left == Some(0) {
        KeyCheck::UsedUp
    } else if !key.scopes.contains(&scope) {
        KeyCheck::OutOfScope(key.scopes)
    } else {
        KeyCheck::Good(key)
    })
}

pub async fn revoke(shared: &Shared, actor: &str, id: &str, now_ms: i64) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let done = sqlx::query("UPDATE keys SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL")
        .bind(id)
        .bind(now_ms)
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 0 {
        let there: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM keys WHERE id = ?1").bind(id).fetch_optional(connection).await?;
        return Ok(there.is_some());
    }
    let entry = NewAudit { act: acts::KEY_REVOKED.to_owned(), subject: id.to_owned(), detail: json!({}) };
    audit::write(connection, actor, entry, now_ms).await?;
    transaction.commit().await?;
    Ok(true)
}

pub fn record(row: &SqliteRow) -> Result<KeyRecord, sqlx::Error> {
    let scopes: &str = row.try_get("scopes")?;
    let scope = |word| Scope::parse(word).ok_or_else(|| unknown_word("keys.scopes", word));
    Ok(KeyRecord {
        id: row.try_get("id")?,
        scopes: scopes.split_whitespace().map(scope).collect::<Result<_, _>>()?,
        label: row.try_get("label")?,
        created_ms: row.try_get("created_ms")?,
        expires_ms: row.try_get("expires_ms")?,
        uses_left: row.try_get("uses_left")?,
        revoked_ms: row.try_get("revoked_ms")?,
        grants: grants::of(row)?,
    })
}
