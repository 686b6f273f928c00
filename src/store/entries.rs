//! Rows of `entries`: what one layer says about a path of a mount.

use super::blobs::Hash;
use crate::workspace::{Content, Node, NodeKind};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

/// Contents up to this many bytes are in their row. A file costs two syncs and at least one disk block, a row of this
/// size a few pages of the write-ahead log.
pub(super) const INLINE_MAX: usize = 16 * 1024;

/// Rows of one `INSERT`, for many files at once.
const BATCH: usize = 64;

/// `entries.kind`. The numbers are on disk.
mod kind {
    pub(super) const GONE: i64 = 0;
    pub(super) const DIRECTORY: i64 = 1;
    pub(super) const INLINE: i64 = 2;
    pub(super) const BLOB: i64 = 3;
    pub(super) const SYMLINK: i64 = 4;
}

/// What a layer says about a path.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing is there, whatever the layers below say.
    Gone,
    /// This node.
    Node(Node),
    /// A file whose content is a blob of that hash and length; the node's own content is empty.
    Blob(Node, Hash, u64),
    /// The row makes no sense; why.
    Damaged(String),
}

/// A row of a mount that has no path: the mount itself, so that an empty one is kept too.
pub(super) const ROOT: &str = "";

/// The content of a node when it must be a blob.
pub(super) fn blob_content(node: &Node) -> Option<&Content> {
    match &node.kind {
        NodeKind::File(content) if content.bytes().len() > INLINE_MAX => Some(content),
        _ => None,
    }
}

/// Says in `layer` that `nodes` are at their paths.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    layer: i64,
    mount: &str,
    nodes: &[(&str, &Node)],
) -> Result<(), sqlx::Error> {
    for batch in nodes.chunks(BATCH) {
        let mut insert: QueryBuilder<Sqlite> = QueryBuilder::new(
            "INSERT OR REPLACE INTO entries (layer, mount, path, kind, mode, modified_ms, size, body) ",
        );
        insert.push_values(batch, |mut row, (path, node)| {
            let (kind, body) = body_of(node);
            row.push_bind(layer)
                .push_bind(mount.to_owned())
                .push_bind((*path).to_owned())
                .push_bind(kind)
                .push_bind(i64::from(node.mode))
                .push_bind(node.modified_ms)
                .push_bind(i64::try_from(node.len()).unwrap_or(i64::MAX))
                .push_bind(body);
        });
        // Only the common shapes are worth a place in the statement cache.
        insert.build().persistent(batch.len() <= 4 || batch.len() == BATCH).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Says in `layer` that the mount exists.
pub(super) async fn put_mount(connection: &mut SqliteConnection, layer: i64, mount: &str) -> Result<(), sqlx::Error> {
    let root = Node { kind: NodeKind::Directory, mode: 0o755, modified_ms: 0 };
    put(connection, layer, mount, &[(ROOT, &root)]).await
}

/// Says in `layer` that nothing is at `path`: with a tombstone when a layer below has something there, else without a row.
pub(super) async fn remove(
    connection: &mut SqliteConnection,
    layer: i64,
    mount: &str,
    path: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM entries WHERE layer = ?1 AND mount = ?2 AND path = ?3")
        .bind(layer)
        .bind(mount.to_owned())
        .bind(path.to_owned())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "WITH RECURSIVE below (id) AS (
             SELECT parent FROM layers WHERE id = ?1
             UNION ALL SELECT parent FROM layers JOIN below USING (id))
         INSERT INTO entries (layer, mount, path, kind, mode, modified_ms, size, body)
         SELECT ?1, ?2, ?3, ?4, 0, 0, 0, x'' WHERE EXISTS (
             SELECT 1 FROM entries WHERE layer IN (SELECT id FROM below) AND mount = ?2 AND path = ?3)",
    )
    .bind(layer)
    .bind(mount.to_owned())
    .bind(path.to_owned())
    .bind(kind::GONE)
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads `kind, mode, modified_ms, size, body` of a row.
pub(super) fn found(row: &SqliteRow) -> Result<Found, sqlx::Error> {
    let mode = u32::try_from(row.try_get::<i64, _>("mode")?).unwrap_or(0o644);
    let modified_ms = row.try_get("modified_ms")?;
    let size: i64 = row.try_get("size")?;
    let body: &[u8] = row.try_get("body")?;
    let node = |kind| Node { kind, mode, modified_ms };
    Ok(match row.try_get::<i64, _>("kind")? {
        kind::GONE => Found::Gone,
        kind::DIRECTORY => Found::Node(node(NodeKind::Directory)),
        kind::INLINE if body.len() as i64 != size => {
            Found::Damaged(format!("its row has {} bytes instead of {size}", body.len()))
        }
        kind::INLINE => Found::Node(node(NodeKind::File(Content::new(body.to_vec())))),
        kind::BLOB => match <Hash>::try_from(body) {
            Ok(hash) => Found::Blob(node(NodeKind::File(Content::new(Vec::new()))), hash, size.unsigned_abs()),
            Err(_) => Found::Damaged(format!("its row names a blob with {} bytes instead of 32", body.len())),
        },
        kind::SYMLINK => match std::str::from_utf8(body) {
            Ok(target) => Found::Node(node(NodeKind::Symlink(target.into()))),
            Err(_) => Found::Damaged("its link target is not UTF-8".to_owned()),
        },
        other => Found::Damaged(format!("its row is of the unknown kind {other}")),
    })
}

fn body_of(node: &Node) -> (i64, Vec<u8>) {
    match &node.kind {
        NodeKind::Directory => (kind::DIRECTORY, Vec::new()),
        NodeKind::Symlink(target) => (kind::SYMLINK, target.as_bytes().to_vec()),
        NodeKind::File(content) => match blob_content(node) {
            Some(content) => (kind::BLOB, content.hash().to_vec()),
            None => (kind::INLINE, content.bytes().to_vec()),
        },
    }
}
