import { hex } from '../columns.ts'
import { statementValues } from '../tables/log.ts'
import type { WriteEncoders } from './commit-parts.ts'

/** Encoders for writes of statements, of the log whose leaves they are, and of policies. */
export const logEncoders = {
  add_statements({ statements }, { call }) {
    for (const statement of statements) {
      const { task, run } = statement
      if (run !== null) call('addStatement', { ...statementValues(statement), run })
      else if (task === null) call('addUnownedStatement', statementValues(statement))
      else throw new Error('A statement of a task is a statement of one of its runs.')
    }
  },
  close_run: ({ run }, { call }) => call('closeRun', { run }),
  start_log: ({ logId, at }, { call }) => call('startLog', { logId, at }),
  put_log_head({ head, nodes }, { call }) {
    const { logId, size, root, at, envelope } = head
    call('putLogHead', { logId, size, root: hex.write(root), at, envelope })
    const placed = nodes.map(({ level, index, hash }) => [level, index, hash])
    call('addLogNodes', { logId, nodes: JSON.stringify(placed) })
  },
  put_policy({ version, builtin, at }, { call }) {
    const { digest, document, cedar } = version
    call('putPolicy', { digest, name: document.name, document: JSON.stringify(document), cedar, builtin, at })
  },
} satisfies Partial<WriteEncoders>
