import { expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import { createPrincipalWatch } from './principal-watch.ts'

const ada: Principal = {
  userId: 'ada',
  teamId: 'team-1',
  role: 'operator',
  dialect: 'native',
  agentId: null,
  keyId: 'key-1',
}
const invalid = () => new Refusal('unauthenticated', 'The key is not valid.')
/** Lets what is under way go on. */
const settle = () => new Promise(setImmediate)

/** A watch over callers as they are in `now`; one that is not there has ended. */
function open() {
  const clock = createFakeClock()
  const now = new Map<string | null, Principal>([['key-1', ada]])
  let looks = 0
  let broken: Error | undefined
  const watch = createPrincipalWatch({
    clock,
    async refresh({ keyId }) {
      looks += 1
      if (broken !== undefined) throw broken
      const found = now.get(keyId)
      if (found === undefined) throw invalid()
      return found
    },
  })
  const told: string[] = []
  const onEnd = (why: Refusal) => told.push(`${why.code}: ${why.message}`)
  const breakStore = (error?: Error) => {
    broken = error
  }
  return { clock, now, watch, told, onEnd, breakStore, looks: () => looks }
}

test('a caller whose key is revoked by another process is told within 5 seconds', async () => {
  const { clock, now, watch, told, onEnd } = open()
  watch.watch(ada, { onEnd })
  clock.advance(4_000)
  await settle()
  expect(told).toEqual([])
  now.delete('key-1')
  clock.advance(5_000)
  await settle()
  expect(told).toEqual(['unauthenticated: The key or token is not valid any more.'])
})

test('a key is looked up again and again, for as long as somebody is watched', async () => {
  const { clock, now, watch, told, onEnd, looks } = open()
  const release = watch.watch(ada, { onEnd })
  for (let round = 1; round <= 3; round += 1) {
    clock.advance(2_000)
    await settle()
    expect(looks()).toBe(round)
  }
  now.delete('key-1')
  clock.advance(2_000)
  await settle()
  expect(told).toHaveLength(1)
  release()
  expect(clock.waiting).toBe(0)
})

test('what this process changes is told at once, and once', async () => {
  const { now, watch, told, onEnd, clock } = open()
  watch.watch(ada, { onEnd })
  now.delete('key-1')
  watch.recheck()
  watch.recheck()
  await settle()
  expect(told).toHaveLength(1)
  clock.advance(10_000)
  await settle()
  expect(told).toHaveLength(1)
})

test('a caller who may do something else than before is told to connect again', async () => {
  const { now, watch, told, onEnd } = open()
  watch.watch(ada, { onEnd })
  now.set('key-1', { ...ada, teamId: null })
  watch.recheck()
  await settle()
  expect(told).toEqual(['unauthenticated: What this key may do has changed. Connect again.'])
})

test('a hundred streams of one key cost one look, and end one by one', async () => {
  const { clock, now, watch, told, onEnd, looks } = open()
  const releases = Array.from({ length: 100 }, () => watch.watch(ada, { onEnd }))
  clock.advance(2_000)
  await settle()
  expect(looks()).toBe(1)
  for (const release of releases.slice(0, 99)) release()
  now.delete('key-1')
  watch.recheck()
  await settle()
  expect(told).toHaveLength(1)
})

test('nobody is watched after their release, and no timer is left', async () => {
  const { clock, now, watch, told, onEnd, looks } = open()
  const release = watch.watch(ada, { onEnd })
  release()
  release()
  now.delete('key-1')
  watch.recheck()
  await settle()
  expect([told, looks(), clock.waiting]).toEqual([[], 0, 0])
})

test('who begins to be watched while another stream of the same key ends is looked up as well', async () => {
  const { clock, now, watch, told, onEnd } = open()
  const release = watch.watch(ada, {
    onEnd,
    stillMay: async () => {
      throw invalid()
    },
  })
  clock.advance(2_000)
  await settle()
  expect(told).toHaveLength(1)
  watch.watch(ada, { onEnd })
  release()
  now.delete('key-1')
  clock.advance(5_000)
  await settle()
  expect(told).toHaveLength(2)
})

test('a token ends at its own end, not at the next look after it', async () => {
  const { clock, now, watch, told, onEnd } = open()
  const token = { ...ada, keyId: null, token: { expiresAt: clock.now() + 2_500 } }
  now.set(null, token)
  const release = watch.watch(token, { onEnd })
  clock.advance(2_499)
  expect(told).toEqual([])
  clock.advance(1)
  expect(told).toEqual(['unauthenticated: The key or token is not valid any more.'])
  await settle()
  release()
  expect(clock.waiting).toBe(0)
})

test('a store that cannot be read ends nothing; the next look tells', async () => {
  const { clock, now, watch, told, onEnd, breakStore } = open()
  watch.watch(ada, { onEnd })
  breakStore(new Error('disk I/O error'))
  clock.advance(2_000)
  await settle()
  expect(told).toEqual([])
  breakStore()
  now.delete('key-1')
  clock.advance(2_000)
  await settle()
  expect(told).toHaveLength(1)
})

test('what else must hold ends the one stream for which it does not', async () => {
  const { watch, told, onEnd, clock } = open()
  let holds = true
  watch.watch(ada, { onEnd })
  watch.watch(ada, {
    onEnd,
    stillMay: async (principal) => {
      expect(principal).toEqual(ada)
      if (!holds) throw invalid()
    },
  })
  clock.advance(2_000)
  await settle()
  expect(told).toEqual([])
  holds = false
  clock.advance(2_000)
  await settle()
  expect(told).toEqual(['unauthenticated: The key or token is not valid any more.'])
})

test('two callers are told apart by each thing that they may do', async () => {
  const { now, watch, told, onEnd } = open()
  const bound = { ...ada, keyId: 'key-2', agentId: 'agent-1' }
  now.set('key-2', bound)
  watch.watch(ada, { onEnd })
  watch.watch(bound, { onEnd })
  now.delete('key-2')
  watch.recheck()
  await settle()
  expect(told).toHaveLength(1)
})
