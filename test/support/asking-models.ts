import type { JsonValue } from '../../src/domain/json.ts'
import type { Store } from '../../src/store/store.ts'
import { createScriptedModels, type ScriptedModels } from './scripted-models.ts'

/** A model that asks these questions in its first step, each by a call of its own, and is done in the next one. */
export function createAskingModels(...inputs: readonly JsonValue[]): ScriptedModels {
  const calls = inputs.map((input) => ({ tool: 'ask_question', input }))
  return createScriptedModels([{ text: 'I ask', calls }, { text: 'done' }])
}

/** What the model was told last: the result of its question, once it was answered. */
export function lastToldTo({ calls }: ScriptedModels): unknown {
  const message = calls.at(-1)?.messages.at(-1)
  return message?.role === 'tool' ? message.output : undefined
}

/**
 * Lets another world stand on the rows of a first one, as a process that was started after it. It closes its own empty store
 * and not the shared one.
 */
export function onTheRowsOf(store: Store): (own: Store) => Store {
  return (own) => ({
    ...store,
    // The log was started with the first world.
    commit: ({ write, ...commit }) =>
      store.commit({ ...commit, write: write.filter(({ kind }) => kind !== 'start_log') }),
    close: () => own.close(),
  })
}
