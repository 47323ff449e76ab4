import type { FastifyInstance, FastifyRequest } from 'fastify'
import { findLoneSurrogate } from '../../domain/json.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import { findDeepField } from './find-deep-field.ts'

/** JSON writes a surrogate that stands alone as such an escape; bytes of UTF-8 cannot hold one. */
const surrogateEscape = /\\u[dD][89a-fA-F]/u

/**
 * The value of a JSON body. Every name is data, `__proto__` too. Refuses `malformed_request` for what is no JSON, and
 * `invalid_input`, naming the field, for what could not be kept: a field that is nested deeper than `json_depth_max`, and a text
 * with a lone surrogate.
 */
export function readJsonBody(limits: Pick<Limits, 'json_depth_max'>, text: string): unknown {
  const deep = findDeepField(text, limits.json_depth_max)
  if (deep !== undefined) throw tooDeep(deep, limits.json_depth_max)
  const value = parse(text)
  if (surrogateEscape.test(text)) refuseLoneSurrogates(value)
  return value
}

export interface JsonBodyOptions {
  /** Whether a body of no bytes counts as none; else it is refused. */
  readonly emptyIsNone?: ((request: FastifyRequest) => boolean) | undefined
}

/** Reads JSON bodies of these routes by `readJsonBody`, instead of what read them before. */
export function takeJsonBodies(app: FastifyInstance, limits: Limits, { emptyIsNone }: JsonBodyOptions = {}): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    try {
      if (text !== '') done(null, readJsonBody(limits, text))
      else if (emptyIsNone?.(request)) done(null, undefined)
      else done(new Refusal('malformed_request', 'The body is empty; a JSON object is needed.'))
    } catch (error) {
      done(error as Error) // readJsonBody throws refusals only
    }
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch (cause) {
    throw new Refusal('malformed_request', 'The body is not JSON.', { cause })
  }
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
