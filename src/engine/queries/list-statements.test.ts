import { expect, test } from 'vitest'
import { createLogWorld } from '../../../test/support/log-world.ts'
import { digestNamed } from '../../../test/support/sample-statements.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { rotateSigningKey } from '../commands/rotate-signing-key.ts'
import { listStatementsOf, readStatementOf } from './list-statements.ts'

test('the statements of a task are shown to who may see it; a rotation to everybody; absent and not theirs look the same', async () => {
  const calls = [{ tool: 'note', input: { text: 'x' } }]
  const world = await createLogWorld({
    steps: [{ calls }, { text: 'done' }],
    tools: [createScriptedTool('note', () => 'ok')],
  })
  try {
    await world.deps.dispatcher.start()
    const { task, run } = await world.submit()
    await world.attemptEnded(run.id)
    const stranger = { ...world.owner, userId: 'user-2' }
    const statements = await listStatementsOf(world.deps, world.owner, task.id)
    expect(statements.map(({ kind }) => kind)).toEqual(['certificate', 'settlement'])
    await expect(listStatementsOf(world.deps, stranger, task.id)).rejects.toMatchObject({ code: 'task_not_found' })

    const digest = statements[0]?.digest ?? ''
    expect(await readStatementOf(world.deps, world.owner, digest)).toEqual(statements[0])
    const refusals = await Promise.all(
      [digest, digestNamed('none')].map((one) => readStatementOf(world.deps, stranger, one).catch((error) => error)),
    )
    expect(refusals[0]).toMatchObject({ code: 'statement_not_found' })
    expect(refusals[0].message).toBe(refusals[1].message)

    const rotation = await rotateSigningKey(world.deps, { ...world.owner, role: 'admin' })
    expect(await readStatementOf(world.deps, stranger, rotation.digest)).toMatchObject({ digest: rotation.digest })
  } finally {
    await world.close()
  }
})
