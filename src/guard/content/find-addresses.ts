import ipaddr from 'ipaddr.js'
import type { Detection } from './detectors.ts'

const localCharsMax = 64
const domainCharsMax = 255
const localPart = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u
const domainPart = /[\p{L}\p{N}.-]/u
const domain =
  /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)*\.\p{L}{2,24}/u

/** Finds mail addresses. It extends from each at sign to both sides as far as an address reaches. */
export function findEmails(text: string, found: Detection[]): void {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > 0 && at - start < localCharsMax && localPart.test(text.charAt(start - 1))) start--
    // Signs before the first letter or digit belong to the text around it: 'a@b.example', =a@b.example.
    while (start < at && !/[\p{L}\p{N}_]/u.test(text.charAt(start))) start++
    if (start === at || text.charAt(at - 1) === '.') continue
    let end = at + 1
    while (end < text.length && end - at < domainCharsMax && domainPart.test(text.charAt(end))) end++
    const length = domain.exec(text.slice(at + 1, end))?.[0].length
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
    if (/^(?:127\.|0\.)|\.0\.0\.0$/.test(address)) continue
    found.push({ detector: 'ip', start: index, end: index + address.length })
  }
  for (let colon = text.indexOf(':'); colon >= 0; ) {
    const { start, end } = around(text, colon)
    if (end - start > 1) findIpv6(text, start, end, found)
    colon = text.indexOf(':', Math.max(end, colon + 1))
  }
}

const hexColon = /[0-9a-f:.]/i
const ipv6CharsMax = 45

function around(text: string, colon: number): { readonly start: number; readonly end: number } {
  let start = colon
  while (start > 0 && colon - start < 5 && /[0-9a-f]/i.test(text.charAt(start - 1))) start--
  let end = colon + 1
  while (end < text.length && hexColon.test(text.charAt(end))) end++
  return { start, end }
}

function findIpv6(text: string, start: number, end: number, found: Detection[]): void {
  if (/[\w:.]/.test(text.charAt(start - 1)) || /\w/.test(text.charAt(end))) return
  let candidate = text.slice(start, Math.min(end, start + ipv6CharsMax + 1))
  // Characters that end a sentence, or a key in a mapping, are not part of the address.
  candidate = candidate.replace(/(?:\.|(?<!:):)+$/, '')
  if (candidate.split(':').length < 3 || !/\d/.test(candidate) || !ipaddr.IPv6.isValid(candidate)) return
  const range = ipaddr.IPv6.parse(candidate).range()
  if (range === 'loopback' || range === 'unspecified') return
  found.push({ detector: 'ip', start, end: start + candidate.length })
}
