//! A heartbeat is taken in.

use super::super::Shared;
use super::super::codec::to_json;
use super::{record, returning_nodes};
use crate::base::Durability;
use crate::gateway::store::{Beat, BeatOutcome, Wakeup};
use sqlx::Row;

/// A node of which no instance is known yet takes the one that speaks, starting or not.
pub async fn beat(shared: &Shared, node_id: &str, beat: Beat, now_ms: i64) -> Result<BeatOutcome, sqlx::Error> {
    let labels = beat.labels.as_ref().map(to_json).transpose()?;
    let conditions = to_json(&beat.conditions)?;
    let mut writer = shared.database.write(Durability::Process).await?;
    let kept = sqlx::query(returning_nodes!(
        "UPDATE nodes SET instance_id = ifnull(?2, instance_id), version = ?4, protocol = ?5, status = ?6, draining = ?7,
             slots = ?8, labels_moved = (ifnull(?9, labels) <> labels), labels = ifnull(?9, labels), conditions = ?10,
             last_beat_ms = ?11
         WHERE id = ?1 AND removed_ms IS NULL
             AND (?3 OR ?2 IS NULL OR instance_id IS NULL OR instance_id = ?2)",
    ))
    .bind(node_id)
    .bind(beat.instance_id)
    .bind(beat.starting)
    .bind(beat.version)
    .bind(beat.protocol)
    .bind(beat.status)
    .bind(beat.draining)
    .bind(beat.slots)
    .bind(labels)
    .bind(conditions)
    .bind(now_ms)
    .fetch_all(writer.connection())
    .await?;
    if let Some(row) = kept.first() {
        drop(writer);
        if row.try_get("labels_moved")? {
            shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() }); // other jobs may fit its waiting poll
        }
        return record(row).map(BeatOutcome::Kept);
    }
    let here: Option<i64> = sqlx::query_scalar("SELECT 1 FROM nodes WHERE id = ?1 AND removed_ms IS NULL")
        .bind(node_id)
        .fetch_optional(writer.connection())
        .await?;
    Ok(if here.is_some() { BeatOutcome::Superseded } else { BeatOutcome::Removed })
}
