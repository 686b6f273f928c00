//! Keys, for operators.

mod create;
mod grants;
mod list;
mod revoke;

pub(crate) use create::create;
pub use create::create_key;
pub use grants::resolve;
pub(crate) use grants::{add, lift, list as list_grants, remove};
pub(crate) use list::list;
pub(crate) use revoke::revoke;

use super::seconds;
use crate::gateway::store::KeyRecord;
use crate::wire::gateway::KeyView;

/// A key as it is listed.
pub fn view(record: KeyRecord, now_ms: i64) -> KeyView {
    let status = if record.revoked_ms.is_some() {
        "revoked"
    } else if record.expires_ms.is_some_and(|end| end <= now_ms) {
        "expired"
    } else if record.uses_left == Some(0) {
        "used_up"
    } else {
        "active"
    };
    KeyView {
        id: record.id,
        scopes: record.scopes,
        label: record.label,
        created_at: seconds(record.created_ms),
        expires_at: record.expires_ms.map(seconds),
        uses_left: record.uses_left,
        grants: record.grants,
        status: status.to_owned(),
    }
}
