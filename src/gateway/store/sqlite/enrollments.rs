//! Enrolments: a token for one node, used once.

use super::{Shared, audit};
use crate::base::Durability;
use crate::gateway::store::{EnrollmentCheck, NewAudit, NewEnrollment, acts};
use serde_json::json;

/// Applied at every open.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS enrollments (
    hash TEXT PRIMARY KEY NOT NULL,
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

pub async fn create(shared: &Shared, actor: &str, new: NewEnrollment, now_ms: i64) -> Result<(), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    sqlx::query("DELETE FROM enrollments WHERE expires_ms <= ?1").bind(now_ms).execute(&mut *transaction).await?;
    sqlx::query("INSERT INTO enrollments (hash, node_id, name, expires_ms) VALUES (?1, ?2, ?3, ?4)")
        .bind(new.hash)
        .bind(&new.node_id)
        .bind(&new.name)
        .bind(new.expires_ms)
        .execute(&mut *transaction)
        .await?;
    let act = acts::ENROLLMENT_CREATED.to_owned();
    let entry = NewAudit { act, subject: new.node_id, detail: json!({"name": new.name}) };
    audit::write(&mut transaction, actor, entry, now_ms).await?;
    transaction.commit().await
}

/// One statement, so that of two that come at the same time one is refused.
pub async fn take(shared: &Shared, node_id: &str, hash: &str, now_ms: i64) -> Result<EnrollmentCheck, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let names: Vec<String> = sqlx::query_scalar(
        "DELETE FROM enrollments WHERE hash = ?1 AND node_id = ?2 AND expires_ms > ?3 RETURNING name",
    )
    .bind(hash)
    .bind(node_id)
    .bind(now_ms)
    .fetch_all(writer.connection())
    .await?;
    Ok(names.into_iter().next().map_or(EnrollmentCheck::Bad, |name| EnrollmentCheck::Good { name }))
}
