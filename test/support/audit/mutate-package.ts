import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts'
import { canonicalText } from '../../../src/proof/canonical-json.ts'
import type { AuditPackage } from '../../../src/proof/package/audit-package.ts'
import { signPackage } from '../../../src/proof/package/seal.ts'
import { signerNamed } from '../sample-statements.ts'
import type { SamplePackage } from './sample-package.ts'

/** A change of a package: what is done, and the bytes after it. Where in the package is chosen by `at`, from 0 to below 1. */
export interface Mutation {
  readonly what: string
  readonly bytes: Uint8Array
  /** Where it was made, of a change to the structure: `events/3/facts/step`. */
  readonly path: string
}

export interface Choice {
  readonly kind: number
  readonly at: number
  readonly other: number
}

/** From 0 to below 1, evenly: `fc.double` is even over the doubles, of which most are next to 0. */
const unit = fc.integer({ min: 0, max: 2 ** 30 - 1 }).map((n) => n / 2 ** 30)
export const anyChoice: fc.Arbitrary<Choice> = fc.record({ kind: unit, at: unit, other: unit })

type Bytes = (bytes: Buffer, at: number, other: number) => Buffer

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T

/** Changes of the file as bytes. */
const byteChanges: Readonly<Record<string, Bytes>> = {
  'flip a bit': (bytes, at, other) => {
    const i = Math.floor(at * bytes.length)
    bytes[i] = (bytes[i] ?? 0) ^ (1 << Math.floor(other * 8))
    return bytes
  },
  'drop a byte': (bytes, at) => {
    const i = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + 1)])
  },
  'write a byte twice': (bytes, at) => {
    const i = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, i + 1), bytes.subarray(i)])
  },
  'put another digit': (bytes, at, other) => putInstead(bytes, at, /[0-9a-f]/u, '0123456789abcdef', other),
  'put another letter': (bytes, at, other) => putInstead(bytes, at, /[A-Za-z]/u, 'aZqXbK', other),
  'swap two bytes': (bytes, at, other) => {
    const [i, j] = [Math.floor(at * bytes.length), Math.floor(other * bytes.length)]
    const [a = 0, b = 0] = [bytes[i], bytes[j]]
    bytes[i] = b
    bytes[j] = a
    return bytes
  },
  'cut off the end': (bytes, at) => bytes.subarray(0, Math.floor(at * bytes.length)),
  'cut off the beginning': (bytes, at) => bytes.subarray(Math.ceil(at * bytes.length)),
  'add white space': (bytes, at) => {
    const commas = [...bytes.toString('latin1').matchAll(/,/gu)].map(({ index }) => index)
    const i = pick(commas, at)
    return Buffer.concat([bytes.subarray(0, i), Buffer.from(' '), bytes.subarray(i)])
  },
  'add a line': (bytes) => Buffer.concat([bytes, Buffer.from('\n')]),
  'add a byte order mark': (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'name a member twice': (bytes, at) => {
    const text = bytes.toString('utf8')
    const members = [...text.matchAll(/"[a-z_]+":(?:\d+|true|false|null),/gu)]
    const { 0: member, index } = pick(members, at)
    return Buffer.from(text.slice(0, index) + member + text.slice(index))
  },
}

function putInstead(bytes: Buffer, at: number, where: RegExp, choices: string, other: number): Buffer {
  const start = Math.floor(at * bytes.length)
  for (let i = start; i < bytes.length; i += 1) {
    if (!where.test(String.fromCharCode(bytes[i] ?? 0))) continue
    bytes[i] = pick([...choices], other).charCodeAt(0)
    return bytes
  }
  return bytes
}

export function mutateBytes({ bytes }: SamplePackage, { kind, at, other }: Choice): Mutation {
  const [what, change] = pick(Object.entries(byteChanges), kind)
  return { what, bytes: change(Buffer.from(bytes), at, other), path: '' }
}

/** A place in a value: its holder, its name there, and how it is reached. */
interface Place {
  readonly holder: JsonValue[] | JsonObject
  readonly name: string
  readonly value: JsonValue
  readonly path: string
}

function placesIn(holder: JsonValue, path: string): Place[] {
  if (typeof holder !== 'object' || holder === null) return []
  return Object.entries(holder).flatMap(([name, value]) => {
    const place = { holder, name, value, path: path === '' ? name : `${path}/${name}` }
    return [place, ...placesIn(value, place.path)]
  })
}

type Change = (place: Place, other: number, donor: AuditPackage) => void

function put({ holder, name }: Place, value: JsonValue): void {
  if (Array.isArray(holder)) holder[Number(name)] = value
  else holder[name] = value
}

