import { expect, test } from 'vitest'
import type { EventOf, JournalEvent } from '../../src/domain/event.ts'
import { isTerminal } from '../../src/domain/run-state.ts'
import { answerPrompt } from '../../src/engine/commands/answer-prompt.ts'
import { exportAudit } from '../../src/engine/queries/export-audit.ts'
import { rescueRuns } from '../../src/engine/services/run-rescuer.ts'
import { textOfSealed } from '../../src/proof/package/seal.ts'
import { verifyPackage } from '../../src/proof/package/verify-package.ts'
import type { Store } from '../../src/store/store.ts'
import { createAskQuestion } from '../../src/tool/builtin/ask-question/create-ask-question.ts'
import { createEngineWorld, type EngineWorld } from '../support/create-engine-world.ts'
import { createMortalStore } from '../support/mortal-store.ts'
import { createScriptedTool } from '../support/scripted-tool.ts'
import { testPolicy } from '../support/test-policies.ts'

// A process that is killed before or after any of its commits between the submission and the end of a run that asks: what was
// answered is not lost and not used twice, an action happens once or is unknown, and the record verifies.

const strict = testPolicy({ name: 'strict', approvals: { categories: [], tools: ['mail'] } })
const taskId = 'task-1'

interface Life {
  readonly performed: string[]
  readonly store: Store
  readonly world: EngineWorld
}

/** Which call is made, and whether its tool may be made again after a crash. */
interface Case {
  readonly what: string
  readonly tool: 'mail' | 'ask_question'
  readonly safeToRepeat: boolean
}

/** Kills the process at its nth commit, before the commit is on disk or after it; never where `at` is 0. */
function dyingAt(store: Store, at: number, when: 'before' | 'after', onCommit: () => void) {
  const mortal = createMortalStore(store)
  const death = Promise.withResolvers<'dead'>()
  const die = (): Promise<never> => {
    mortal.kill()
    death.resolve('dead')
    return new Promise(() => undefined)
  }
  let commits = 0
  const commit: Store['commit'] = async (given) => {
    commits += 1
    onCommit()
    if (commits === at && when === 'before') return die()
    const outcome = await mortal.store.commit(given)
    return commits === at && when === 'after' ? die() : outcome
  }
  const wrapped = new Proxy(mortal.store, {
    get: (target, name) => (name === 'commit' ? commit : Reflect.get(target, name)),
  })
  return { store: wrapped, death: death.promise }
}

function toolsOf({ safeToRepeat }: Case, performed: string[], process: string) {
  const mail = createScriptedTool(
    'mail',
    () => {
      performed.push(process)
      return 'sent'
    },
    { safeToRepeat },
  )
  return [mail, createAskQuestion()]
}

const callOf = ({ tool }: Case) => ({ tool, input: tool === 'mail' ? { text: 'a' } : { question: 'Which?' } })

