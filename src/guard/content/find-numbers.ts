import type { Detection } from './detectors.ts'

/** Matches at least nine digits with at most three spaces, dots, dashes or brackets between two of them. */
const numberRun = /\d(?:[ \t.()-]{0,3}\d){8,}/g

interface Group {
  readonly digits: string
  readonly start: number
  readonly end: number
  /** The separator between this group and the one before. */
  readonly separator: string
}

// A stand-in such as [redacted:ssn] does not count, of which only one end may be visible: nothing is found because of
// one.
const ssnContext = /(?<!redacted:)ssn(?!\])|\[ssn|social.{0,3}security|tax.{0,3}payer|\bitin\b/i
const phoneContext =
  /(?<!redacted:)phone(?!\])|\[phone|\btel\b|telefon|call|mobile|\bcell\b|\bfax\b|\bsms\b|whatsapp|\btext\b/i
const contextBefore = 32
const contextAfter = 24

/** Finds social security numbers, payment cards and phone numbers. */
export function findNumbers(text: string, found: Detection[]): void {
  for (const { 0: run, index } of text.matchAll(numberRun)) {
    const groups = groupsOf(run, index)
    const place = { text, groups, end: index + run.length }
    findCards(place, found)
    findSsns(place, found)
    findPhones(place, found)
  }
}

interface Place {
  readonly text: string
  readonly groups: readonly Group[]
  readonly end: number
}

function groupsOf(run: string, start: number): Group[] {
  const groups: Group[] = []
  let after = 0
  for (const { 0: digits, index } of run.matchAll(/\d+/g)) {
    groups.push({
      digits,
      start: start + index,
      end: start + index + digits.length,
      separator: run.slice(after, index),
    })
    after = index + digits.length
  }
  return groups
}

function speaksOf(text: string, context: RegExp, start: number, end: number): boolean {
  return (
    context.test(text.slice(Math.max(0, start - contextBefore), start)) ||
    context.test(text.slice(end, end + contextAfter))
  )
}

const ssnSeparator = /^(?: ?- ?| )$/

function findSsns({ text, groups, end }: Place, found: Detection[]): void {
  for (const [index, first] of groups.entries()) {
    const second = groups[index + 1]
    const third = groups[index + 2]
    if (first.digits.length === 9) {
      const isSsn = isValidSsn(first.digits) && speaksOf(text, ssnContext, first.start, first.end)
      if (isSsn) found.push({ detector: 'ssn', start: first.start, end: first.end })
    } else if (
      second !== undefined &&
      third !== undefined &&
      first.digits.length === 3 &&
      second.digits.length === 2 &&
      third.digits.length === 4 &&
      ssnSeparator.test(second.separator) &&
      ssnSeparator.test(third.separator) &&
      isValidSsn(first.digits + second.digits + third.digits)
    )
      found.push({ detector: 'ssn', start: first.start, end: third.end })
  }
  // With any other grouping it counts only where the text says so.
  const first = groups[0]
  if (first === undefined || groups.length === 1) return
  const digits = groups.length <= 9 ? groups.map((group) => group.digits).join('') : ''
  const isSsn = digits.length === 9 && isValidSsn(digits) && speaksOf(text, ssnContext, first.start, end)
  if (isSsn) found.push({ detector: 'ssn', start: first.start, end })
}

/** Whether the number can have been issued. Areas 000, 666 and 900 to 999, group 00 and serial 0000 never are. */
function isValidSsn(digits: string): boolean {
  return !/^(?:000|666|9)/.test(digits) && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000'
}

/** The digits of the longest card, which has no more groups than that either. */
const cardDigitsMax = 19
const cardSeparator = /^[ \t.-]{0,3}$/

function findCards(place: Place, found: Detection[]): void {
  const { groups } = place
  for (let first = 0; first < groups.length; ) {
    const last = cardFrom(place, first)
    const start = groups[first]?.start ?? 0
    if (last !== undefined) found.push({ detector: 'credit_card', start, end: groups[last]?.end ?? start })
    first = last === undefined ? first + 1 : last + 1
  }
}

/** The index of the last group of the longest card number that begins with this group. */
function cardFrom({ text, groups }: Place, first: number): number | undefined {
  let digits = ''
  let isGrouped = true
  let best: number | undefined
  for (const [nth, group] of groups.slice(first, first + cardDigitsMax).entries()) {
    const last = first + nth
    if (nth > 0 && !cardSeparator.test(group.separator)) break
    // A row of numbers is no card, unless the row is nothing else. The last part of a card may be short.
    const isAll = first === 0 && last === groups.length - 1
    digits += group.digits
    if ((isGrouped || isAll) && isCard(digits)) best = last
    if (group.digits.length < 3) isGrouped = false
  }
  if (best === undefined) return undefined
  if (best === first) return isPartOfOther(text, groups[first]) ? undefined : best
  const start = groups[first]?.start ?? 0
  const end = groups[best]?.end ?? start
  if (isInUuid(text, start, end)) return undefined
  if (!/[A-Za-z]/.test(text.charAt(start - 1) + text.charAt(end))) return best
  // Directly beside a letter only the usual groups count.
  const lengths = groups.slice(first, best + 1).map((group) => group.digits.length)
  return usualGroups.test(lengths.join('-')) ? best : undefined
}

const usualGroups = /^(?:4-4-4-4(?:-[1-3])?|4-6-5|4-6-4)$/
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i
const uuidUnits = 36

function isInUuid(text: string, start: number, end: number): boolean {
  // What is as long as an identifier and within these bounds holds the whole number.
  return uuid.test(text.slice(Math.max(0, end - uuidUnits), start + uuidUnits))
}

const digestUnitsMin = 32

/**
 * Whether the digits are part of a decimal number or of a digest: neither 0.4111111111111111 nor sixteen digits within
 * a digest is a card.
 */
function isPartOfOther(text: string, group: Group | undefined): boolean {
  if (group === undefined) return false
  const before = text.slice(Math.max(0, group.start - digestUnitsMin), group.start)
  const after = text.slice(group.end, group.end + digestUnitsMin)
  if (/\d\.$/.test(before)) return true
  const hexUnits = (/[0-9a-f]*$/i.exec(before)?.[0].length ?? 0) + (/^[0-9a-f]*/i.exec(after)?.[0].length ?? 0)
  return hexUnits + group.digits.length >= digestUnitsMin
}

/** The lengths of an issuer's numbers, by their beginning. */
const issuers: readonly { readonly prefix: RegExp; readonly lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [13, 16, 19] }, // Visa
  { prefix: /^(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)/, lengths: [16] }, // Mastercard
  { prefix: /^3[47]/, lengths: [15] }, // American Express
  { prefix: /^(?:6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] }, // Discover
  { prefix: /^3(?:0[0-5]|[689])/, lengths: [14, 15, 16, 17, 18, 19] }, // Diners Club
  { prefix: /^35(?:2[89]|[3-8]\d)/, lengths: [16, 17, 18, 19] }, // JCB
  { prefix: /^(?:62|81)/, lengths: [16, 17, 18, 19] }, // UnionPay
  { prefix: /^(?:50|5[6-8]|6[37])/, lengths: [13, 14, 15, 16, 17, 18, 19] }, // Maestro
]

