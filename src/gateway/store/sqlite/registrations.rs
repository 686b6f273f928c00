//! Registrations by handle: made within limits, decided, claimed; they go away when their time is over.

use super::codec::{from_json, to_json, unknown_word};
use super::{Shared, audit};
use crate::base::Durability;
use crate::gateway::store::{
    Decided, NewAudit, NewRegistration, Registered, RegistrationLimits, RegistrationRecord, acts,
};
use crate::wire::gateway::RegistrationState;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Applied at every open.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS registrations (
    code TEXT PRIMARY KEY NOT NULL,
    node_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    version TEXT NOT NULL,
    client_allowlist TEXT NOT NULL,
    state TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

pub async fn register(
    shared: &Shared,
    new: NewRegistration,
    limits: RegistrationLimits,
    now_ms: i64,
) -> Result<Registered, sqlx::Error> {
    let allowlist = to_json(&new.client_allowlist)?;
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    sqlx::query("DELETE FROM registrations WHERE expires_ms <= ?1").bind(now_ms).execute(&mut *connection).await?;
    // Before this machine's own earlier one goes: asking again and again is what the limit is for.
    let lately: i64 = sqlx::query_scalar("SELECT count(*) FROM registrations WHERE created_ms > ?1")
        .bind(now_ms - 60_000)
        .fetch_one(&mut *connection)
        .await?;
    let others: i64 =
        sqlx::query_scalar("SELECT count(*) FROM registrations WHERE state = 'pending' AND fingerprint <> ?1")
            .bind(&new.fingerprint)
            .fetch_one(&mut *connection)
            .await?;
    if lately >= i64::from(limits.per_minute) || others >= i64::from(limits.pending) {
        return Ok(Registered::TooMany);
    }
    sqlx::query("DELETE FROM registrations WHERE state = 'pending' AND fingerprint = ?1")
        .bind(&new.fingerprint)
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query(
        "INSERT INTO registrations
             (code, node_id, secret_hash, handle, name, fingerprint, version, client_allowlist, state, created_ms, expires_ms)
         VALUES (?1, ifnull((SELECT id FROM nodes WHERE fingerprint = ?6), ?2), ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?10)
         RETURNING *",
    )
    .bind(new.code)
    .bind(new.node_id)
    .bind(new.secret_hash)
    .bind(new.handle)
    .bind(new.name)
    .bind(new.fingerprint)
    .bind(new.version)
    .bind(allowlist)
    .bind(now_ms)
    .bind(new.expires_ms)
    .fetch_one(&mut *connection)
    .await?;
    transaction.commit().await?;
    record(&row).map(Registered::Waiting)
}

pub async fn list(shared: &Shared, now_ms: i64) -> Result<Vec<RegistrationRecord>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM registrations WHERE expires_ms > ?1 ORDER BY created_ms, code")
        .bind(now_ms)
        .fetch_all(shared.database.read());
    rows.await?.iter().map(record).collect()
}

pub async fn decide(
    shared: &Shared,
    actor: &str,
    code: &str,
    approve: bool,
    now_ms: i64,
) -> Result<Decided, sqlx::Error> {
    let wanted = if approve { RegistrationState::Approved } else { RegistrationState::Rejected };
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let changed =
        sqlx::query("UPDATE registrations SET state = ?2 WHERE code = ?1 AND state = 'pending' AND expires_ms > ?3")
            .bind(code)
            .bind(wanted.as_str())
            .bind(now_ms)
            .execute(&mut *transaction)
            .await?;
    let row = sqlx::query("SELECT * FROM registrations WHERE code = ?1 AND expires_ms > ?2")
        .bind(code)
        .bind(now_ms)
        .fetch_optional(&mut *transaction)
        .await?;
    let record = row.as_ref().map(record).transpose()?;
    if let (Some(record), true) = (&record, changed.rows_affected() > 0) {
        let act = if approve { acts::REGISTRATION_APPROVED } else { acts::REGISTRATION_REJECTED };
        let detail = json!({"code": code, "handle": record.handle, "name": record.name});
        let entry = NewAudit { act: act.to_owned(), subject: record.node_id.clone(), detail };
        audit::write(&mut transaction, actor, entry, now_ms).await?;
    }
    transaction.commit().await?;
    Ok(match record {
        None => Decided::Unknown,
        Some(record) if record.state == wanted => Decided::Now(record),
        Some(record) => Decided::Otherwise(record),
    })
}

pub async fn proved(
    shared: &Shared,
    node_id: &str,
    secret_hash: &str,
    now_ms: i64,
) -> Result<Option<RegistrationRecord>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM registrations WHERE node_id = ?1 AND secret_hash = ?2 AND expires_ms > ?3 ORDER BY created_ms DESC, code LIMIT 1")
        .bind(node_id)
        .bind(secret_hash)
        .bind(now_ms)
        .fetch_optional(shared.database.read());
    row.await?.as_ref().map(record).transpose()
}

fn record(row: &SqliteRow) -> Result<RegistrationRecord, sqlx::Error> {
    let state: &str = row.try_get("state")?;
    Ok(RegistrationRecord {
        code: row.try_get("code")?,
        node_id: row.try_get("node_id")?,
        handle: row.try_get("handle")?,
        name: row.try_get("name")?,
        fingerprint: row.try_get("fingerprint")?,
        version: row.try_get("version")?,
        client_allowlist: from_json(row.try_get("client_allowlist")?)?,
        state: RegistrationState::parse(state).ok_or_else(|| unknown_word("registrations.state", state))?,
        created_ms: row.try_get("created_ms")?,
        expires_ms: row.try_get("expires_ms")?,
    })
}
