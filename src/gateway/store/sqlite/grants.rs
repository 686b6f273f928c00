//! Which nodes a key may use: one row for a key that is limited, none for one that is not.

use super::codec::{from_json, to_json};
use super::keys::{self, select_keys};
use super::{Shared, audit};
use crate::base::Durability;
use crate::gateway::store::{GrantChange, GrantOutcome, NewAudit, Wakeup, acts, allow};
use crate::wire::gateway::Grant;
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::{BTreeMap, HashSet};

pub async fn change(
    shared: &Shared,
    actor: &str,
    key_id: &str,
    change: GrantChange,
    now_ms: i64,
) -> Result<GrantOutcome, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let row = sqlx::query(select_keys!("WHERE id = ?1")).bind(key_id).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(GrantOutcome::Unknown) };
    let mut key = keys::record(&row)?;
    let before = key.grants.clone();
    let (act, detail) = match change {
        GrantChange::Add(grant) => {
            let detail = to_value(&grant)?;
            let grants = key.grants.get_or_insert_default();
            if !grants.contains(&grant) {
                grants.push(grant);
            }
            (acts::GRANT_ADDED, detail)
        }
        GrantChange::Remove(grant) => {
            if let Some(grants) = &mut key.grants {
                grants.retain(|there| *there != grant);
            }
            (acts::GRANT_REMOVED, to_value(&grant)?)
        }
        GrantChange::Lift => {
            key.grants = None;
            (acts::GRANTS_LIFTED, json!({}))
        }
    };
    if key.grants == before {
        return Ok(GrantOutcome::Unchanged(key));
    }
    put(connection, key_id, key.grants.as_deref()).await?;
    let entry = NewAudit { act: act.to_owned(), subject: key_id.to_owned(), detail };
    audit::write(connection, actor, entry, now_ms).await?;
    transaction.commit().await?;
    drop(writer);
    // Jobs of the key that nobody could take may have a node now.
    shared.wake(Wakeup::Claimable { node_id: None });
    Ok(GrantOutcome::Changed(key))
}

/// Sets what a key may use.
pub async fn put(connection: &mut SqliteConnection, key_id: &str, grants: Option<&[Grant]>) -> Result<(), sqlx::Error> {
    match grants {
        Some(grants) => sqlx::query("INSERT OR REPLACE INTO grants (key_id, list) VALUES (?1, ?2)")
            .bind(key_id)
            .bind(to_json(&grants)?)
            .execute(connection)
            .await
            .map(drop),
        None => sqlx::query("DELETE FROM grants WHERE key_id = ?1").bind(key_id).execute(connection).await.map(drop),
    }
}

/// What a key may use, from the column `grants` of a row.
pub fn of(row: &SqliteRow) -> Result<Option<Vec<Grant>>, sqlx::Error> {
    row.try_get::<Option<&str>, _>("grants")?.map(from_json).transpose()
}

/// Those of these callers that may not use a node of that id and those labels.
pub async fn refused(
    connection: &mut SqliteConnection,
    callers: &[&str],
    node_id: &str,
    labels: &BTreeMap<String, String>,
) -> Result<HashSet<String>, sqlx::Error> {
    let mut refused = HashSet::new();
    if callers.is_empty() {
        return Ok(refused);
    }
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT key_id, list FROM grants WHERE key_id IN (SELECT value FROM json_each(?1))")
            .bind(to_json(&callers)?)
            .fetch_all(connection)
            .await?;
    for (key_id, list) in rows {
        let grants: Vec<Grant> = from_json(&list)?;
        if !allow(&grants, node_id, labels) {
            refused.insert(key_id);
        }
    }
    Ok(refused)
}

fn to_value(grant: &Grant) -> Result<Value, sqlx::Error> {
    serde_json::to_value(grant).map_err(|failed| sqlx::Error::Encode(failed.into()))
}
