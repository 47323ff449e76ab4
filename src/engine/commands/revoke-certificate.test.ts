import { afterEach, expect, test } from 'vitest'
import { closingOf, openSigned } from '../../../test/support/closing-world.ts'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { digestNamed } from '../../../test/support/sample-statements.ts'
import type { ScriptedModels } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { Digest } from '../../domain/content.ts'
import type { Principal } from '../../domain/principal.ts'
import { isRefusal, Refusal } from '../../domain/refusal.ts'
import type { StatementKind } from '../../domain/statement.ts'
import type { Commit, CommitOutcome } from '../../store/commit.ts'
import type { Store } from '../../store/store.ts'
import { closeRunsOf } from '../services/close-run.ts'
import { revokeCertificate } from './revoke-certificate.ts'

const runsMax = 40
const worlds: EngineWorld[] = []
afterEach(async () => {
  const [first, ...rest] = worlds.splice(0)
  for (const world of rest) await world.stop()
  await first?.close()
})

type Around = (commit: Commit, go: () => Promise<CommitOutcome>) => Promise<CommitOutcome>

/** Runs that note `a` and then `b`, one after the other; `around` is given each of their commits. */
async function open(around: Around, perform: (text: string) => Promise<string> | string = () => 'ok') {
  const performed: string[] = []
  const tool = createScriptedTool('note', ({ text }) => {
    performed.push(String(text))
    return perform(String(text))
  })
  const wrapStore = (store: Store): Store => ({
    ...store,
    commit: (commit) => around(commit, () => store.commit(commit)),
  })
  const note = (text: string) => ({ tool: 'note', input: { text } })
  const steps = Array.from({ length: runsMax }, () => [{ calls: [note('a'), note('b')] }, { text: 'done' }]).flat()
  const world = await createEngineWorld({ steps, tools: [tool], wrapStore })
  worlds.push(world)
  await world.deps.dispatcher.start()
  return { world, performed, revoke: (digest: Digest) => revokeCertificate(world.deps, world.owner, digest) }
}

function stated(commit: Commit, kind: StatementKind): Digest[] {
  return commit.write.flatMap((write) =>
    write.kind === 'add_statements'
      ? write.statements.filter((one) => one.kind === kind).map(({ digest }) => digest)
      : [],
  )
}

/** Once the first certificate is on disk, and before the runner knows it. */
function afterFirstCertificate(body: (certificate: Digest) => Promise<unknown>): Around {
  let first = true
  return async (commit, go) => {
    const [certificate] = stated(commit, 'certificate')
    const outcome = await go()
    if (certificate !== undefined && first) {
      first = false
      await body(certificate)
    }
    return outcome
  }
}

const used = { code: 'certificate_used' }
const notFound = { code: 'statement_not_found' }

test('an action whose certificate is revoked before it begins is not made, and the run goes on', async () => {
  let revoked: Digest = ''
  const { world, performed, revoke } = await open(
    afterFirstCertificate(async (certificate) => {
      revoked = certificate
      await revoke(certificate)
    }),
  )
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  expect(performed).toEqual(['b'])
  const events = await world.events(task.id)
  const [decided] = events.filter((event) => event.kind === 'action.decided')
  const { action, step } = decided?.facts ?? {}
  const about = events.filter(({ facts }) => 'action' in facts && facts.action === action)
  expect(about.map(({ kind }) => kind)).toEqual([
    'action.requested',
    'action.decided',
    'action.revoked',
    'action.settled',
  ])
  expect(about[2]).toMatchObject({ attempt: null, facts: { action, step, certificate: revoked, by: 'user-1' } })
  expect(about[3]?.facts).toMatchObject({ outcome: 'denied', cost_micros_usd: 0 })
  expect((await world.store.readRun(run.id))?.state).toBe('succeeded')
  const told = (world.deps.models as ScriptedModels).calls[1]?.messages.filter(({ role }) => role === 'tool')
  expect(told).toMatchObject([{ failed: true, output: expect.stringContaining('taken back') }, { output: 'ok' }])
})

test('a revocation is a statement in the log, and no link of the chain of the run', async () => {
  const { world, revoke } = await open(afterFirstCertificate((certificate) => revoke(certificate)))
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  const statements = await world.store.listStatements(task.id)
  expect(statements.map(({ kind }) => kind)).toEqual([
    'certificate',
    'revocation',
    'settlement',
    'certificate',
    'settlement',
  ])
  const opened = statements.map((one) => openSigned(world.deps.notary, one))
  const certificate = statements[0]?.digest
  expect(opened[1]).toMatchObject({ kind: 'revocation', certificate, by: 'user-1', run: run.id, task: task.id })
  expect(opened[2]).toMatchObject({ previous: certificate, certificate })
  await closeRunsOf(world.deps, task.id)
  expect((await closingOf(world, run)).statements).toEqual({ count: 4, head: statements[4]?.digest })
})

test('what was revoked already is answered with the same revocation, then and later', async () => {
  const answers: Digest[] = []
  let revoked: Digest = ''
  const { world, revoke } = await open(
    afterFirstCertificate(async (certificate) => {
      revoked = certificate
      const both = await Promise.all([revoke(certificate), revoke(certificate)])
      answers.push(...both.map(({ digest }) => digest))
    }),
  )
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  answers.push((await revoke(revoked)).digest)
  expect(new Set(answers).size).toBe(1)
  expect(await world.store.countStatements(run.id)).toMatchObject({ revocation: 1 })
})

