-- Instants are milliseconds since 1970. Ids sort by time, so that new rows meet in the same pages; what is random (a content's
-- digest) has the smallest index there is.

-- ---- Tasks, their runs, journals and contents

CREATE TABLE tasks (
  number              INTEGER PRIMARY KEY, -- never reused, since no row is ever deleted
  details_row         INTEGER NOT NULL,    -- details.row
  id                  TEXT NOT NULL UNIQUE,
  owner_id            TEXT NOT NULL,
  team_id             TEXT,
  submitter_id        TEXT NOT NULL,       -- a user, who need not be the owner, and the key they used
  submitter_key_id    TEXT,                -- null: a JSON web token, or the administrator's own key
  visibility          TEXT NOT NULL,
  agent_id            TEXT NOT NULL,
  dialect             TEXT NOT NULL,
  parent_id           TEXT,
  root_id             TEXT NOT NULL,
  webhook             TEXT,                -- its own endpoint as JSON; null for nearly all tasks
  run_id              TEXT NOT NULL,
  state               TEXT NOT NULL,
  last_seq            INTEGER NOT NULL,
  manifest            TEXT,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL,
  -- The ledger: micro-dollars, tokens and steps.
  cap_micros_usd      INTEGER NOT NULL,
  cap_tokens          INTEGER NOT NULL,
  cap_steps           INTEGER NOT NULL,
  spent_micros_usd    INTEGER NOT NULL,
  spent_tokens        INTEGER NOT NULL,
  spent_steps         INTEGER NOT NULL,
  reserved_micros_usd INTEGER NOT NULL,
  reserved_tokens     INTEGER NOT NULL,
  reserved_steps      INTEGER NOT NULL,
  lent_micros_usd     INTEGER NOT NULL,
  lent_tokens         INTEGER NOT NULL,
  lent_steps          INTEGER NOT NULL,
  purge_at            INTEGER,             -- null: it has not ended, or its contents are gone
  purged_at           INTEGER,
  hold                TEXT                 -- why its contents must be kept
) STRICT;
CREATE INDEX tasks_by_owner ON tasks (owner_id, number);
CREATE INDEX tasks_by_agent ON tasks (agent_id, number);
CREATE INDEX tasks_by_team ON tasks (team_id, number) WHERE team_id IS NOT NULL;
CREATE INDEX tasks_by_parent ON tasks (parent_id, number) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_creation ON tasks (created_at);
-- Nearly all tasks end as 'succeeded': they are found without an index, the others with this one.
CREATE INDEX tasks_by_state ON tasks (state, number) WHERE state <> 'succeeded';
CREATE INDEX tasks_by_purge ON tasks (purge_at) WHERE purge_at IS NOT NULL AND hold IS NULL;

CREATE TABLE runs (
  row             INTEGER PRIMARY KEY,
  task            INTEGER NOT NULL, -- tasks.number
  details_row     INTEGER,          -- details.row; null: a dialect froze nothing with it, or that is purged
  id              TEXT NOT NULL UNIQUE,
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
  stop_requested_at INTEGER,
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
  closed          INTEGER NOT NULL DEFAULT 0, -- its closing statement is in the log
  UNIQUE (task, turn)
) STRICT;
-- The head of a lane is one seek, and so is the lane after it. A run that may not start yet stands behind all that may.
CREATE INDEX runs_by_lane ON runs (place, priority, owner_id, agent_id, start_at) WHERE state = 'queued';
CREATE INDEX runs_by_not_before ON runs (not_before) WHERE state = 'queued' AND not_before IS NOT NULL;
CREATE INDEX runs_by_overdue ON runs (overdue_at) WHERE state = 'queued';
CREATE INDEX runs_open ON runs (state, agent_id) WHERE state IN ('queued', 'running', 'waiting', 'paused');
CREATE INDEX runs_unclosed ON runs (ended_at) WHERE ended_at IS NOT NULL AND closed = 0;

