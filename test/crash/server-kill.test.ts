import { afterEach, expect, test } from 'vitest'
import type { LogHeadView } from '../../src/api/native/contract/log.ts'
import { verifyAudit } from '../../src/main/verify-audit.ts'
import { bytesOfBase64 } from '../../src/proof/base64.ts'
import { canonicalText } from '../../src/proof/canonical-json.ts'
import { expectSoundRecords } from '../support/expect-sound-records.ts'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'

interface EventRow {
  readonly seq: number
  readonly type: string
  readonly data: { readonly action?: string; readonly outcome?: string }
}

const folder = temporaryFolder()
let server: RunningServer | undefined
afterEach(async () => {
  await server?.stop('SIGKILL')
  folder.remove()
})

const instructions = [
  'write hello to a.txt then wait 1 seconds then count the words in a.txt',
  'say one two three in 200 tokens slowly then write done to b.txt',
  'list the files then write x to c.txt then read c.txt',
]
const rounds = 8
const perRound = 12

test('a server that is killed at any moment loses nothing it accepted and does nothing twice', async () => {
  const accepted = new Set<string>()
  const heads: string[] = []
  let keys = new Map<string, string>()
  const publicKeyOf = (keyId: string) => bytesOfBase64(keys.get(keyId) ?? '')
  for (let round = 0; round < rounds; round += 1) {
    server = await startServer(folder.path)
    const running = server
    const submits: Promise<void>[] = Array.from({ length: perRound }, async (_, index) => {
      const input = instructions[index % instructions.length]
      const response = await running.call('POST', '/mandate/v1/tasks', { input }).catch(() => undefined)
      if (response?.status !== 202) return
      const task = (await response.json().catch(() => undefined)) as { id: string } | undefined
      if (task !== undefined) accepted.add(task.id)
    })
    // Killed somewhere between the first acknowledgement and the last: each round somewhere else.
    await Promise.race(submits)
    if (round % 2 === 0) await Promise.all(submits)
    keys = await readKeys(running)
    heads.push(await readHead(running))
    await running.stop('SIGKILL')
    await Promise.all(submits)
    await expectSoundRecords(folder.path, { publicKeyOf, heads, allClosed: false })
  }
  expect(accepted.size).toBeGreaterThan(rounds)

  server = await startServer(folder.path)
  for (const id of accepted) await expectWholeAndOnce(server, id)
  const some = [...accepted].filter((_, index) => index % 4 === 0)
  for (const id of some) await expectProven(server, id, [...keys.keys()])
  heads.push(await readHead(server))
  await server.stop()
  await expectSoundRecords(folder.path, { publicKeyOf, heads, allClosed: true })
}, 120_000)

async function readKeys(running: RunningServer): Promise<Map<string, string>> {
  const response = await running.call('GET', '/.well-known/mandate-keys.json')
  const { keys } = (await response.json()) as { keys: { key_id: string; public_key: string }[] }
  return new Map(keys.map(({ key_id, public_key }) => [key_id, public_key]))
}

/** A head that was published: whatever becomes of the server, its log may only grow from there. */
async function readHead(running: RunningServer): Promise<string> {
  const response = await running.call('GET', '/mandate/v1/log/head')
  expect(response.status).toBe(200)
  return canonicalText(((await response.json()) as LogHeadView).envelope)
}

/** Its audit package holds, interrupted attempts and all. Asking for it closes what the closer has not come to yet. */
async function expectProven(running: RunningServer, id: string, pinned: readonly string[]): Promise<void> {
  const response = await running.call('GET', `/mandate/v1/tasks/${id}/audit`)
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(response.status, bytes.toString()).toBe(200)
  expect(await verifyAudit(bytes, pinned)).toMatchObject({ verdict: 'valid', summary: { task: id } })
}

async function expectWholeAndOnce(running: RunningServer, id: string): Promise<void> {
  const response = await running.call('GET', `/mandate/v1/tasks/${id}?wait=60`)
  expect(response.status).toBe(200)
  const task = (await response.json()) as { state: string }
  // Eight kills can cost a run its three attempts; it then says so. Nothing may be left half done.
  if (task.state !== 'succeeded') expect(task).toMatchObject({ state: 'failed', error: { code: 'attempts_lost' } })
  const page = await running.call('GET', `/mandate/v1/tasks/${id}/events?limit=200`)
  const { events } = (await page.json()) as { events: EventRow[] }
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.filter(({ type }) => /^run\.(succeeded|failed)$/u.test(type))).toHaveLength(1)
  const settled = events.filter(({ type }) => type === 'action.settled').map(({ data }) => data.action)
  expect(new Set(settled).size).toBe(settled.length)
  const decided = events.filter(({ type }) => type === 'action.decided').map(({ data }) => data.action)
  expect(new Set(decided).size).toBe(decided.length)
}
