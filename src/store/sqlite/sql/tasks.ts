import { named } from '../named-sql.ts'
import { contents } from '../tables/journals.ts'
import { runs } from '../tables/runs.ts'
import { tasks } from '../tables/tasks.ts'

/** SQL whose first parameters are the task's number, which only the writer knows, and where needed `details_row`. */
export const taskSql = {
  insertDetails: named(
    'INSERT INTO details (title, metadata, extension, private) VALUES (:title, :metadata, :extension, :private)',
  ),
  insertTask: tasks.insert,
  findTask: named('SELECT number, last_seq FROM tasks WHERE id = :id'),
  insertRun: runs.insert,
  insertEvents: named('INSERT INTO events (task, last_seq, batch) VALUES (:task, :last_seq, :batch)'),
  insertContent: contents.insert,
} as const

const advance = `UPDATE tasks SET last_seq = last_seq + :appended, updated_at = :updated_at,
    state = iif(run_id = :run, :state, state)`
const move = `spent_micros_usd = spent_micros_usd + :spent_micros_usd, spent_tokens = spent_tokens + :spent_tokens,
    spent_steps = spent_steps + :spent_steps,
    reserved_micros_usd = iif(:releases_all, 0, reserved_micros_usd + :reserved_micros_usd),
    reserved_tokens = iif(:releases_all, 0, reserved_tokens + :reserved_tokens),
    reserved_steps = iif(:releases_all, 0, reserved_steps + :reserved_steps)`
const advanced = 'WHERE id = :id RETURNING number, last_seq'

/**
 * SQL that takes the next seqs of a task and shows the state of the run where it is the latest one. A commit changes a
 * task's row with one such write.
 */
export const advanceSql = {
  advance: named(`${advance} ${advanced}`),
  /** This also moves the ledger. */
  advanceAndMove: named(`${advance}, ${move} ${advanced}`),
  /** This also sets until when the contents are kept, since the run has ended. */
  advanceToEnd: named(
    `${advance}, ${move}, purge_at = iif(run_id = :run AND purged_at IS NULL, :purge_at, purge_at) ${advanced}`,
  ),
} as const

/** SQL that writes tasks and runs without the task's number. */
export const taskWriteSql = {
  /** Contents that belong to no task. */
  insertUnownedContent: contents.insert,
  saveRun: runs.update,
  requestStop: named('UPDATE runs SET stop_requested_at = :at WHERE id = :run'),
  /** The task's row shows the new run. */
  showNewRun: named(
    'UPDATE tasks SET run_id = :run, state = :state, purge_at = :purge_at, purged_at = NULL WHERE id = :task',
  ),
  showRunState: named(`UPDATE tasks SET state = :state, purge_at = iif(purged_at IS NULL, :purge_at, purge_at)
    WHERE id = :task AND run_id = :run`),
  saveManifest: named('UPDATE tasks SET manifest = :manifest WHERE id = :task'),
  /** This comes before `saveTask`, which refers to the row that it adds. */
  appendDetails: named(`INSERT INTO details (title, metadata, extension, private)
    SELECT :title, :metadata, extension, private FROM details
    WHERE row = (SELECT details_row FROM tasks WHERE id = :task)`),
  emptyDetails: named(`UPDATE details SET title = NULL, metadata = NULL, extension = NULL, private = NULL
    WHERE row = (SELECT details_row FROM tasks WHERE id = :task)`),
  saveTask: named(
    'UPDATE tasks SET visibility = :visibility, details_row = (SELECT max(row) FROM details) WHERE id = :task',
  ),
  /** This moves the part of a ledger that does not move with the journal. */
  moveLedger: named(`UPDATE tasks SET
      cap_micros_usd = cap_micros_usd + :cap_micros_usd, cap_tokens = cap_tokens + :cap_tokens,
      cap_steps = cap_steps + :cap_steps,
      lent_micros_usd = lent_micros_usd + :lent_micros_usd, lent_tokens = lent_tokens + :lent_tokens,
      lent_steps = lent_steps + :lent_steps,
      ${move}
    WHERE id = :task`),
  /** This comes before the run is saved as ended, so that a run that had already ended is not counted again. */
  countRun: named(`INSERT INTO usage_days
      (day, owner_id, agent_id, team_id, runs, cost_micros_usd, input_tokens, output_tokens, steps)
    SELECT :day, runs.owner_id, runs.agent_id, ifnull(team_id, ''), 1, :cost_micros_usd, :input_tokens, :output_tokens,
      :steps
    FROM runs JOIN tasks ON tasks.number = runs.task
    WHERE runs.id = :run AND (ended_at IS NULL OR :is_new)
    ON CONFLICT DO UPDATE SET runs = runs + 1, cost_micros_usd = cost_micros_usd + excluded.cost_micros_usd,
      input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
      steps = steps + excluded.steps`),
} as const

/** SQL that writes how long contents are kept. */
export const keepingSql = {
  saveKeeping: named('UPDATE tasks SET purge_at = :purgeAt, purged_at = :purgedAt, hold = :hold WHERE id = :task'),
  purgeTask: named('UPDATE tasks SET manifest = NULL WHERE id = :task'),
  /** The rows stay and are emptied (see 0001-schema.sql). SQLite frees the overflow pages of large ones. */
  purgeContents:
    named(`UPDATE contents SET task = NULL, digest = x'', salt = x'', media_type = '', sealed = 0, body = ''
    WHERE task = (SELECT number FROM tasks WHERE id = :task)`),
  purgeDetails: named(`UPDATE details SET title = NULL, metadata = NULL, private = NULL WHERE row IN (
      SELECT details_row FROM tasks WHERE id = :task
      UNION ALL SELECT details_row FROM runs WHERE task = (SELECT number FROM tasks WHERE id = :task))`),
} as const
