//! What nodes said of themselves with their last heartbeats, as text that only its reader understands.

use super::Shared;
use crate::base::Durability;

/// Applied at every open.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS node_reports (
    node_id TEXT PRIMARY KEY NOT NULL,
    report TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Not hardened: the node says it again.
pub async fn save(shared: &Shared, node_id: &str, report: &str) -> Result<(), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    sqlx::query(
        "INSERT INTO node_reports (node_id, report) VALUES (?1, ?2)
         ON CONFLICT (node_id) DO UPDATE SET report = excluded.report",
    )
    .bind(node_id)
    .bind(report)
    .execute(writer.connection())
    .await
    .map(drop)
}

pub async fn list(shared: &Shared) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as("SELECT node_id, report FROM node_reports ORDER BY node_id").fetch_all(shared.database.read()).await
}
