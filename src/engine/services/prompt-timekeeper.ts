import { expirePrompt } from '../prompts/expire-prompt.ts'
import type { ServerDeps } from '../server-deps.ts'
import { createPollLoop, type Service } from './poll-loop.ts'

const pollEveryMs = 1_000
const batchSize = 100

/** Named moments, for tests. */
export interface PromptTimekeeperSignals {
  polled?(expired: number): void
}

/** Settles prompts that nobody answered in time. A prompt costs nothing until then: no timer waits for it. */
export function createPromptTimekeeper(deps: ServerDeps, signals: PromptTimekeeperSignals = {}): Service {
  const { store, clock, log } = deps
  const loop = createPollLoop({
    clock,
    async poll() {
      const due = await store.listDuePrompts(clock.now(), batchSize)
      const expired = await Promise.all(due.map((prompt) => expirePrompt(deps, prompt)))
      signals.polled?.(expired.filter(Boolean).length)
      return pollEveryMs
    },
    onError(error) {
      log.warn({ err: error }, 'prompts that are due could not be read; trying again')
      return pollEveryMs
    },
  })
  return { start: () => loop.start(pollEveryMs), stop: loop.stop }
}
