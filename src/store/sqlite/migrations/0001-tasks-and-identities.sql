-- Tasks, their journals and contents, and who owns them. Instants are milliseconds since 1970.
-- Ids sort by time, so that new rows meet in the same pages; what is random (a content's digest) has the smallest index there is.

CREATE TABLE tasks (
  number     INTEGER PRIMARY KEY, -- never reused, since no row is ever deleted
  id         TEXT NOT NULL UNIQUE,
  owner_id   TEXT NOT NULL,
  team_id    TEXT,
  visibility TEXT NOT NULL,
  agent_id   TEXT NOT NULL,
  dialect    TEXT NOT NULL,
  title      TEXT NOT NULL,
  parent_id  TEXT,
  root_id    TEXT NOT NULL,
  metadata   TEXT NOT NULL,
  extension  TEXT NOT NULL,
  run_id     TEXT NOT NULL,
  state      TEXT NOT NULL,
  last_seq   INTEGER NOT NULL,
  manifest   TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tasks_by_owner ON tasks (owner_id, number);
CREATE INDEX tasks_by_agent ON tasks (agent_id, number);
CREATE INDEX tasks_by_team ON tasks (team_id, number) WHERE team_id IS NOT NULL;
CREATE INDEX tasks_by_parent ON tasks (parent_id, number) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_creation ON tasks (created_at);
-- Nearly all tasks end as 'succeeded': they are found without an index, the others with this one.
CREATE INDEX tasks_by_state ON tasks (state, number) WHERE state <> 'succeeded';

CREATE TABLE runs (
  row             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  task            INTEGER NOT NULL, -- tasks.number
  owner_id        TEXT NOT NULL,
  agent_id        TEXT NOT NULL,
  turn            INTEGER NOT NULL,
  place           TEXT NOT NULL,
  state           TEXT NOT NULL,
  attempt         INTEGER NOT NULL,
  lost_attempts   INTEGER NOT NULL,
  priority        INTEGER NOT NULL,
  queued_at       INTEGER NOT NULL,
  not_before      INTEGER,
  start_at        INTEGER NOT NULL, -- since when it could start: the later of queued_at and not_before
  overdue_at      INTEGER NOT NULL, -- start_at and its queue timeout
  stop_requested  INTEGER NOT NULL,
  config          TEXT NOT NULL,
  input           TEXT NOT NULL,
  result          TEXT,
  error           TEXT,
  steps           INTEGER NOT NULL,
  usage           TEXT NOT NULL,
  cost_micros_usd INTEGER NOT NULL,
  active_ms       INTEGER NOT NULL,
  claimed_at      INTEGER,
  started_at      INTEGER,
  ended_at        INTEGER,
  UNIQUE (task, turn)
) STRICT;
-- The head of a lane is one seek, and so is the lane after it. A run that may not start yet stands behind all that may.
CREATE INDEX runs_by_lane ON runs (place, priority, owner_id, agent_id, start_at) WHERE state = 'queued';
CREATE INDEX runs_by_not_before ON runs (not_before) WHERE state = 'queued' AND not_before IS NOT NULL;
CREATE INDEX runs_by_overdue ON runs (overdue_at) WHERE state = 'queued';
CREATE INDEX runs_open ON runs (state, agent_id) WHERE state IN ('queued', 'running', 'waiting', 'paused');

-- The journals. What one commit appends is one row: a JSON array of envelopes without their seqs, which end at `last_seq`.
CREATE TABLE events (
  task     INTEGER NOT NULL, -- tasks.number
  last_seq INTEGER NOT NULL,
  batch    TEXT NOT NULL,
  PRIMARY KEY (task, last_seq)
) STRICT, WITHOUT ROWID;

-- The bytes that events speak of. A body is text, or bytes for anything else and for what is sealed.
CREATE TABLE contents (
  row        INTEGER PRIMARY KEY,
  task       INTEGER, -- tasks.number; null: it belongs to no task
  digest     BLOB NOT NULL,
  salt       BLOB NOT NULL,
  media_type TEXT NOT NULL,
  sealed     INTEGER NOT NULL,
  body       ANY NOT NULL
) STRICT;
CREATE INDEX contents_by_digest ON contents (substr(digest, 1, 5));

CREATE TABLE agents (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,
  owner_id        TEXT NOT NULL,
  team_id         TEXT,
  visibility      TEXT NOT NULL,
  name            TEXT NOT NULL,
  description     TEXT NOT NULL,
  instructions    TEXT,
  provider        TEXT,
  model           TEXT,
  tools           TEXT NOT NULL,
  capabilities    TEXT NOT NULL,
  timeout_ms      INTEGER,
  steps_max       INTEGER,
  concurrency_max INTEGER,
  state           TEXT NOT NULL,
  failures        INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  deleted         INTEGER NOT NULL DEFAULT 0 -- tasks keep the id of their agent
) STRICT;
CREATE INDEX agents_by_owner ON agents (owner_id, number) WHERE deleted = 0;

CREATE TABLE users (
  id               TEXT PRIMARY KEY,
  name             TEXT NOT NULL,
  email            TEXT,
  team_id          TEXT,
  default_provider TEXT,
  default_model    TEXT,
  created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_creation ON users (created_at, id);

CREATE TABLE teams (
  id               TEXT PRIMARY KEY,
  name             TEXT NOT NULL,
  webhook_url      TEXT,
  default_provider TEXT,
  default_model    TEXT,
  created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX teams_by_creation ON teams (created_at, id);

CREATE TABLE keys (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  dialect    TEXT NOT NULL,
  prefix     TEXT NOT NULL UNIQUE,
  verifier   TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  agent_id   TEXT,
  role       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX keys_by_creation ON keys (created_at, id);
CREATE INDEX keys_by_user ON keys (user_id, created_at, id);

CREATE TABLE idempotency (
  owner_id       TEXT NOT NULL,
  key            TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  task_id        TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  PRIMARY KEY (owner_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_creation ON idempotency (created_at);

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Written and deleted again by a store that could not write, to see whether it can.
CREATE TABLE probe (
  row   INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
