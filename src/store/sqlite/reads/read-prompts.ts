import type { DatabaseSync } from 'node:sqlite'
import { asOpened } from '../../../domain/prompt.ts'
import type { ChangeFilter, PageRequest, PromptChange, PromptFilter, Store } from '../../store.ts'
import { flag, integer, type Parameter, type Row, readColumn } from '../columns.ts'
import { answerLinks } from '../tables/answer-links.ts'
import { prompts } from '../tables/prompts.ts'
import { pageParameters } from './read-identities.ts'

type PromptReads = Pick<
  Store,
  | 'readPrompt'
  | 'listPrompts'
  | 'listOpenPrompts'
  | 'listDuePrompts'
  | 'listChangedPrompts'
  | 'lastPromptChange'
  | 'readAnswerLink'
  | 'oldestAnswerLink'
>

const newestFirst = '(opened_at, id) < (?, ?) ORDER BY opened_at DESC, id DESC LIMIT ?'

/** The changes of prompts with the prompts as they are now, oldest change first. */
const changedWhere = (condition: string) =>
  `SELECT changes.change, changes.opened, prompts.* FROM prompt_changes AS changes
    CROSS JOIN prompts ON prompts.id = changes.prompt
    WHERE ${condition} changes.change > ? ORDER BY changes.change LIMIT ?`

/** The SQL is exported so that a test can read the query plan of each. */
export const promptSql = {
  prompt: 'SELECT * FROM prompts WHERE id = ?',
  ofTask: `SELECT * FROM prompts WHERE task_id = ? AND ${newestFirst}`,
  openOfTask: `SELECT * FROM prompts WHERE task_id = ? AND state = 'open' ORDER BY opened_at, id`,
  // The condition is repeated because a partial index is used only where the query has it too.
  openOfOwner: `SELECT * FROM prompts WHERE owner_id = ? AND state = 'open' AND ${newestFirst}`,
  openOfTeam: `SELECT * FROM prompts WHERE team_id = ? AND team_id IS NOT NULL AND state = 'open' AND ${newestFirst}`,
  open: `SELECT * FROM prompts WHERE state = 'open' AND ${newestFirst}`,
  due: `SELECT * FROM prompts WHERE state = 'open' AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
  changedOfOwner: changedWhere('changes.owner_id = ? AND'),
  changedOfTeam: changedWhere('changes.team_id = ? AND changes.team_id IS NOT NULL AND'),
  changed: changedWhere(''),
  answerLink: 'SELECT * FROM answer_links WHERE token_hash = ?',
  oldestLink: 'SELECT expires_at FROM answer_links ORDER BY expires_at LIMIT 1',
  lastChange: 'SELECT ifnull(max(change), 0) AS change FROM prompt_changes',
} as const

/** Reads of prompts. None costs more because many others are open. */
export function createPromptReads(database: DatabaseSync): PromptReads {
  const prompt = database.prepare(promptSql.prompt)
  const ofTask = database.prepare(promptSql.ofTask)
  const openOfTask = database.prepare(promptSql.openOfTask)
  const openOfOwner = database.prepare(promptSql.openOfOwner)
  const openOfTeam = database.prepare(promptSql.openOfTeam)
  const open = database.prepare(promptSql.open)
  const due = database.prepare(promptSql.due)
  const changedOfOwner = database.prepare(promptSql.changedOfOwner)
  const changedOfTeam = database.prepare(promptSql.changedOfTeam)
  const changed = database.prepare(promptSql.changed)
  const lastChange = database.prepare(promptSql.lastChange)
  const answerLink = database.prepare(promptSql.answerLink)
  const oldestLink = database.prepare(promptSql.oldestLink)
  const listChanged = ({ ownerId, teamId }: ChangeFilter, ...page: Parameter[]) => {
    if (ownerId !== undefined) return changedOfOwner.all(ownerId, ...page)
    if (teamId !== undefined) return changedOfTeam.all(teamId, ...page)
    return changed.all(...page)
  }
  const listFiltered = (filter: PromptFilter, page: Parameter[]) => {
    if (filter.taskId !== undefined) return ofTask.all(filter.taskId, ...page)
    if (filter.ownerId !== undefined) return openOfOwner.all(filter.ownerId, ...page)
    if (filter.teamId !== undefined) return openOfTeam.all(filter.teamId, ...page)
    return open.all(...page)
  }
  return {
    readPrompt: async (id) => prompt.all(id).map(prompts.read)[0],
    listPrompts: async (filter: PromptFilter, page: PageRequest) =>
      listFiltered(filter, pageParameters(page)).map(prompts.read),
    listOpenPrompts: async (taskId) => openOfTask.all(taskId).map(prompts.read),
    listDuePrompts: async (now, limit) => due.all(now, limit).map(prompts.read),
    listChangedPrompts: async (filter, after, limit) => listChanged(filter, after, limit).map(readChange),
    readAnswerLink: async (tokenHash) => answerLink.all(tokenHash).map(answerLinks.read)[0],
    async oldestAnswerLink() {
      const row = oldestLink.get()
      return row === undefined ? undefined : readColumn(row, 'expires_at', integer)
    },
    lastPromptChange: async () => readColumn(lastChange.get() ?? {}, 'change', integer),
  }
}

function readChange(row: Row): PromptChange {
  const prompt = prompts.read(row)
  const opened = readColumn(row, 'opened', flag)
  return { change: readColumn(row, 'change', integer), opened, prompt: opened ? asOpened(prompt) : prompt }
}
