-- Who had a task made: a user and the key they used, who need not be its owner.

ALTER TABLE tasks ADD COLUMN submitter_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN submitter_key_id TEXT; -- null: a JSON web token, or the administrator's own key
UPDATE tasks SET submitter_id = owner_id;
