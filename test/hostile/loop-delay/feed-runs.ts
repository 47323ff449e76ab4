import { sampleDocument } from '../../support/sample-inputs.ts'
import type { Breaches } from './feed-endpoints.ts'
import { type LoopWorld, leastHeldMs } from './open-loop-world.ts'
import { type HostileRun, hostileRuns } from './run-inputs.ts'
import { runToEnd } from './run-to-end.ts'

const policyOf = (index: number, over: object) => ({
  ...sampleDocument({ name: `hostile_${index}`, title: 'Hostile' }),
  ...over,
})

/** Runs each task to its end, whatever that is. */
export async function feedRuns(
  world: LoopWorld,
  limitMs: number,
  wanted: (name: string) => boolean = () => true,
): Promise<Breaches> {
  const breaches: Breaches = {}
  for (const [index, run] of hostileRuns.entries()) {
    if (!wanted(run.name)) continue
    const body = await prepare(world, run, index)
    const held = await leastHeldMs(world, limitMs, () => runToEnd(world, run, body))
    if (held > limitMs) breaches[run.name] = held
  }
  return breaches
}

async function prepare({ server }: LoopWorld, { task, agent, policy }: HostileRun, index: number): Promise<object> {
  const body = { input: 'go', ...task?.() }
  if (policy !== undefined) {
    const document = policyOf(index, policy.document)
    const added = await server.call('POST', '/v1/policies', { document, cedar: policy.cedar })
    if (added.status !== 201) throw new Error(`The policy was refused: ${await added.text()}`)
    return { ...body, policy: document.name }
  }
  if (agent === undefined) return body
  const tools = ['read_file', 'write_file', 'list_files']
  const made = await server.call('POST', '/v1/agents', {
    name: `hostile ${index}`,
    tools,
    capabilities: ['*'],
    ...agent,
  })
  if (made.status !== 201) throw new Error(`The agent was refused: ${await made.text()}`)
  return { ...body, agent_id: ((await made.json()) as { id: string }).id }
}
