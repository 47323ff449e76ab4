-- Who works together, and the links by which a task is shown to anybody. Instants are milliseconds since 1970.

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
