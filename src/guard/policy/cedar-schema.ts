import { createRequire } from 'node:module'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'

/** An instance of Cedar. */
export type Cedar = typeof CedarModule

/**
 * The schema of Cedar policies. It is fixed: a policy that was valid once stays valid, so that old decisions can be
 * made again. Attributes may be added but never changed. The actions are the accesses of `domain/decision.ts`.
 */
export const cedarSchema = `
entity User = { "role": String, "team"?: String };
entity Tool;
action "read", "write", "fetch", "send", "execute", "other" appliesTo {
  principal: [User],
  resource: [Tool],
  context: {
    "tool": String,
    "arguments": String,      // the JSON text of the call's arguments
    "host"?: String,          // that the call reaches: lower case, no dot at its end, no brackets
    "path"?: String,          // that the call touches, relative to the workspace
    "time": Long,             // milliseconds since 1970
    "hour": Long,             // 0 to 23, UTC
    "weekday": Long,          // 1 is Monday, 7 is Sunday, UTC
    "labels": Set<String>,    // of the run before this call
    "sinks": Set<String>,     // where what the call is given can go to
    "findings": Set<String>,  // the detectors that found something in the arguments
    "capabilities": Set<String>, // that this call needs
    "cost_micros_usd": Long,  // of this call
    "spent_micros_usd": Long, // of the task so far
    "cap_micros_usd": Long,
  },
};
`

/**
 * Loads a separate instance of Cedar: 20 to 90 ms for the first of a process, 3 ms for another. An instance that has
 * thrown must not be used again: WebAssembly does not unwind, and a text that was nested too deeply leaves it without a
 * stack.
 */
export function loadCedar(): Cedar {
  // A new `require` is made each time, since the old one would keep every instance that it ever loaded.
  const load = createRequire(import.meta.url)
  const path = load.resolve('@cedar-policy/cedar-wasm/nodejs')
  delete load.cache[path]
  const cedar: Cedar = load(path)
  delete load.cache[path]
  return cedar
}
