import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canonicalText } from '../../../src/proof/canonical-json.ts'
import { verifyPackage } from '../../../src/proof/package/verify-package.ts'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const exported = (id: string, query = '', caller = world.admin) =>
  world.call('GET', `/v1/tasks/${id}/audit${query}`, undefined, caller)
const pinned = () => [world.deps.notary.keyring.current.keyId]

describe('the audit package of a task', () => {
  test('is a download that a stranger can verify', async () => {
    const task = await world.runTask({ input: 'write x to a.txt then say done' })
    const answer = await exported(task.id)
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/u)
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="mandate-audit-${task.id.slice(0, 8)}.json"`,
    )
    expect(answer.body).toBe(canonicalText(answer.json()))
    const verification = await verifyPackage(answer.rawPayload, { pinned: pinned() })
    expect(verification).toMatchObject({
      verdict: 'valid',
      summary: { task: task.id, runs: [{ turn: 1, outcome: 'succeeded', policy: 'default' }] },
    })
    expect((await exported(String(task.number))).json().task).toBe(task.id)
  })

  test('is a PDF for people where that is asked for', async () => {
    const task = await world.runTask({ input: 'write x to a.txt' })
    const answer = await exported(task.id, '?format=pdf')
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/pdf'])
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="mandate-audit-${task.id.slice(0, 8)}.pdf"`,
    )
    expect(answer.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
  })

  test('may be had without its contents, and still verifies', async () => {
    const task = await world.runTask({ input: 'write secret-word to a.txt' })
    expect((await exported(task.id)).body).toContain('secret-word')
    const { body, rawPayload } = await exported(task.id, '?contents=false')
    expect(body).not.toContain('secret-word')
    expect((await verifyPackage(rawPayload, { pinned: pinned() })).verdict).toBe('valid')
  })

  test('still verifies after a purge, and says what is gone', async () => {
    const task = await world.runTask({ input: 'write secret-word to a.txt' })
    await world.call('POST', `/v1/tasks/${task.id}/purge`)
    const { body, rawPayload } = await exported(task.id)
    expect(body).not.toContain('secret-word')
    const verification = await verifyPackage(rawPayload, { pinned: pinned() })
    expect(verification).toMatchObject({ verdict: 'valid', summary: { contents: { present: 0 } } })
  })

  test('is not there before the run has ended', async () => {
    const { id } = (await world.call('POST', '/v1/tasks', { input: 'x', not_before: '2100-01-01T00:00:00Z' })).json()
    const answer = await exported(id)
    expect([answer.statusCode, answer.json().code], answer.body).toEqual([409, 'task_busy'])
  })

  test('of somebody else looks like that of a task that is not there', async () => {
    const task = await world.runTask({ input: 'say x' })
    const stranger = await world.addCaller('operator')
    const theirs = await exported(task.id, '', stranger)
    const nowhere = await exported('00000000-0000-7000-8000-000000000000', '', stranger)
    expect([theirs.statusCode, theirs.body]).toEqual([404, nowhere.body])
    expect((await exported(task.id, '', await world.addCaller('auditor'))).statusCode).toBe(200)
  })

  test.each([
    ['contents=maybe', 'contents'],
    ['format=xml', 'format'],
    ['colour=red', 'colour'],
  ])('is refused with %s', async (query, field) => {
    const task = await world.runTask({ input: 'say x' })
    const answer = await exported(task.id, `?${query}`)
    expect([answer.statusCode, answer.json().errors?.[0].field], answer.body).toEqual([422, field])
  })
})
