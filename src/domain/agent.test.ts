import { expect, test } from 'vitest'
import { type Agent, type AgentState, acceptsTasks, takesNoTasks } from './agent.ts'

test.each<[AgentState, boolean, string]>([
  ['active', true, 'The agent Scribe takes tasks.'],
  ['paused', false, 'The agent Scribe is paused and takes no new tasks.'],
  ['stopped', false, 'The agent Scribe is stopped and takes no new tasks.'],
  ['error', false, 'The agent Scribe takes no new tasks: its last ones failed as it is set up.'],
])('an agent that is %s accepts tasks: %s, and says "%s"', (state, accepts, sentence) => {
  expect(acceptsTasks({ state } as Agent)).toBe(accepts)
  expect(takesNoTasks({ name: 'Scribe', state })).toBe(sentence)
})