function isCard(digits: string): boolean {
  return (
    issuers.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits)) && passesLuhn(digits)
  )
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48
    const doubled = at % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

const phoneSeparator = /^(?:[ .-]|\) ?|\)-|[ .-]\(| - )$/

function findPhones(place: Place, found: Detection[]): void {
  const { text, groups } = place
  for (let index = 0; index < groups.length; ) {
    const last = internationalFrom(text, groups, index) ?? northAmericanFrom(text, groups, index)
    const start = groups[index]?.start ?? 0
    const sign = text.charAt(start - 1)
    const from = sign === '+' || sign === '(' ? start - 1 : start
    if (last !== undefined) found.push({ detector: 'phone', start: from, end: groups[last]?.end ?? start })
    index = last === undefined ? index + 1 : last + 1
  }
}

const internationalDigitsMin = 9
const internationalDigitsMax = 15

/**
 * The index of the last group of an E.164 number: a plus sign, then nine to fifteen digits with any grouping. An
 * addition, a date behind a plus or a decimal is none.
 */
function internationalFrom(text: string, groups: readonly Group[], index: number): number | undefined {
  const first = groups[index]
  if (first === undefined || text.charAt(first.start - 1) !== '+' || first.digits.startsWith('0')) return undefined
  if (/[\w)]/.test(text.charAt(first.start - 2))) return undefined
  let digits = 0
  let last: number | undefined
  for (const [nth, group] of groups.slice(index, index + internationalDigitsMax).entries()) {
    if (nth > 0 && (first.digits.length > 3 || !phoneSeparator.test(group.separator))) break
    digits += group.digits.length
    if (digits > internationalDigitsMax) break
    if (digits >= internationalDigitsMin) last = index + nth
  }
  return last
}

const areaOrExchange = /^[2-9]\d\d$/

/**
 * The index of the last group of a North American number: ten digits, grouped as in (212) 555-0123 or with a word for
 * phones near, with or without the 1 before them.
 */
function northAmericanFrom(text: string, groups: readonly Group[], index: number): number | undefined {
  const first = groups[index]
  if (first === undefined) return undefined
  if (/^1?[2-9]\d\d[2-9]\d{6}$/.test(first.digits))
    return speaksOf(text, phoneContext, first.start, first.end) ? index : undefined
  const offset = first.digits === '1' ? 1 : 0
  const [area, exchange, line] = [groups[index + offset], groups[index + offset + 1], groups[index + offset + 2]]
  if (area === undefined || exchange === undefined || !areaOrExchange.test(area.digits)) return undefined
  if (offset === 1 && !phoneSeparator.test(area.separator)) return undefined
  if (!phoneSeparator.test(exchange.separator)) return undefined
  if (/^[2-9]\d{6}$/.test(exchange.digits) && exchange.separator.startsWith(')')) return index + offset + 1
  if (line === undefined || !areaOrExchange.test(exchange.digits) || line.digits.length !== 4) return undefined
  return phoneSeparator.test(line.separator) ? index + offset + 2 : undefined
}

const recordNumber =
  /(?:\bmrn|(?<![A-Za-z])mrn|medical[ _-]{0,2}record)s?(?:["'\s:=#._-]{0,4}(?:number|num|no|nr|id)(?![a-z]))?["'\s:=#._-]{0,6}(?:is\s)?["'\s]{0,2}([a-z0-9](?:-?[a-z0-9]){4,11})(?![a-z0-9])/gi

/** Finds medical record numbers, which have no form of their own, only a name in the text. */
export function findRecordNumbers(text: string, found: Detection[]): void {
  for (const match of text.matchAll(recordNumber)) {
    const value = match[1] ?? ''
    if ((value.match(/\d/g)?.length ?? 0) < 3) continue
    const end = match.index + match[0].length
    found.push({ detector: 'mrn', start: end - value.length, end })
  }
}
