import type { RunningServer } from '../contenders/contender.ts'
import { withConnection } from '../load/clients.ts'
import type { HttpConnection } from '../load/http-connection.ts'
import { percentile } from '../statistics.ts'
import type { Measure } from './measure.ts'

const dialects = ['native', 'xagent', 'certior', 'neo', 'agentrix', 'shinzo'] as const
type Name = (typeof dialects)[number]

const text = 'say hello'

/** From the first byte of a submit to the last byte of its acknowledgement, in every dialect, in turn, on one server. */
export const dialectAck: Measure = {
  name: 'dialect-ack',
  contenders: ['mandate'],
  metrics: dialects.flatMap((name) => [
    { key: `dialect.${name}.p50`, label: `Submit acknowledged as ${name}: p50`, unit: 'ms', digits: 2 },
    ...(name === 'native' ? [] : [{ key: `dialect.${name}.ratio`, label: '… against native', unit: '×', digits: 2 }]),
  ]),
  async run({ server: started, quick }) {
    const server = await started()
    return withConnection(server, async (connection) => {
      const requests = await prepare(connection, server)
      const samples = new Map<Name, number[]>(dialects.map((name) => [name, []]))
      const turns = quick ? 50 : 1500
      for (let turn = 0; turn < turns; turn += 1) {
        for (const name of dialects) {
          const from = performance.now()
          const answer = await connection.request(requests[name])
          const taken = performance.now() - from
          if (answer.status < 201 || answer.status > 202) {
            throw new Error(`${name}: a submit was answered with ${answer.status}: ${answer.body.slice(0, 300)}`)
          }
          if (turn >= turns / 5) samples.get(name)?.push(taken) // the first fifth warms it up
        }
      }
      const p50 = (name: Name) => percentile(samples.get(name) ?? [], 0.5)
      return Object.fromEntries(
        dialects.flatMap((name) => [
          [`dialect.${name}.p50`, p50(name)],
          ...(name === 'native' ? [] : [[`dialect.${name}.ratio`, p50(name) / p50('native')]]),
        ]),
      )
    })
  },
}

async function prepare(connection: HttpConnection, server: RunningServer): Promise<Record<Name, string>> {
  const send = async (key: string, method: string, path: string, body?: object) => {
    const answer = await connection.request(bytesOf(server.port, key, method, path, body))
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`)
    return JSON.parse(answer.body)
  }
  const admin = (method: string, path: string, body?: object) => send(server.key, method, `/mandate${path}`, body)
  const agent = (await admin('GET', '/v1/agents')).agents[0]
  const keyOf = async (dialect: Name): Promise<string> => {
    const bound = dialect === 'xagent' ? { agent_id: agent.id } : {}
    return (await admin('POST', '/v1/keys', { name: `bench ${dialect}`, dialect, ...bound })).key
  }
  const keys: Record<string, string> = {}
  for (const name of dialects) keys[name] = await keyOf(name)
  const members = [{ memberCode: agent.id, type: 'agent' }]
  const chat = await send(keys['agentrix'] ?? '', 'POST', '/v1/agentrix/chats', { type: 'direct', members })
  const message = { role: 'user', content: text }
  const bodies: Record<Name, [path: string, body: object]> = {
    native: ['/v1/tasks', { input: text }],
    xagent: ['/v1/chat/tasks', { agent_id: agent.number, message: { content: text } }],
    certior: ['/api/v1/tasks', { task: text }],
    neo: ['/api/v1/tasks', { task: text, response_format: 'json' }],
    agentrix: ['/v1/agentrix/tasks/start', { chatId: chat.id, cloudId: 'cloud-default', message }],
    shinzo: [`/agent/request/${agent.id}`, { message: text }],
  }
  const entries = dialects.map((name) => [name, bytesOf(server.port, keys[name] ?? '', 'POST', ...bodies[name])])
  return Object.fromEntries(entries)
}

function bytesOf(port: number, key: string, method: string, path: string, body?: object): string {
  const json = body === undefined ? '' : JSON.stringify(body)
  const content = json === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n${content}\r\n${json}`
}
