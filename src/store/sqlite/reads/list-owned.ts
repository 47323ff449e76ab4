import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RunState } from '../../../domain/run-state.ts'
import type { AgentFilter, PageRequest, Store, TaskFilter } from '../../store.ts'
import type { Parameter } from '../columns.ts'
import { agents } from '../tables/identities.ts'
import { tasks } from '../tables/tasks.ts'

type OwnedReads = Pick<Store, 'listTasks' | 'readAgent' | 'readAgentByNumber' | 'listAgents'>

/** The columns of a task with those of its details. */
export const taskWithDetails = `SELECT tasks.*, details.title, details.metadata, details.extension, details.private
  FROM tasks CROSS JOIN details ON details.row = tasks.details_row`
const rowsOf = { tasks: taskWithDetails, agents: 'SELECT * FROM agents' } as const

/** A condition in SQL with its parameters in order. */
interface Clause {
  readonly sql: string
  readonly parameters: readonly Parameter[]
}

const clause = (sql: string, ...parameters: Parameter[]): Clause => ({ sql, parameters })

/** Reads of tasks and agents, which have an owner and are listed by number, newest first. */
export function createOwnedReads(database: DatabaseSync): OwnedReads {
  const readAgent = database.prepare('SELECT * FROM agents WHERE id = ? AND deleted = 0')
  const readAgentByNumber = database.prepare('SELECT * FROM agents WHERE number = ? AND deleted = 0')
  const prepared = createPrepared(database)
  const list = (table: 'tasks' | 'agents', arms: readonly (readonly Clause[])[], page: PageRequest) => {
    const bounded = arms.map((arm) => [...arm, clause('number < ?', numberBefore(page))])
    const selects = bounded.map((arm) => `${rowsOf[table]} WHERE ${arm.map(({ sql }) => sql).join(' AND ')}`)
    const parameters = bounded.flatMap((arm) => arm.flatMap((part) => part.parameters))
    return prepared(`${selects.join(' UNION ALL ')} ORDER BY number DESC LIMIT ?`).all(...parameters, page.limit)
  }
  return {
    listTasks: async (filter, page) => list('tasks', taskArms(filter), page).map(tasks.read),
    readAgent: async (id) => readAgent.all(id).map(agents.read)[0],
    readAgentByNumber: async (number) => readAgentByNumber.all(number).map(agents.read)[0],
    listAgents: async (filter, page) => list('agents', agentArms(filter), page).map(agents.read),
  }
}

/**
 * The tasks of a filter as arms of a UNION ALL that share no task: one arm for each way in which a task can be visible
 * and for each state. Each arm follows an index in the order of the numbers and is merged with the others, so that no
 * page sorts rows that it does not show.
 */
function taskArms(filter: TaskFilter): Clause[][] {
  const common = [
    ...whenDefined(filter.agentId, (id) => clause('agent_id = ?', id)),
    ...whenDefined(filter.parentId, (id) => clause('parent_id = ?', id)),
    ...whenDefined(filter.dialect, (dialect) => clause('dialect = ?', dialect)),
    ...whenDefined(filter.createdFrom, (at) => clause('created_at >= ?', at)),
    ...whenDefined(filter.createdBefore, (at) => clause('created_at < ?', at)),
    ...whenDefined(filter.visibilities, (words) => oneOf('visibility', words)),
    ...Object.entries(filter.metadata ?? {}).map(([name, value]) =>
      // Both sides are compared as JSON, in which true differs from 1 and "1" from 1. Metadata that SQLite finds too
      // deep to read matches nothing.
      clause(
        'iif(json_valid(details.metadata), details.metadata -> ?, NULL) = ?',
        `$.${JSON.stringify(name)}`,
        JSON.stringify(value),
      ),
    ),
  ]
  const states = filter.states === undefined ? [[]] : [...new Set(filter.states)].map(stateClauses)
  return orNothing(
    visibleArms(filter, false).flatMap((visible) => states.map((state) => [...visible, ...state, ...common])),
  )
}

function agentArms(filter: AgentFilter): Clause[][] {
  const common = [clause('deleted = 0'), ...whenDefined(filter.state, (state) => clause('state = ?', state))]
  return visibleArms(filter, filter.withPublic ?? false).map((visible) => [...visible, ...common])
}

/**
 * The user's own rows, those that are shown to the user's team and, with `withPublic`, those that everyone can see.
 * Without owner and team every row is visible.
 */
function visibleArms({ ownerId, teamId }: Pick<TaskFilter, 'ownerId' | 'teamId'>, withPublic: boolean): Clause[][] {
  if (ownerId === undefined && teamId === undefined) return [[]]
  const notOwned = whenDefined(ownerId, (id) => clause('owner_id <> ?', id))
  const owned = whenDefined(ownerId, (id) => [clause('owner_id = ?', id)])
  const shared = whenDefined(teamId, (id) => [
    clause("team_id = ? AND visibility IN ('team', 'public')", id),
    ...notOwned,
    ...(withPublic ? [clause("visibility = 'team'")] : []),
  ])
  return [...owned, ...shared, ...(withPublic ? [[clause("visibility = 'public'"), ...notOwned]] : [])]
}

function stateClauses(state: RunState): Clause[] {
  // The condition is repeated because the index on states leaves out 'succeeded' and is used only where the query
  // leaves it out too.
  return state === 'succeeded' ? [clause('state = ?', state)] : [clause("state = ? AND state <> 'succeeded'", state)]
}

function oneOf(column: string, words: readonly string[]): Clause {
  if (words.length === 0) return clause('0')
  return clause(`${column} IN (${words.map(() => '?').join(', ')})`, ...words)
}

function orNothing(arms: Clause[][]): Clause[][] {
  return arms.length === 0 ? [[clause('0')]] : arms
}

function whenDefined<Value, Out>(value: Value | undefined, use: (value: Value) => Out): Out[] {
  return value === undefined ? [] : [use(value)]
}

function numberBefore({ before }: PageRequest): number {
  if (before === undefined) return Number.MAX_SAFE_INTEGER
  if (!('number' in before)) throw new Error('A page of these begins after a number.')
  return before.number
}

/** Prepares SQL and keeps the most recent prepared statements, since filters come in few shapes. */
function createPrepared(database: DatabaseSync): (sql: string) => StatementSync {
  const statementsMax = 100
  const statements = new Map<string, StatementSync>()
  return (sql) => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.delete(sql)
    statements.set(sql, statement)
    for (const oldest of statements.keys()) {
      if (statements.size <= statementsMax) break
      statements.delete(oldest)
    }
    return statement
  }
}
