//! What ran out of time is moved on, and what ended long ago is forgotten.

use super::super::Shared;
use super::{Fates, situation};
use crate::base::Durability;
use crate::gateway::store::{Reaped, fate};

/// Jobs of one transaction: small enough that a caller who waits for the writer does not notice.
const BATCH: usize = 200;

pub async fn reap(shared: &Shared, now_ms: i64) -> Result<Vec<Reaped>, sqlx::Error> {
    let mut reaped = Vec::new();
    loop {
        let mut writer = shared.database.write(Durability::Process).await?;
        let mut transaction = writer.begin().await?;
        let connection = &mut *transaction;
        let due = sqlx::query(
            "SELECT seq, id, node_id, state, epoch, max_attempts, started, started_ms, due_ms, timeout_ms, repeatable,
                 cancel_requested, durable
             FROM jobs WHERE due_ms <= ?1 ORDER BY due_ms LIMIT ?2",
        )
        .bind(now_ms)
        .bind(BATCH as i64)
        .fetch_all(&mut *connection)
        .await?;
        let mut fates = Fates::default();
        for row in &due {
            fates.add(row, fate::when_due(&situation(row)?))?;
        }
        let moved = fates.apply(connection, now_ms).await?;
        transaction.commit().await?;
        drop(writer);
        reaped.extend(moved.settle(shared).await?);
        if due.len() < BATCH {
            return Ok(reaped);
        }
    }
}
