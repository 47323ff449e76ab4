-- Webhooks: where events are delivered, and every delivery with its tries.

-- The task's own endpoint as JSON; null for nearly all tasks.
ALTER TABLE tasks ADD COLUMN webhook TEXT;

CREATE TABLE endpoints (
  row              INTEGER PRIMARY KEY,
  id               TEXT NOT NULL UNIQUE,
  owner_id         TEXT NOT NULL,
  task_id          TEXT,
  team_id          TEXT,
  agent_id         TEXT,
  url              TEXT NOT NULL,
  target           TEXT NOT NULL, -- the server that the URL leads to
  events           TEXT NOT NULL,
  format           TEXT NOT NULL,
  secret_holder    TEXT NOT NULL,
  state            TEXT NOT NULL,
  disabled_because TEXT,
  hold_until       INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX endpoints_by_owner ON endpoints (owner_id, created_at, id) WHERE task_id IS NULL;
CREATE INDEX endpoints_by_creation ON endpoints (created_at, id) WHERE task_id IS NULL;
CREATE INDEX endpoints_by_task ON endpoints (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX endpoints_by_team ON endpoints (team_id) WHERE team_id IS NOT NULL;

CREATE TABLE deliveries (
  row        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  endpoint   INTEGER NOT NULL, -- endpoints.row
  target     TEXT NOT NULL,
  task       INTEGER NOT NULL, -- tasks.number
  seq        INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  state      TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  tries      TEXT NOT NULL,
  next_at    INTEGER, -- null: settled, behind an older one of its endpoint and task, or of an endpoint that is disabled
  created_at INTEGER NOT NULL,
  settled_at INTEGER
) STRICT;
-- What is due at one server is one seek, and so is the server after it.
CREATE INDEX deliveries_due ON deliveries (target, next_at) WHERE next_at IS NOT NULL;
-- The oldest of a pair is one seek.
CREATE INDEX deliveries_pending ON deliveries (endpoint, task, seq) WHERE state = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint, created_at, id);
CREATE INDEX deliveries_by_settlement ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

-- Sealed under a key that is not in the database. `previous` signs beside it until `previous_until`.
CREATE TABLE webhook_secrets (
  holder         TEXT PRIMARY KEY,
  sealed         BLOB NOT NULL,
  previous       BLOB,
  previous_until INTEGER,
  updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
