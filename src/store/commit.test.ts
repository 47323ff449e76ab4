import { expect, test } from 'vitest'
import type { Delivery } from '../domain/delivery.ts'
import * as commit from './commit.ts'

const amounts = { micros_usd: 1, tokens: 2, steps: 3 }
const delivery: Delivery = {
  ...{ id: 'd', endpointId: 'e', taskId: 't', seq: 1, kind: 'run.claimed', state: 'pending' },
  ...{ attempts: 2, tries: [], nextAt: 5, createdAt: 1, settledAt: null },
}

test('each requirement is named for the function that makes it', () => {
  const made: Readonly<Record<commit.Requirement['name'], commit.Requirement>> = {
    currentAttempt: commit.currentAttempt('r', 1),
    runIs: commit.runIs('r', ['queued']),
    journalAt: commit.journalAt('t', 3),
    latestRun: commit.latestRun('t', 'r'),
    absentTask: commit.absentTask('t'),
    absentIdempotencyKey: commit.absentIdempotencyKey('o', 'k'),
    absentKeyPrefix: commit.absentKeyPrefix('p'),
    absentSetting: commit.absentSetting('s'),
    absentUser: commit.absentUser('u'),
    agentAt: commit.agentAt('a', 1),
    agentIdle: commit.agentIdle('a'),
    absentChat: commit.absentChat('m'),
    absentShare: commit.absentShare('t'),
    withinBudget: commit.withinBudget('t', amounts),
    openPrompt: commit.openPrompt('p'),
    unclosedRun: commit.unclosedRun('r'),
    notHeld: commit.notHeld('t'),
    unrevoked: commit.unrevoked('c'),
    endpointAt: commit.endpointAt('e', 1),
    deliveryAt: commit.deliveryAt(delivery),
  }
  for (const [name, requirement] of Object.entries(made)) expect(requirement.name).toBe(name)
})

test('a run is required to be at an attempt only where one is given', () => {
  expect(commit.runIs('r', ['queued'])).toStrictEqual({ name: 'runIs', run: 'r', states: ['queued'] })
  expect(commit.runIs('r', ['queued'], 0)).toStrictEqual({ name: 'runIs', run: 'r', states: ['queued'], attempt: 0 })
})

test('a delivery is required to be as it was read: in its state, after its tries', () => {
  expect(commit.deliveryAt(delivery)).toStrictEqual({
    name: 'deliveryAt',
    delivery: 'd',
    state: 'pending',
    attempts: 2,
  })
})
