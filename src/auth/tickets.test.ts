import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import { createTickets } from './tickets.ts'

const who = { userId: 'ada', teamId: null, role: 'operator', dialect: 'certior', agentId: null } as const
const key: Principal = { ...who, keyId: '0198f1c2-0000-7000-8000-000000000001' }
const admin: Principal = { ...who, role: 'admin', dialect: 'native', keyId: null }
const refused = { code: 'unauthenticated' }

interface Over {
  readonly pepper?: Buffer
  readonly adminVerifier?: Uint8Array | undefined
  readonly takesTokens?: boolean
}

function open(over: Over = {}) {
  const clock = createFakeClock()
  const revoked = new Set<string | null>()
  const tickets = createTickets({
    clock,
    pepper: over.pepper ?? Buffer.alloc(32, 1),
    ticketMs: 300_000,
    adminVerifier: 'adminVerifier' in over ? over.adminVerifier : Buffer.alloc(32, 2),
    takesTokens: over.takesTokens ?? true,
    async refresh(principal) {
      if (revoked.has(principal.keyId)) throw new Refusal('unauthenticated', 'no')
      return principal
    },
  })
  return { clock, tickets, revoked }
}

test('names the credential that it was given to, and nothing else of its holder', async () => {
  const { tickets, clock } = open()
  expect(await tickets.redeem(tickets.issue(key, 'task-1'), 'task-1')).toMatchObject({ keyId: key.keyId, userId: '' })
  expect(await tickets.redeem(tickets.issue(admin, 'task-1'), 'task-1')).toMatchObject({ keyId: null, role: 'admin' })
  const token = { expiresAt: clock.now() + 60_000 }
  const holder: Principal = { ...who, userId: 'ü.~/ser', dialect: 'neo', keyId: null, token }
  const redeemed = await tickets.redeem(tickets.issue(holder, 'task-1'), 'task-1')
  expect(redeemed).toMatchObject({ userId: 'ü.~/ser', keyId: null, role: 'operator', token })
})

test('is a part of a path as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.nat(), (userId, expiresAt) => {
      const ticket = open().tickets.issue({ ...who, userId, keyId: null, token: { expiresAt } }, 'task-1')
      expect(ticket).toMatch(/^[\w.~-]+$/u)
    }),
  )
})

test('is for one task', async () => {
  const { tickets } = open()
  await expect(tickets.redeem(tickets.issue(key, 'task-1'), 'task-2')).rejects.toMatchObject(refused)
})

test('is to be used within five minutes', async () => {
  const { tickets, clock } = open()
  const ticket = tickets.issue(key, 'task-1')
  clock.advance(299_999)
  await tickets.redeem(ticket, 'task-1')
  clock.advance(1)
  await expect(tickets.redeem(ticket, 'task-1')).rejects.toMatchObject(refused)
})

test('a later one is another one, and is good for longer', async () => {
  const { tickets, clock } = open()
  const first = tickets.issue(key, 'task-1')
  clock.advance(200_000)
  const second = tickets.issue(key, 'task-1')
  expect(second).not.toBe(first)
  clock.advance(200_000)
  await tickets.redeem(second, 'task-1')
})

test('dies with its key', async () => {
  const { tickets, revoked } = open()
  const ticket = tickets.issue(key, 'task-1')
  revoked.add(key.keyId)
  await expect(tickets.redeem(ticket, 'task-1')).rejects.toMatchObject(refused)
})

test("the administrator's dies with the unstored key that it was given to", async () => {
  const ticket = open().tickets.issue(admin, 'task-1')
  for (const adminVerifier of [undefined, Buffer.alloc(32, 3)]) {
    await expect(open({ adminVerifier }).tickets.redeem(ticket, 'task-1')).rejects.toMatchObject(refused)
  }
  const forged = open({ adminVerifier: undefined }).tickets
  await expect(forged.redeem(forged.issue(admin, 'task-1'), 'task-1')).rejects.toMatchObject(refused)
})

test('of a token opens nothing where tokens are not taken', async () => {
  const { tickets, clock } = open({ takesTokens: false })
  const ticket = tickets.issue({ ...who, keyId: null, token: { expiresAt: clock.now() + 60_000 } }, 'task-1')
  await expect(tickets.redeem(ticket, 'task-1')).rejects.toMatchObject(refused)
})

test('is made under the pepper', async () => {
  const ticket = open().tickets.issue(key, 'task-1')
  const other = open({ pepper: Buffer.alloc(32, 9) }).tickets
  await expect(other.redeem(ticket, 'task-1')).rejects.toMatchObject(refused)
})

test('with any character changed, cut or added opens nothing', async () => {
  const { tickets } = open()
  const ticket = tickets.issue(key, 'task-1')
  await fc.assert(
    fc.asyncProperty(
      fc.nat(ticket.length - 1),
      fc.constantFrom('0', 'a', 'Z', '.', '~', '-', ''),
      async (at, other) => {
        const changed = ticket.slice(0, at) + other + ticket.slice(at + 1)
        // The last character of base64url holds bits that mean nothing.
        fc.pre(changed !== ticket && (at < ticket.length - 1 || other === ''))
        await expect(tickets.redeem(changed, 'task-1')).rejects.toMatchObject(refused)
      },
    ),
  )
  for (const wrong of ['', '.', '..', 'a..', `${ticket}x`, `${ticket}.`, 'x'.repeat(4_000)]) {
    await expect(tickets.redeem(wrong, 'task-1')).rejects.toMatchObject(refused)
  }
})
