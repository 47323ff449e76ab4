import { expect, test } from 'vitest'
import { isRefusal } from '../../../domain/refusal.ts'
import type { Commit } from '../../commit.ts'
import { closeWriter, type ToWriter } from './encoded-commit.ts'
import { createWriterClient } from './writer-client.ts'

const put = (value: string): Commit => ({ write: [{ kind: 'put_setting', name: 'x', value }] })

/** One turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** How many commits each message holds. */
const sizes = (sent: readonly ToWriter[]) =>
  sent.map((message) => {
    if (message === closeWriter) return 'close'
    return (typeof message === 'string' ? JSON.parse(message) : message).length
  })

function createWorld() {
  const sent: ToWriter[] = []
  return { sent, client: createWriterClient((message) => sent.push(message), 10) }
}

test('the commits of one turn of the event loop are sent as one message', async () => {
  const { sent, client } = createWorld()
  for (const value of ['a', 'b', 'c']) void client.commit(put(value))
  expect(sent).toEqual([])
  await turn()
  expect(sizes(sent)).toEqual([3])
  expect(client.health().waitingCommits).toBe(3)
})

test('what comes while a group is written is the next group', async () => {
  const { sent, client } = createWorld()
  for (const value of ['a', 'b']) {
    void client.commit(put(value))
    await turn()
  }
  void client.commit(put('c'))
  await turn()
  expect(sizes(sent)).toEqual([1])
  client.receive({ replies: [[]], problem: undefined })
  await turn()
  expect(sizes(sent)).toEqual([1, 2])
})

test('bytes are sent as they are, and arrive whole beside commits of text', async () => {
  const { sent, client } = createWorld()
  const body = new Uint8Array([0, 255])
  const content = { digest: `sha256:${'0'.repeat(64)}`, salt: '00', mediaType: 'x/y', sealed: true, body }
  void client.commit(put('a'))
  void client.commit({ write: [{ kind: 'put_contents', task: null, contents: [content] }] })
  await turn()
  expect(sent).toEqual([[expect.anything(), expect.objectContaining({ calls: [expect.arrayContaining([body])] })]])
})

test('replies go to the commits in the order in which they were sent, whatever the groups', async () => {
  const { client } = createWorld()
  const require = [{ name: 'absentTask', task: 't' } as const]
  const commits = [client.commit(put('a')), client.commit({ ...put('b'), require }), client.commit(put('c'))]
  const settled = Promise.allSettled(commits)
  client.receive({ replies: [[], 0], problem: undefined })
  client.receive({ replies: [{ failure: 'defect', message: 'broken' }], problem: undefined })
  expect(await settled).toMatchObject([
    { value: { committed: true } },
    { value: { committed: false, refused: require[0] } },
    { reason: { message: expect.stringContaining('broken') } },
  ])
})

test('when the writer stops, what waits and what comes is refused, and health says so', async () => {
  const { client } = createWorld()
  const waiting = client.commit(put('a')).catch((error: unknown) => error)
  client.abandon(new Error('out of memory'))
  expect(isRefusal(await waiting, 'storage_unavailable')).toBe(true)
  await expect(client.commit(put('b'))).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(client.health()).toMatchObject({ writable: false, problem: expect.stringContaining('out of memory') })
})

test('what was committed before the close is sent before it, also while a group is written', async () => {
  const { sent, client } = createWorld()
  void client.commit(put('a'))
  await turn()
  void client.commit(put('b'))
  client.close()
  client.close()
  await turn()
  expect(sizes(sent)).toEqual([1, 1, 'close'])
  await expect(client.commit(put('c'))).rejects.toMatchObject({ code: 'shutting_down' })
})
