import type { Caller, World } from '../../support/create-world.ts'
import { createWorld, type WorldOptions } from '../../support/create-world.ts'
import { until } from '../../support/until.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A world and a caller with a Certior key. */
export async function openCertior(options: WorldOptions = {}) {
  const world = await createWorld(options)
  const caller = await world.addCaller('operator', { dialect: 'certior' })
  const call = (method: Method, url: string, body?: unknown, who: Caller = caller) =>
    world.app.inject({
      method,
      url,
      headers: who.headers,
      ...(body !== undefined && { payload: body as object }),
    })
  const submit = async (body: object, who?: Caller): Promise<string> => {
    const answer = await call('POST', '/api/v1/tasks', body, who)
    if (answer.statusCode !== 201) throw new Error(`Not accepted: ${answer.statusCode} ${answer.body}`)
    return answer.json().execution_id
  }
  /** The execution, once it has this status. */
  const executionThatIs = (status: string, id: string, who?: Caller) =>
    until(`${id} to be ${status}`, async () => {
      const execution = (await call('GET', `/api/v1/executions/${id}`, undefined, who)).json()
      return execution.status === status && execution
    })
  return { world, caller, call, submit, executionThatIs }
}

export type Certior = Awaited<ReturnType<typeof openCertior>>

/** The task's id as the core has it. */
export function coreId({ world }: { world: World }, executionId: string) {
  const digits = executionId.replace('exec_', '')
  const id = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-')
  return world.deps.store.readSnapshot(id)
}