-- The journals. What one commit appends is one row: a JSON array of envelopes without their seqs, which end at `last_seq`.
CREATE TABLE events (
  task     INTEGER NOT NULL, -- tasks.number
  last_seq INTEGER NOT NULL,
  batch    TEXT NOT NULL,
  PRIMARY KEY (task, last_seq)
) STRICT, WITHOUT ROWID;

-- Private text stands in these two tables only. Their rows are appended, and then made shorter at most: no page of theirs is
-- ever divided or joined with another, which would leave copies of rows in it that no later purge could reach.

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
-- A purge finds them by this; rows of one task come close together, so that they meet in the same pages.
CREATE INDEX contents_by_task ON contents (task) WHERE task IS NOT NULL;

-- What of tasks and runs comes from their users. SQLite reads no JSON of it: it may be nested deeper than that goes.
CREATE TABLE details (
  row       INTEGER PRIMARY KEY,
  title     TEXT, -- all of them null once they are purged, or another row has taken the place of this one
  metadata  TEXT, -- JSON
  extension TEXT, -- what a dialect keeps with a task, as JSON; it outlives the contents
  private   TEXT  -- what of it goes with the contents; of a run, all that a dialect froze with it
) STRICT;

-- ---- What runs wait for from people. Rows follow from the journals' events; what is asked and answered are contents.
CREATE TABLE prompts (
  id          TEXT PRIMARY KEY,
  task_id     TEXT NOT NULL,
  run_id      TEXT NOT NULL,
  owner_id    TEXT NOT NULL,
  team_id     TEXT,
  kind        TEXT NOT NULL,
  step        INTEGER NOT NULL,
  action      TEXT,
  tool        TEXT,
  categories  TEXT NOT NULL,
  version     INTEGER NOT NULL,
  payload     TEXT NOT NULL,
  state       TEXT NOT NULL,
  opened_at   INTEGER NOT NULL,
  expires_at  INTEGER,
  on_expiry   TEXT NOT NULL,
  settled_at  INTEGER,
  outcome     TEXT,
  answered_by TEXT, -- JSON
  answer      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX prompts_by_task ON prompts (task_id, opened_at, id);
CREATE INDEX prompts_open ON prompts (opened_at, id) WHERE state = 'open';
CREATE INDEX prompts_open_by_owner ON prompts (owner_id, opened_at, id) WHERE state = 'open';
CREATE INDEX prompts_open_by_team ON prompts (team_id, opened_at, id) WHERE state = 'open' AND team_id IS NOT NULL;
CREATE INDEX prompts_due ON prompts (expires_at) WHERE state = 'open' AND expires_at IS NOT NULL;

-- Each opening and each settlement of a prompt, in the order in which they were committed. No row is ever deleted, so that a
-- reader goes on after the last change it has.
CREATE TABLE prompt_changes (
  change   INTEGER PRIMARY KEY,
  prompt   TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  team_id  TEXT,
  opened   INTEGER NOT NULL -- 0: the change that settled it
) STRICT;
CREATE INDEX prompt_changes_by_owner ON prompt_changes (owner_id, change);
CREATE INDEX prompt_changes_by_team ON prompt_changes (team_id, change) WHERE team_id IS NOT NULL;

-- The links by which one user may answer one prompt once. The token itself is known only to who was sent it.
CREATE TABLE answer_links (
  token_hash     TEXT PRIMARY KEY, -- SHA-256
  prompt         TEXT NOT NULL,
  user_id        TEXT NOT NULL,
  granted_role   TEXT NOT NULL,
  granted_key_id TEXT,
  expires_at     INTEGER NOT NULL,
  used_at        INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_links_by_expiry ON answer_links (expires_at);

-- ---- Who owns them

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
  path_labels     TEXT NOT NULL,
  policy          TEXT,
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

-- ---- Who works together, and the links by which a task is shown to anybody

CREATE TABLE chats (
  id          TEXT PRIMARY KEY,
  type        TEXT NOT NULL,
  title       TEXT,
  owner_id    TEXT NOT NULL,
  members_key TEXT NOT NULL UNIQUE, -- the type and all members: there is one chat of each
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE chat_members (
  chat_id   TEXT NOT NULL,
  position  INTEGER NOT NULL,
  id        TEXT NOT NULL,
  type      TEXT NOT NULL,
  member_id TEXT NOT NULL, -- of a user or an agent
  role      TEXT NOT NULL,
  PRIMARY KEY (chat_id, position)
) STRICT, WITHOUT ROWID;
-- Ids sort by time: a member's chats are listed newest first by this alone.
CREATE INDEX chat_members_by_member ON chat_members (member_id, type, chat_id);

CREATE TABLE shares (
  code        TEXT PRIMARY KEY,
  task_id     TEXT NOT NULL UNIQUE,
  created_by  TEXT NOT NULL,
  permissions TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;

-- ---- Webhooks: where events are delivered, and every delivery with its tries

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
  answer_links     TEXT,          -- JSON; null: it gets none
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

-- Encrypted under a key that is not in the database. `previous` signs beside it until `previous_until`.
CREATE TABLE webhook_secrets (
  holder         TEXT PRIMARY KEY,
  encrypted      BLOB NOT NULL,
  previous       BLOB,
  previous_until INTEGER,
  updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---- Signed statements and their log, policies, and what ended runs used

-- Each has the leaves from its first row up to the first row of the log after it.
CREATE TABLE logs (
  number    INTEGER PRIMARY KEY,
  log_id    TEXT NOT NULL UNIQUE,
  first_row INTEGER NOT NULL, -- statements.row
  at        INTEGER NOT NULL
) STRICT;

-- The leaves. No row is ever deleted, so that rows have no gap and their order is the order of the log.
CREATE TABLE statements (
  row       INTEGER PRIMARY KEY,
  log       INTEGER NOT NULL, -- logs.number
  task      INTEGER,          -- tasks.number; null: it belongs to no task
  run       INTEGER,          -- runs.row
  kind      TEXT NOT NULL,
  action    TEXT,
  digest    BLOB NOT NULL,
  leaf      BLOB NOT NULL,
  issued_at INTEGER NOT NULL,
  envelope  TEXT NOT NULL
) STRICT;
CREATE INDEX statements_by_digest ON statements (substr(digest, 1, 5));
CREATE INDEX statements_by_run ON statements (task, run);
CREATE INDEX statements_revoking ON statements (action) WHERE kind = 'revocation';

-- Perfect subtrees from level 1 on; those of level 0 are the leaves themselves.
CREATE TABLE log_nodes (
  log   INTEGER NOT NULL,
  level INTEGER NOT NULL,
  place INTEGER NOT NULL, -- counted from 0 in its level
  hash  BLOB NOT NULL,
  PRIMARY KEY (log, level, place)
) STRICT, WITHOUT ROWID;

-- The newest signed head of each log: what an older one said follows from the nodes.
CREATE TABLE log_heads (
  log      INTEGER PRIMARY KEY,
  size     INTEGER NOT NULL,
  root     BLOB NOT NULL,
  at       INTEGER NOT NULL,
  envelope TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
  digest     TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  document   TEXT NOT NULL,
  cedar      TEXT NOT NULL,
  builtin    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  place      INTEGER NOT NULL -- the highest of a name is the version that new runs get
) STRICT;
CREATE INDEX policies_by_name ON policies (name, place);

CREATE TABLE usage_days (
  day             TEXT NOT NULL, -- of the runs' end, UTC
  owner_id        TEXT NOT NULL,
  agent_id        TEXT NOT NULL,
  team_id         TEXT NOT NULL, -- '' for none
  runs            INTEGER NOT NULL,
  cost_micros_usd INTEGER NOT NULL,
  input_tokens    INTEGER NOT NULL,
  output_tokens   INTEGER NOT NULL,
  steps           INTEGER NOT NULL,
  PRIMARY KEY (day, owner_id, agent_id, team_id)
) STRICT, WITHOUT ROWID;

-- ---- The installation

CREATE TABLE idempotency (
  owner_id       TEXT NOT NULL,
  key            TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  task_id        TEXT,    -- the task that was begun or changed
  after_seq      INTEGER, -- the last event before those of the request
  last_seq       INTEGER, -- the last event of the request
  made           TEXT,    -- JSON: what else was made
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
