//! The audit log. Its table refuses to change or lose a row.

use super::Shared;
use super::codec::{count, from_json, int, to_json};
use crate::base::Durability;
use crate::gateway::store::{AuditFilter, AuditRecord, NewAudit};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// Writes an act down, in the transaction that does it.
pub async fn write(
    connection: &mut SqliteConnection,
    actor: &str,
    entry: NewAudit,
    now_ms: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO audit (at_ms, actor, act, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(now_ms)
        .bind(actor)
        .bind(entry.act)
        .bind(entry.subject)
        .bind(to_json(&entry.detail)?)
        .execute(connection)
        .await
        .map(drop)
}

/// The same for an act that is no transaction of this store.
pub async fn write_alone(shared: &Shared, actor: &str, entry: NewAudit, now_ms: i64) -> Result<(), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    write(writer.connection(), actor, entry, now_ms).await
}

pub async fn list(shared: &Shared, filter: AuditFilter) -> Result<Vec<AuditRecord>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT * FROM audit WHERE seq < ifnull(?1, 1 << 62) AND at_ms >= ?2 ORDER BY seq DESC LIMIT ?3")
            .bind(filter.before.map(int))
            .bind(filter.since_ms.unwrap_or(i64::MIN))
            .bind(filter.limit)
            .fetch_all(shared.database.read());
    rows.await?.iter().map(record).collect()
}

fn record(row: &SqliteRow) -> Result<AuditRecord, sqlx::Error> {
    Ok(AuditRecord {
        seq: count(row.try_get("seq")?),
        at_ms: row.try_get("at_ms")?,
        by: row.try_get("actor")?,
        act: row.try_get("act")?,
        subject: row.try_get("subject")?,
        detail: from_json(row.try_get("detail")?)?,
    })
}
