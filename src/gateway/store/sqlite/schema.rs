//! The tables. Statements are idempotent; a later version only adds.
//!
//! `jobs.due_ms` is the one moment at which time alone changes a job: the end of its queue time, of its lease or of its
//! retention, whichever its state makes it wait for. `jobs.lane` is what a node must offer (`[min_protocol,{labels}]`):
//! queued jobs of one caller that any node of a kind can take share a lane, so a claim looks at the head of a few lanes and never at the
//! whole queue. `node_id` is empty for "any node", because NULLs do not compare.

/// Applied at every open.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    label TEXT,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    uses_left INTEGER,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS nodes (
    id TEXT PRIMARY KEY NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL UNIQUE,
    next_token_hash TEXT UNIQUE,
    labels TEXT NOT NULL,
    labels_moved INTEGER NOT NULL DEFAULT 0,
    version TEXT NOT NULL,
    protocol INTEGER NOT NULL,
    slots INTEGER NOT NULL,
    instance_id TEXT,
    drain INTEGER NOT NULL DEFAULT 0,
    draining INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'online',
    conditions TEXT NOT NULL DEFAULT '[]',
    created_ms INTEGER NOT NULL,
    last_beat_ms INTEGER,
    removed_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS node_doors (
    node_id TEXT PRIMARY KEY NOT NULL,
    url TEXT,
    fingerprint TEXT,
    secret TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    node_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    priority INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    leased_to TEXT,
    lease_id TEXT,
    started INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    operation TEXT NOT NULL,
    timeout_ms INTEGER NOT NULL,
    queue_timeout_ms INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    repeatable INTEGER NOT NULL,
    durable INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER,
    finished_ms INTEGER,
    -- the attempt whose result ended it; NULL when the gateway or its caller did
    ended_by INTEGER,
    -- earlier attempts and their nodes: {\"1\":\"shn_…\"}
    earlier TEXT,
    caller TEXT,
    idempotency_key TEXT,
    request_hash TEXT,
    params TEXT NOT NULL,
    body TEXT,
    -- {\"answer\",\"answer_body\",\"failure\"}
    outcome TEXT,
    -- [LateResult]
    late TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS jobs_queued ON jobs (node_id, lane, priority) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS jobs_held ON jobs (leased_to, cancel_requested) WHERE state IN ('leased', 'running');
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (id) WHERE state IN ('queued', 'leased', 'running');
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due_ms);
CREATE INDEX IF NOT EXISTS jobs_of_node ON jobs (ifnull(leased_to, node_id), id);
CREATE UNIQUE INDEX IF NOT EXISTS jobs_idempotency ON jobs (caller, idempotency_key) WHERE caller IS NOT NULL;

CREATE TABLE IF NOT EXISTS events (
    job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    offset INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (job, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS jobs_of_caller ON jobs (caller, id) WHERE caller IS NOT NULL;

-- keys that may not use every node, and which they may
CREATE TABLE IF NOT EXISTS grants (
    key_id TEXT PRIMARY KEY NOT NULL,
    list TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- what an operator says of a node
CREATE TABLE IF NOT EXISTS node_edits (
    node_id TEXT PRIMARY KEY NOT NULL,
    name TEXT,
    labels TEXT NOT NULL DEFAULT '{}'
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_keeps_rows BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER IF NOT EXISTS audit_keeps_words BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
";
