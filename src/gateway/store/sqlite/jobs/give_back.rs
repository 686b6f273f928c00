//! A node gives back what it has not begun.

use super::super::Shared;
use super::super::codec::to_json;
use super::{Fates, situation};
use crate::base::Durability;
use crate::gateway::store::{Reaped, fate};
use crate::wire::node::LeaseClaim;

/// A lease that was started goes back too: only its node knows whether what the start was for has begun.
pub async fn give_back(
    shared: &Shared,
    node_id: &str,
    leases: &[LeaseClaim],
    now_ms: i64,
) -> Result<Vec<Reaped>, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let rows = sqlx::query(
        "SELECT jobs.* FROM json_each(?2) AS asked CROSS JOIN jobs ON jobs.id = asked.value ->> 'job_id'
         WHERE jobs.epoch = asked.value ->> 'epoch' AND leased_to = ?1 AND state IN ('leased', 'running')",
    )
    .bind(node_id)
    .bind(to_json(&leases)?)
    .fetch_all(&mut *connection)
    .await?;
    let mut fates = Fates::default();
    for row in &rows {
        fates.add(row, fate::when_given_back(&situation(row)?))?;
    }
    let moved = fates.apply(connection, now_ms).await?;
    transaction.commit().await?;
    drop(writer);
    moved.settle(shared).await
}
