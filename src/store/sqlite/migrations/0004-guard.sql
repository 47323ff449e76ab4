-- Budgets, how long contents are kept, signed statements and their log, policies, and what ended runs used.

-- The ledger: micro-dollars, tokens and steps. What was there before budgets has one that it cannot use up.
ALTER TABLE tasks ADD COLUMN cap_micros_usd      INTEGER NOT NULL DEFAULT 1000000000000000;
ALTER TABLE tasks ADD COLUMN cap_tokens          INTEGER NOT NULL DEFAULT 1000000000000000;
ALTER TABLE tasks ADD COLUMN cap_steps           INTEGER NOT NULL DEFAULT 1000000000000000;
ALTER TABLE tasks ADD COLUMN spent_micros_usd    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN spent_tokens        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN spent_steps         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN reserved_micros_usd INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN reserved_tokens     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN reserved_steps      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN lent_micros_usd     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN lent_tokens         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN lent_steps          INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN purge_at  INTEGER; -- null: not ended, or its contents are gone
ALTER TABLE tasks ADD COLUMN purged_at INTEGER;
ALTER TABLE tasks ADD COLUMN hold      TEXT;    -- why its contents must be kept
UPDATE tasks SET purge_at = (SELECT ended_at + 365 * 86400000 FROM runs WHERE runs.id = tasks.run_id);
CREATE INDEX tasks_by_purge ON tasks (purge_at) WHERE purge_at IS NOT NULL AND hold IS NULL;
-- A purge finds them by this; rows of one task come close together, so that they meet in the same pages.
CREATE INDEX contents_by_task ON contents (task) WHERE task IS NOT NULL;

-- What of tasks and runs comes from their users, as JSON: title, metadata and extension of a task, the extension of a run.
-- Rows of this table and of `contents` are appended, and then made shorter at most. No page of theirs is ever divided or joined
-- with another, which would leave copies of rows in it that no later purge could reach.
CREATE TABLE details (
  row  INTEGER PRIMARY KEY,
  text TEXT NOT NULL -- '' once it is purged, or another row has taken its place
) STRICT;
ALTER TABLE tasks ADD COLUMN details_row INTEGER;
ALTER TABLE runs ADD COLUMN details_row INTEGER; -- null: a dialect froze nothing with it
INSERT INTO details (row, text)
  SELECT number, json_object('title', title, 'metadata', json(metadata), 'extension', json(extension)) FROM tasks;
UPDATE tasks SET details_row = number;
UPDATE runs SET details_row = (SELECT max(number) FROM tasks) + row WHERE config -> '$.extension' <> '{}';
INSERT INTO details (row, text) SELECT details_row, config -> '$.extension' FROM runs WHERE details_row IS NOT NULL;
UPDATE runs SET config = json_remove(config, '$.extension');
ALTER TABLE tasks DROP COLUMN title;
ALTER TABLE tasks DROP COLUMN metadata;
ALTER TABLE tasks DROP COLUMN extension;

ALTER TABLE runs ADD COLUMN closed INTEGER NOT NULL DEFAULT 0; -- its closing statement is in the log
UPDATE runs SET closed = 1; -- the journals of those that are there say nothing of budgets: they get none
CREATE INDEX runs_unclosed ON runs (ended_at) WHERE ended_at IS NOT NULL AND closed = 0;

ALTER TABLE agents ADD COLUMN path_labels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agents ADD COLUMN policy TEXT;

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
INSERT INTO usage_days
  SELECT strftime('%Y-%m-%d', ended_at / 1000, 'unixepoch'), runs.owner_id, runs.agent_id, ifnull(team_id, ''), count(*),
    sum(cost_micros_usd), sum(usage ->> '$.inputTokens'), sum(usage ->> '$.outputTokens'), sum(steps)
  FROM runs JOIN tasks ON tasks.number = runs.task
  WHERE ended_at IS NOT NULL GROUP BY 1, 2, 3, 4;
