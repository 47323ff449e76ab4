import type { Finding } from '../../domain/decision.ts'
import { digestContent } from '../../proof/digests.ts'
import { findSecrets } from './anchored-rules.ts'
import { decodeLayers } from './decode-layers.ts'
import { type Detection, detectorsVersion, encodedTooDeep, groupOf } from './detectors.ts'
import { findEmails, findIpAddresses } from './find-addresses.ts'
import { findKeywords } from './find-keywords.ts'
import { findNumbers, findRecordNumbers } from './find-numbers.ts'
import { type Layer, type Origin, originOf } from './layer.ts'
import { weakestSecret } from './secret-rules.ts'

/** The part of a policy that a scan depends on. */
export interface ScanOptions {
  /** The blocked keywords of the policy. */
  readonly keywords: readonly string[]
}

/** The number of findings of one detector that are listed. Those after them, up to the last, are one finding. */
export const findingsPerDetectorMax = 256

interface Found extends Origin {
  readonly detector: string
  /** The decoded text of the finding. */
  readonly text: string
}

/**
 * Finds everything that a detector finds in a text, through the named encodings, sorted by position. It is pure: the
 * same text, salt, keywords and `detectorsVersion` give the same findings, so that a record of them can be checked. The
 * work is linear in the text's length. Positions are UTF-16 units of the text as given; of a JSON document, of its JSON
 * text.
 */
export function scanText(text: string, salt: string, { keywords }: ScanOptions): Finding[] {
  const { layers, unread } = decodeLayers(text)
  const all: Found[] = layers.flatMap((layer) => scanLayer(layer, keywords))
  for (const origin of unread)
    all.push({ ...origin, detector: encodedTooDeep, text: text.slice(origin.start, origin.end) })
  return limitFindings(withoutRepetitions(all), text)
    .sort((a, b) => a.start - b.start || b.end - a.end || (a.detector < b.detector ? -1 : 1))
    .map(({ detector, start, end, encodings, text: found }) => ({
      detector,
      version: detectorsVersion,
      start,
      end,
      digest: digestContent(salt, found),
      encodings,
    }))
}

function scanLayer(layer: Layer, keywords: readonly string[]): Found[] {
  const { text } = layer
  const found: Detection[] = []
  findNumbers(text, found)
  findRecordNumbers(text, found)
  findEmails(text, found)
  findIpAddresses(text, found)
  findSecrets(text, found)
  findKeywords(text, keywords, found)
  return withoutCovered(found).map(({ detector, start, end }) => ({
    ...originOf(layer, start, end),
    detector,
    text: text.slice(start, end),
  }))
}

/**
 * Keeps the longest of the findings of one group in the same place, and a secret of a known kind before one that is
 * only called so.
 */
function withoutCovered(found: readonly Detection[]): Detection[] {
  const kept: Detection[] = []
  const reach = new Map<string, number>()
  const order = [...found].sort((a, b) => a.start - b.start || b.end - a.end)
  const known = order.filter(({ detector }) => groupOf(detector) === 'secret' && detector !== weakestSecret)
  let nextKnown = 0
  for (const detection of order) {
    const group = groupOf(detection.detector)
    if (detection.detector === weakestSecret) {
      while ((known[nextKnown]?.end ?? Number.POSITIVE_INFINITY) <= detection.start) nextKnown++
      if ((known[nextKnown]?.start ?? Number.POSITIVE_INFINITY) < detection.end) continue
    } else {
      if ((reach.get(group) ?? 0) >= detection.end) continue
      reach.set(group, detection.end)
    }
    kept.push(detection)
  }
  return kept
}

/**
 * Removes repetitions: a layer holds most of the previous one, and a finding in the same place or inside an earlier one
 * is not reported again.
 */
function withoutRepetitions(all: readonly Found[]): Found[] {
  // Of findings in one place the order of the layers stays.
  const order = [...all].sort((a, b) => a.start - b.start || b.end - a.end)
  const kept: Found[] = []
  const outer = new Map<string, Found>()
  const seen = new Set<string>()
  for (const found of order) {
    const around = outer.get(found.detector)
    const key = `${found.detector} ${found.start} ${found.end} ${found.text}`
    if (seen.has(key)) continue
    seen.add(key)
    const isInside = around !== undefined && found.end <= around.end
    // Two findings in the same token are both reported. A finding in the decoding of a part of the first is not.
    const isSame = isInside && found.start === around.start && found.end === around.end
    if (isInside && !(isSame && found.encodings.length === around.encodings.length)) continue
    outer.set(found.detector, found)
    kept.push(found)
  }
  return kept
}

function limitFindings(all: readonly Found[], text: string): Found[] {
  const counts = new Map<string, number>()
  const rest = new Map<string, Found>()
  const kept: Found[] = []
  for (const found of all) {
    const count = (counts.get(found.detector) ?? 0) + 1
    counts.set(found.detector, count)
    if (count <= findingsPerDetectorMax) kept.push(found)
    else {
      const start = rest.get(found.detector)?.start ?? found.start
      const end = Math.max(rest.get(found.detector)?.end ?? 0, found.end)
      rest.set(found.detector, { detector: found.detector, start, end, encodings: found.encodings, text: '' })
    }
  }
  return [...kept, ...[...rest.values()].map((found) => ({ ...found, text: text.slice(found.start, found.end) }))]
}
