import { named } from '../named-sql.ts'

/** SQL that writes statements, the log whose leaves they are, and policies. */
export const logSql = {
  closeRun: named('UPDATE runs SET closed = 1 WHERE id = :run'),
  startLog: named(`INSERT INTO logs (log_id, at, first_row)
    VALUES (:logId, :at, (SELECT ifnull(max(row), 0) + 1 FROM statements))`),
  addStatement: named(`INSERT INTO statements (log, task, run, kind, action, digest, leaf, issued_at, envelope)
    SELECT (SELECT max(number) FROM logs), task, row, :kind, :action, unhex(:digest), unhex(:leaf), :issuedAt, :envelope
    FROM runs WHERE id = :run`),
  addUnownedStatement: named(`INSERT INTO statements (log, kind, action, digest, leaf, issued_at, envelope)
    VALUES ((SELECT max(number) FROM logs), :kind, :action, unhex(:digest), unhex(:leaf), :issuedAt, :envelope)`),
  /** A node never changes once it is perfect. */
  addLogNodes: named(`INSERT INTO log_nodes (log, level, place, hash)
    SELECT (SELECT number FROM logs WHERE log_id = :logId), value ->> 0, value ->> 1, unhex(value ->> 2)
    FROM json_each(:nodes)
    WHERE true ON CONFLICT DO NOTHING`),
  putLogHead: named(`INSERT INTO log_heads (log, size, root, at, envelope)
    VALUES ((SELECT number FROM logs WHERE log_id = :logId), :size, unhex(:root), :at, :envelope)
    ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at,
      envelope = excluded.envelope
    WHERE excluded.size >= size`),
  /** An older version that is put again becomes the newest. */
  putPolicy: named(`INSERT INTO policies (digest, name, document, cedar, builtin, created_at, place)
    VALUES (:digest, :name, :document, :cedar, :builtin, :at, (SELECT ifnull(max(place), 0) + 1 FROM policies))
    ON CONFLICT (digest) DO UPDATE SET builtin = excluded.builtin, created_at = excluded.created_at, place = excluded.place
    WHERE place < (SELECT max(place) FROM policies AS newest WHERE newest.name = policies.name)`),
} as const
