/**
 * The lines of text on each page of an uncompressed PDF of standard fonts, in the order in which they were written. Knows no
 * more of PDF than our own reports need.
 */
export function readPdfText(bytes: Uint8Array): string[][] {
  const text = Buffer.from(bytes).toString('latin1')
  const objects = new Map<string, string>()
  for (const [, number = '', body = ''] of text.matchAll(/^(\d+) 0 obj\n([\s\S]*?)\nendobj$/gmu)) {
    objects.set(number, body)
  }
  const kids = /\/Type \/Pages[\s\S]*?\/Kids \[([^\]]*)\]|\/Kids \[([^\]]*)\]/u.exec(text)
  const pages = [...(kids?.[1] ?? kids?.[2] ?? '').matchAll(/(\d+) 0 R/gu)].map(([, number = '']) => number)
  return pages.map((page) => {
    const contents = /\/Contents (\d+) 0 R/u.exec(objects.get(page) ?? '')?.[1]
    return linesOf(objects.get(contents ?? '') ?? '')
  })
}

function linesOf(stream: string): string[] {
  return [...stream.matchAll(/\[([^\]]*)\] TJ/gu)].map(([, parts = '']) =>
    [...parts.matchAll(/<([0-9a-f]*)>/gu)].map(([, hex = '']) => decode(Buffer.from(hex, 'hex'))).join(''),
  )
}

const windows1252 = new TextDecoder('windows-1252')

function decode(bytes: Uint8Array): string {
  return windows1252.decode(bytes)
}
