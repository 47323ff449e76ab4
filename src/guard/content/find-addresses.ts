import ipaddr from 'ipaddr.js'
import type { Detection } from './detectors.ts'

const localCharsMax = 64
const domainCharsMax = 255
const localPart = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u
const domain =
  /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)*\.\p{L}{2,24}/u

/** Finds mail addresses. It extends from each at sign to both sides as far as an address reaches. */
export function findEmails(text: string, found: Detection[]): void {
  for (const { index: at } of text.matchAll(/@/g)) {
    let start = at
    while (at - start < localCharsMax && localPart.test(text.charAt(start - 1))) start--
    // Signs before the first letter or digit belong to the text around it: 'a@b.example', =a@b.example.
    while (start < at && !/[\p{L}\p{N}_]/u.test(text.charAt(start))) start++
    if (start === at || text.charAt(at - 1) === '.') continue
    const length = domain.exec(text.slice(at + 1, at + domainCharsMax))?.[0].length
    if (length !== undefined) found.push({ detector: 'email', start, end: at + 1 + length })
  }
}

const fourParts =
  /(?<![\d.])(?<!\bv)(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\.?\d)/gi

/**
 * Finds IP addresses of both versions, also in the hosts of URLs. It leaves out addresses that identify nobody:
 * loopback and unspecified ones, and `120.0.0.0` and the like, which are networks or versions of browsers.
 */
export function findIpAddresses(text: string, found: Detection[]): void {
  for (const { 0: address, index } of text.matchAll(fourParts)) {
    if (/^(?:127\.|0\.)|\.0\.0\.0/.test(address)) continue
    found.push({ detector: 'ip', start: index, end: index + address.length })
  }
  for (const { 0: run, 1: before = '', index } of text.matchAll(colonRun))
    findIpv6(text, index - before.length, index + run.length, found)
}

/** Matches from the first colon of what may be an address to its end; its first group is the part before the colon. */
const colonRun = /:(?<=([0-9a-f]{0,4}):)[0-9a-f]*:[0-9a-f:.]*/gi
const ipv6CharsMax = 45

function findIpv6(text: string, start: number, end: number, found: Detection[]): void {
  if (/[\w:.]/.test(text.charAt(start - 1)) || /\w/.test(text.charAt(end))) return
  let candidate = text.slice(start, Math.min(end, start + ipv6CharsMax + 1))
  // Characters that end a sentence, or a key in a mapping, are not part of the address.
  candidate = candidate.replace(/(?:\.|(?<!:):)+$/, '')
  if (!/\d/.test(candidate) || !ipaddr.IPv6.isValid(candidate)) return
  const range = ipaddr.IPv6.parse(candidate).range()
  if (range === 'loopback' || range === 'unspecified') return
  found.push({ detector: 'ip', start, end: start + candidate.length })
}