test('the certificate of an action that is under way, or was settled, is not revoked', async () => {
  const begun = Promise.withResolvers<void>()
  const hold = Promise.withResolvers<string>()
  const certificates: Digest[] = []
  const keep: Around = (commit, go) => {
    certificates.push(...stated(commit, 'certificate'))
    return go()
  }
  const { world, performed, revoke } = await open(keep, (text) => {
    if (text === 'a') return 'ok'
    begun.resolve()
    return hold.promise
  })
  const { run } = await world.submit()
  await begun.promise
  const [settled = '', underWay = ''] = certificates
  await expect(revoke(underWay)).rejects.toMatchObject(used)
  await expect(revoke(settled)).rejects.toMatchObject(used)
  hold.resolve('ok')
  await world.attemptEnded(run.id)
  await expect(revoke(underWay)).rejects.toMatchObject(used)
  expect(performed).toEqual(['a', 'b'])
  expect(await world.store.countStatements(run.id)).toEqual({ certificate: 2, settlement: 2 })
})

test('the certificate of an action that is done is not revoked while its settlement is on its way', async () => {
  const refused: unknown[] = []
  let certificate: Digest | undefined
  const { world, revoke } = await open(async (commit, go) => {
    if (stated(commit, 'settlement').length > 0 && certificate !== undefined) {
      await revoke(certificate).catch((error: unknown) => refused.push(error))
    }
    certificate = stated(commit, 'certificate')[0]
    return await go()
  })
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  expect(refused).toHaveLength(2)
  for (const error of refused) expect(isRefusal(error, 'certificate_used')).toBe(true)
})

test('whenever it is revoked, an action is either made or revoked, and never both', async () => {
  const seen = new Set<string>()
  let turns = 0
  const underWay: Promise<string>[] = []
  const later = async (digest: Digest) => {
    for (let turn = 0; turn < turns; turn += 1) await undefined
    return await revoke(digest).then(
      () => 'revoked',
      (error: Refusal) => error.code,
    )
  }
  const { world, performed, revoke } = await open(async (commit, go) => {
    const [certificate] = stated(commit, 'certificate')
    const outcome = await go()
    if (certificate === undefined || underWay.length > 0) return outcome
    underWay.push(later(certificate))
    for (let turn = 0; turn < runsMax / 2; turn += 1) await undefined // so that either may be first
    return outcome
  })
  for (; turns < runsMax; turns += 1) {
    underWay.length = 0
    performed.length = 0
    const { task, run } = await world.submit()
    await world.attemptEnded(run.id)
    const answer = (await underWay[0]) ?? ''
    seen.add(answer)
    expect(performed, `${turns} turns, ${answer}`).toEqual(answer === 'revoked' ? ['b'] : ['a', 'b'])
    const kinds = (await world.events(task.id)).map(({ kind }) => kind)
    expect(kinds.includes('action.revoked')).toBe(answer === 'revoked')
  }
  expect([...seen].sort()).toEqual(['certificate_used', 'revoked'])
})

test('where the revocation cannot be recorded, the action is not made', async () => {
  let ill = false
  const errors: unknown[] = []
  const certified = afterFirstCertificate(async (certificate) => {
    ill = true
    await revoke(certificate).catch((error: unknown) => errors.push(error))
    ill = false
  })
  const { world, performed, revoke } = await open((commit, go) => {
    if (ill) throw new Refusal('storage_unavailable', 'the disk is full')
    return certified(commit, go)
  })
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  expect(errors).toMatchObject([{ code: 'storage_unavailable' }])
  expect(performed).toEqual(['b'])
})

test('the certificate of an attempt that was lost is not revoked: its action may have begun', async () => {
  const begun = Promise.withResolvers<void>()
  let certificate: Digest = ''
  const keep: Around = (commit, go) => {
    certificate = stated(commit, 'certificate')[0] ?? certificate
    return go()
  }
  const { world } = await open(keep, () => {
    begun.resolve()
    return new Promise(() => undefined)
  })
  await world.submit()
  await begun.promise
  const second = await createEngineWorld({ beside: world })
  worlds.push(second)
  await expect(revokeCertificate(second.deps, second.owner, certificate)).rejects.toMatchObject(used)
})

test('what is no certificate, or of a task that is not theirs, is not found', async () => {
  const { world, revoke } = await open((_, go) => go())
  const { task, run } = await world.submit({ visibility: 'team' })
  await world.attemptEnded(run.id)
  const shown = await world.submit({ visibility: 'public' })
  await world.attemptEnded(shown.run.id)
  const [certificate, settlement] = await world.store.listStatements(task.id)
  const [shownCertificate] = await world.store.listStatements(shown.task.id)
  await expect(revoke(digestNamed('none'))).rejects.toMatchObject(notFound)
  await expect(revoke(settlement?.digest ?? '')).rejects.toMatchObject(notFound)
  const stranger: Principal = { ...world.owner, userId: 'user-2' }
  const revokeAs = (digest = '') => revokeCertificate(world.deps, stranger, digest)
  await expect(revokeAs(certificate?.digest)).rejects.toMatchObject(notFound)
  await expect(revokeAs(shownCertificate?.digest)).rejects.toMatchObject({ code: 'role_forbidden' })
})
