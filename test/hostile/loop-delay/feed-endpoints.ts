import { endpoints } from './endpoints.ts'
import { type LoopWorld, leastHeldMs } from './open-loop-world.ts'
import { requestInputs } from './request-inputs.ts'

/** What held the loop for longer than it may: which request, and for how many milliseconds. */
export type Breaches = Record<string, number>

/** Mounts, under which the key of an administrator speaks every dialect. */
const mountOf = (dialect: string) => (dialect === 'native' ? '/mandate' : `/${dialect.replace('_or_neo', '')}`)

/** Feeds endpoints with their inputs. `wanted`: of all pairs of endpoint and input, those that are tried. */
export async function feedEndpoints(
  world: LoopWorld,
  limitMs: number,
  params: Readonly<Record<string, string>>,
  wanted: (endpoint: string, input: string) => boolean = () => true,
): Promise<Breaches> {
  const breaches: Breaches = {}
  for (const [endpoint, kinds] of Object.entries(endpoints)) {
    const [dialect = '', method = '', url = ''] = endpoint.split(' ')
    const path = `${mountOf(dialect)}${url.replace(/:(\w+)/gu, (_, name: string) => params[name] ?? '1').replace('*', 'a')}`
    for (const { name, query = '', body } of kinds.flatMap((kind) => requestInputs[kind])) {
      const input = `${endpoint}: ${name}`
      if (!wanted(endpoint, name)) continue
      const text = body?.()
      const held = await leastHeldMs(world, limitMs, () => world.send(method, `${path}${query}`, text))
      if (held > limitMs) breaches[input] = held
    }
  }
  return breaches
}
