import { setImmediate } from 'node:timers/promises'
import { isTerminal } from '../../src/domain/run-state.ts'
import { answerPrompt } from '../../src/engine/commands/answer-prompt.ts'
import { resumeRun } from '../../src/engine/commands/resume-run.ts'
import type { EngineWorld } from './create-engine-world.ts'
import type { SeededRandom } from './seeded-random.ts'

/** One process of a simulated server. */
export interface SimulatedProcess {
  readonly world: EngineWorld
  /** Requests that it has not answered. */
  readonly asked: Set<Promise<void>>
}

/** Known before it is submitted, so that one whose submit was cut by a kill is looked at too. */
export function nextId(taskIds: string[]): string {
  const id = `task-${taskIds.length + 1}`
  taskIds.push(id)
  return id
}

/** Lets time pass until every run has ended and is closed; what stands still is resumed. */
export async function endAll({ world, asked }: SimulatedProcess, taskIds: readonly string[]): Promise<void> {
  await Promise.all(asked)
  const { store, clock, deps, owner } = world
  for (let looks = 0; looks < 3_000; looks += 1) {
    let ended = true
    for (const id of taskIds) {
      const state = (await store.readSnapshot(id))?.run.state
      if (state === undefined) continue
      if (state === 'paused') await resumeRun(deps, owner, id)
      for (const prompt of state === 'waiting' ? await store.listOpenPrompts(id) : []) {
        await answerPrompt(deps, owner, prompt.id, { outcome: 'approved' })
      }
      ended &&= isTerminal(state)
    }
    if (ended && (await store.listUnclosedRuns(1)).length === 0) return
    clock.advance(1_000)
    for (let turns = 0; turns < 5; turns += 1) await setImmediate()
    // What was committed until now is on disk after this: a slow disk takes no more looks than a fast one.
    await store.commit({ write: [{ kind: 'put_setting', name: 'barrier', value: `${looks}` }] })
  }
  const left = await Promise.all(taskIds.map(async (id) => (await store.readSnapshot(id))?.run.state))
  throw new Error(`It does not come to an end: ${left.join(', ')}.`)
}

/** Ids and salts that no other process of the simulation makes. */
export function markedRandomness(mark: string, random: SeededRandom) {
  let count = 0
  const next = () => {
    count += 1
    return String(count).padStart(6, '0')
  }
  return {
    newId: () => `${mark}-${next()}`,
    newSalt: () => Buffer.from(`${mark}-${next()}`).toString('hex').padStart(32, '0'),
    fraction: () => random.fraction(),
  }
}
