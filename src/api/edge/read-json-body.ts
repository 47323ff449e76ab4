import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { findLoneSurrogate } from '../../domain/json.ts'
import type { Limits } from '../../domain/limits.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { bodyTooLarge } from '../refusal-of.ts'
import { createJsonScanner, type JsonShape } from './json-scanner.ts'

type BodyLimits = Pick<Limits, 'body_bytes_max' | 'read_only_body_bytes_max' | 'json_depth_max' | 'json_values_max'>

/** The options of reading JSON bodies. */
export interface JsonBodyOptions {
  /** Tells whether an empty body counts as absent. Otherwise it is refused. */
  readonly emptyIsNone?: ((request: FastifyRequest) => boolean) | undefined
}

/**
 * Replaces the parser of JSON bodies on these routes. Every name is data, `__proto__` too. A body is scanned while it
 * arrives, and nothing is parsed before the whole body has passed. Refuses a body above `body_bytes_max`;
 * `role_forbidden` for one above `read_only_body_bytes_max` with a key that may change nothing; `malformed_request`
 * for text that is no JSON; and `invalid_input`, naming the field, for a value that could not be kept or would take
 * long: a field nested deeper than `json_depth_max`, more values than `json_values_max`, and a text with a lone
 * surrogate.
 */
export function takeJsonBodies(app: FastifyInstance, limits: Limits, { emptyIsNone }: JsonBodyOptions = {}): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const { text, shape } = await readText(request, payload, limits)
    if (text !== '') return parse(text, shape)
    if (emptyIsNone?.(request)) return undefined
    throw new Refusal('malformed_request', 'The body is empty; a JSON object is needed.')
  })
}

interface ReadText {
  readonly text: string
  readonly shape: JsonShape
}

/**
 * Reads the text of a body. It rejects as soon as the body is known to be refused, and leaves the rest of it to be
 * drained.
 */
function readText(request: FastifyRequest, payload: Readable, limits: BodyLimits): Promise<ReadText> {
  const checkSize = createSizeCheck(limits, request.principal)
  const decoder = new StringDecoder('utf8')
  const scanner = createJsonScanner(limits.json_depth_max)
  let text = ''
  let bytes = 0
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      payload.off('data', take).off('end', end).off('error', fail).off('close', cut)
      how()
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const cut = () => fail(new Refusal('malformed_request', 'The body was cut short.'))
    const take = (chunk: Buffer) => {
      try {
        bytes += chunk.length
        checkSize(bytes)
        scanner.add(chunk)
        refuseShape(limits, scanner)
        text += decoder.write(chunk)
      } catch (error) {
        fail(error)
      }
    }
    const end = () => settle(() => resolve({ text: text + decoder.end(), shape: scanner }))
    try {
      checkSize(Number(request.headers['content-length'] ?? 0))
    } catch (error) {
      return reject(error)
    }
    payload.on('data', take).once('end', end).once('error', fail).once('close', cut)
  })
}

/** Checks the size of a body as it arrives. There is no principal on routes that need no key. */
function createSizeCheck(limits: BodyLimits, principal: Principal | null): (bytes: number) => void {
  const { body_bytes_max, read_only_body_bytes_max: readOnlyMax } = limits
  const isReadOnly = principal !== null && !may(principal, 'submit')
  return (bytes) => {
    if (bytes > body_bytes_max) throw bodyTooLarge(limits)
    if (!isReadOnly || bytes <= readOnlyMax) return
    const message = `The role of this key may send at most ${readOnlyMax} bytes (read_only_body_bytes_max).`
    throw new Refusal('role_forbidden', message, { limit: 'read_only_body_bytes_max' })
  }
}

function refuseShape(
  limits: Pick<Limits, 'json_depth_max' | 'json_values_max'>,
  { deepField, values }: JsonShape,
): void {
  if (deepField !== undefined) throw tooDeep(deepField, limits.json_depth_max)
  if (values <= limits.json_values_max) return
  const message = `must hold at most ${limits.json_values_max} values (json_values_max)`
  const fields = [{ field: 'body', message }]
  throw new Refusal('invalid_input', `The body ${message}.`, { fields, limit: 'json_values_max' })
}

function parse(text: string, { hasSurrogateEscape }: JsonShape): unknown {
  let value: unknown
  try {
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch (cause) {
    throw new Refusal('malformed_request', 'The body is not JSON.', { cause })
  }
  if (hasSurrogateEscape) refuseLoneSurrogates(value)
  return value
}

function tooDeep(name: string, most: number): Refusal {
  const field = name === '' ? 'body' : name
  const fields = [{ field, message: `must be nested at most ${most} levels deep (json_depth_max)` }]
  const message = `${field} is nested too deep: at most ${most} levels are allowed.`
  return new Refusal('invalid_input', message, { fields, limit: 'json_depth_max' })
}

function refuseLoneSurrogates(value: unknown): void {
  const path = findLoneSurrogate(value)
  if (path === undefined) return
  const field = path.length === 0 ? 'body' : path.join('.')
  const fields = [{ field, message: 'must be text without a lone surrogate, which is no character' }]
  throw new Refusal('invalid_input', `${field} holds a lone surrogate, which is no character.`, { fields })
}
