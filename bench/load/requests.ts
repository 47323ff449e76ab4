import type { RunningServer } from '../contenders/contender.ts'
import type { HttpConnection, HttpResponse } from './http-connection.ts'

type Target = Pick<RunningServer, 'port' | 'key'>

/** The bytes of a submit. `header` is one more header line, such as `Prefer: wait=30`. */
export function submitBytes(server: Target, body: object, header = ''): string {
  const json = JSON.stringify(body)
  const more = header === '' ? '' : `${header}\r\n`
  return (
    `POST /v1/tasks HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.key}\r\n` +
    `Content-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
  )
}

export function getBytes(server: Target, path: string, header = ''): string {
  const more = header === '' ? '' : `${header}\r\n`
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.key}\r\n${more}\r\n`
}

/** The answer's task; throws when the submit was not accepted. */
export function taskIdOf(answer: HttpResponse): string {
  if (answer.status !== 202)
    throw new Error(`a submit was answered with ${answer.status}: ${answer.body.slice(0, 500)}`)
  const id: unknown = JSON.parse(answer.body)['id']
  if (typeof id !== 'string') throw new Error(`a task without an id: ${answer.body.slice(0, 500)}`)
  return id
}

/** Throws unless the answer shows a task that succeeded; cheap enough to be asked of every answer. */
export function mustHaveSucceeded(answer: HttpResponse): void {
  if (answer.status < 300 && answer.body.includes('"state":"succeeded"')) return
  throw new Error(`a task did not succeed: ${answer.status} ${answer.body.slice(0, 1000)}`)
}

/** Waits until the task has ended, and throws unless it succeeded. */
export async function awaitEnd(connection: HttpConnection, server: Target, id: string): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    const answer = await connection.request(getBytes(server, `/v1/tasks/${id}?wait=30`))
    if (!/"state":"(queued|running)"/u.test(answer.body)) return mustHaveSucceeded(answer)
  }
  throw new Error(`task ${id} did not end within 5 minutes`)
}