/** Changes of the package as a value; each fits places of one kind. */
const changes: readonly { readonly what: string; readonly fits: (place: Place) => boolean; readonly make: Change }[] = [
  {
    what: 'drop an element',
    fits: ({ holder }) => Array.isArray(holder),
    make: ({ holder, name }) => Array.isArray(holder) && holder.splice(Number(name), 1),
  },
  {
    what: 'write an element twice',
    fits: ({ holder }) => Array.isArray(holder),
    make: ({ holder, name, value }) => Array.isArray(holder) && holder.splice(Number(name), 0, structuredClone(value)),
  },
  {
    what: 'swap two elements',
    fits: ({ holder }) => Array.isArray(holder) && holder.length > 1,
    make: (place, other) => {
      const { holder, name, value } = place
      if (!Array.isArray(holder)) return
      const second = (Number(name) + 1 + Math.floor(other * (holder.length - 1))) % holder.length
      put(place, holder[second] ?? null)
      holder[second] = value
    },
  },
  {
    what: 'cut a list off',
    fits: ({ value }) => Array.isArray(value) && value.length > 0,
    make: ({ value }, other) => Array.isArray(value) && value.splice(Math.floor(other * value.length)),
  },
  {
    what: 'turn a list around',
    fits: ({ value }) => Array.isArray(value) && value.length > 1,
    make: ({ value }) => Array.isArray(value) && value.reverse(),
  },
  {
    what: 'change a number',
    fits: ({ value }) => typeof value === 'number',
    make: (place, other) => put(place, Number(place.value) + (other < 0.5 ? 1 : -1)),
  },
  {
    what: 'change a text',
    fits: ({ value }) => typeof value === 'string',
    make: (place, other) => put(place, changedText(String(place.value), other)),
  },
  {
    what: 'turn a flag',
    fits: ({ value }) => typeof value === 'boolean',
    make: (place) => put(place, !place.value),
  },
  {
    what: 'put null',
    fits: ({ value }) => value !== null,
    make: (place) => put(place, null),
  },
  {
    what: 'drop a member',
    fits: ({ holder }) => !Array.isArray(holder),
    make: ({ holder, name }) => !Array.isArray(holder) && delete holder[name],
  },
  {
    what: 'add a member',
    fits: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
    make: ({ value }) => void Object.assign(value as JsonObject, { more: 1 }),
  },
  {
    what: 'splice in from another package',
    fits: ({ path }) => /^(?:events|statements|contents|heads|policies|keys|absent)\/\d+$/u.test(path),
    make: (place, other, donor) => {
      const [list = ''] = place.path.split('/')
      const given = (donor as unknown as Record<string, JsonValue[]>)[list] ?? []
      if (given.length > 0) put(place, structuredClone(pick(given, other)))
    },
  },
  {
    what: 'take a part of another package',
    fits: ({ path }) => /^[a-z_]+$/u.test(path),
    make: (place, _other, donor) => put(place, (donor as unknown as JsonObject)[place.name] ?? null),
  },
]

function changedText(text: string, other: number): string {
  if (text === '') return 'x'
  const i = Math.floor(other * text.length)
  const instead = text[i] === 'a' ? 'b' : 'a'
  return text.slice(0, i) + instead + text.slice(i + 1)
}

/**
 * One change of the value, of a kind that every part of a package gets its share of: first a part is chosen, then a place in
 * it, then what is done there.
 */
export function mutateValue(
  sample: SamplePackage,
  donor: AuditPackage,
  { kind, at, other }: Choice,
): Mutation & { readonly value: AuditPackage } {
  const value = JSON.parse(sample.text) as AuditPackage & JsonObject
  const parts = Object.keys(value)
  const scaled = at * parts.length
  const part = pick(parts, at)
  const places = placesIn(value, '').filter(({ path }) => path === part || path.startsWith(`${part}/`))
  const place = pick(places, scaled - Math.floor(scaled))
  const change = pick(
    changes.filter(({ fits }) => fits(place)),
    kind,
  )
  change.make(place, other, donor)
  return { what: change.what, path: place.path, value, bytes: Buffer.from(canonicalText(value)) }
}

/** The package sealed again by another key than its own, which is listed as if it belonged. */
export function resealedByStranger({ text }: SamplePackage): Mutation {
  const stranger = signerNamed('a stranger')
  const { seal: _seal, keys, ...rest } = JSON.parse(text) as AuditPackage
  const named = { key_id: stranger.keyId, public_key: Buffer.from(stranger.publicKey).toString('base64') }
  const listed = [...keys, named].sort((a, b) => (a.key_id < b.key_id ? -1 : 1))
  const sealed = signPackage({ ...rest, keys: listed }, stranger)
  return { what: 'sealed by a stranger', path: 'seal', bytes: Buffer.from(canonicalText(sealed)) }
}
