import { expect, it } from 'vitest'
import { readStatementRows, readTitles } from '../../support/statement-rows.ts'

const rows = readStatementRows('agentrix')
const titles = [...readTitles('agentrix')]
const mayWait = ['running on machines', 'repositories and worktrees']

it('there is a row for everything that the document says', () => {
  expect(rows.length).toBeGreaterThan(50)
})

it.each(rows)('"$statement" is proved by tests that are there, and waits only for what may be waited for', (row) => {
  expect(row.where).not.toBe('')
  for (const title of row.titles) expect(titles).toContain(title)
  for (const capability of row.pending) expect(mayWait).toContain(capability)
})