/** Answers whatever is asked until the run has ended. */
async function goOn({ deps, owner, clock }: EngineWorld, store: Store): Promise<void> {
  for (let looks = 0; looks < 500; looks += 1) {
    const snapshot = await store.readSnapshot(taskId)
    if (snapshot !== undefined && isTerminal(snapshot.run.state)) return
    for (const { id, kind } of snapshot === undefined ? [] : await store.listOpenPrompts(taskId)) {
      const answer = { outcome: kind === 'question' ? 'answered' : 'approved' } as const
      const data = kind === 'question' ? { answers: { answer: 'this' } } : undefined
      await answerPrompt(deps, owner, id, { ...answer, data }).catch(() => undefined)
    }
    clock.advance(20)
    // What was committed until now is on disk after this: a slow disk takes no more looks than a fast one.
    await store.commit({ write: [{ kind: 'put_setting', name: 'barrier', value: `${looks}` }] })
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('The run does not end.')
}

async function live(about: Case, at: number, when: 'before' | 'after', onCommit = () => {}): Promise<Life> {
  const performed: string[] = []
  const steps = [{ text: 'I act', calls: [callOf(about)] }, { text: 'done' }]
  let raw: Store | undefined
  let death: Promise<'dead'> = new Promise(() => undefined)
  const first = await createEngineWorld({
    steps,
    policies: [strict],
    tools: toolsOf(about, performed, 'first'),
    wrapStore(store) {
      raw = store
      const dying = dyingAt(store, at === 0 ? 0 : at + 1, when, onCommit) // the first commit sets the world up
      death = dying.death
      return dying.store
    },
  })
  if (raw === undefined) throw new Error('The store was not opened.')
  await first.deps.dispatcher.start()
  const submitted = first.submit({ taskId, policy: 'strict', askQuestion: true })
  const ended = await Promise.race([
    death,
    submitted.then(() => goOn(first, raw as Store)).then(() => 'ended' as const),
  ])
  if (ended === 'ended') return { performed, store: raw, world: first }
  // A commit that was on its way when the process died is on disk or not, before the next one starts.
  await raw.commit({ write: [{ kind: 'put_setting', name: 'barrier', value: 'dead' }] })
  const world = await createEngineWorld({
    steps: performed.length > 0 || (await raw.readSnapshot(taskId)) ? [...(await stepsLeft(raw, steps))] : steps,
    policies: [strict],
    tools: toolsOf(about, performed, 'second'),
    beside: { store: raw, clock: first.clock },
  })
  await rescueRuns(world.deps)
  await world.deps.dispatcher.start()
  if ((await raw.readSnapshot(taskId)) === undefined)
    await world.submit({ taskId, policy: 'strict', askQuestion: true })
  await goOn(world, raw)
  return { performed, store: raw, world }
}

/** What a model would say after what is on record: its call again only where that is not there. */
async function stepsLeft<Step>(store: Store, [call, done]: readonly Step[]): Promise<readonly Step[]> {
  const events = await store.readEvents(taskId, 0, 1_000)
  const hasCalled = events.some(({ kind }) => kind === 'model.responded')
  return [hasCalled ? undefined : call, done].filter((step) => step !== undefined)
}

function check({ performed }: Life, about: Case, events: readonly JournalEvent[], where: string): void {
  const answered = events.filter((event): event is EventOf<'prompt.answered'> => event.kind === 'prompt.answered')
  expect(new Set(answered.map(({ facts }) => facts.prompt)).size, where).toBe(answered.length)
  const settled = events.filter((event): event is EventOf<'action.settled'> => event.kind === 'action.settled')
  const outcomes = settled.map(({ facts }) => facts.outcome)
  if (about.tool === 'ask_question') {
    expect([answered.length, outcomes], where).toEqual([1, ['settled']])
    return
  }
  if (about.safeToRepeat) {
    expect(outcomes.at(-1), where).toBe('settled')
    expect(answered, where).toHaveLength(1) // the approval holds for the repetition
    return
  }
  expect(performed.length, where).toBeLessThanOrEqual(1)
  expect(answered, where).toHaveLength(1)
  // It was done and told so, or nobody knows: never done and denied, never told that it was done when it was not.
  if (outcomes.at(-1) === 'settled') expect(performed, where).toHaveLength(1)
  else expect(outcomes, where).toEqual(['unknown'])
}

test.each<Case>([
  { what: 'an approved action that must not be done twice', tool: 'mail', safeToRepeat: false },
  { what: 'an approved action that may be done again', tool: 'mail', safeToRepeat: true },
  { what: 'a question', tool: 'ask_question', safeToRepeat: true },
])(
  'a kill at each boundary of $what loses no answer, and uses none twice',
  async (about) => {
    let commits = -1 // the first sets the world up
    const whole = await live(about, 0, 'before', () => {
      commits += 1
    })
    check(whole, about, await whole.store.readEvents(taskId, 0, 1_000), 'without a kill')
    await whole.world.close()
    expect(commits).toBeGreaterThan(5)
    for (let at = 1; at <= commits; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const life = await live(about, at, when)
        const where = `killed ${when} commit ${at} of ${commits}`
        check(life, about, await life.store.readEvents(taskId, 0, 1_000), where)
        const sealed = await exportAudit(life.world.deps, life.world.owner, taskId, { contents: true })
        const pinned = [life.world.deps.notary.keyring.current.keyId]
        const verification = await verifyPackage(Buffer.from(textOfSealed(sealed)), { pinned })
        expect(verification, where).toMatchObject({ verdict: 'valid' })
        await life.world.close()
      }
    }
  },
  120_000,
)
