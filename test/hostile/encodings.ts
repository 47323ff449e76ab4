const base64 = (text: string) => Buffer.from(text).toString('base64')
const hex = (text: string) => Buffer.from(text).toString('hex')
const bytes = (text: string, write: (byte: string) => string) =>
  [...Buffer.from(text)].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('')
const units = (text: string, write: (unit: string) => string) => text.split('').map(write).join('')
const four = (unit: string) => unit.charCodeAt(0).toString(16).padStart(4, '0')
/** Digits of another script, by its zero. */
const digits = (zero: number) => (text: string) =>
  text.replace(/\d/gu, (digit) => String.fromCodePoint(zero + Number(digit)))

/** Stand before what they hide. */
const behindWord = 'data'
const inUrl = 'data:text/plain;base64,'

/** Each named encoding in the forms that a model may think of. */
export const encoders: readonly (readonly [string, (text: string) => string])[] = [
  ['base64', base64],
  ['base64 without padding', (text) => base64(text).replace(/=+$/u, '')],
  ['base64 for URLs', (text) => Buffer.from(text).toString('base64url')],
  ['base64 in short lines', (text) => base64(text).replace(/.{8}/gu, '$&\n')],
  ['base64 behind a word', (text) => `${behindWord}${base64(text)}`],
  ['base64 in a data URL', (text) => `${inUrl}${base64(text)}`],
  ['hexadecimal', hex],
  ['hexadecimal in capitals', (text) => hex(text).toUpperCase()],
  ['hexadecimal with spaces', (text) => bytes(text, (byte) => `${byte} `).trimEnd()],
  ['hexadecimal with colons', (text) => bytes(text, (byte) => `${byte}:`).slice(0, -1)],
  ['hexadecimal with prefixes', (text) => bytes(text, (byte) => `0x${byte}, `).slice(0, -2)],
  ['hexadecimal as escapes', (text) => bytes(text, (byte) => `\\x${byte}`)],
  ['percent signs', (text) => bytes(text, (byte) => `%${byte}`)],
  ['percent signs in capitals', (text) => bytes(text, (byte) => `%${byte.toUpperCase()}`)],
  ['percent signs twice', (text) => bytes(text, (byte) => `%25${byte}`)],
  ['JSON escapes', (text) => units(text, (unit) => `\\u${four(unit)}`)],
  ['JSON escapes twice', (text) => units(text, (unit) => `\\\\u${four(unit).toUpperCase()}`)],
  ['zero-width spaces', (text) => [...text].join('\u200b')],
  ['zero-width joiners', (text) => [...text].join('\u200d')],
  ['soft hyphens', (text) => [...text].join('\u00ad')],
  ['byte order marks', (text) => [...text].join('\ufeff\u2060')],
  ['variation selectors', (text) => [...text].join('\ufe0f')],
  ['combining marks', (text) => units(text, (unit) => (/\w/u.test(unit) ? `${unit}\u0336` : unit))],
  ['tags of language', (text) => [...text].join('\u{e0001}')],
  [
    'fullwidth forms',
    (text) => units(text, (u) => (u > ' ' && u <= '~' ? String.fromCharCode(u.charCodeAt(0) + 0xfee0) : u)),
  ],
  ['Arabic digits', digits(0x660)],
  ['Persian digits', digits(0x6f0)],
  ['Devanagari digits', digits(0x966)],
  ['Thai digits', digits(0xe50)],
  ['mathematical digits', digits(0x1d7ce)],
  ['double-struck digits', digits(0x1d7d8)],
  ['superscripts', (text) => text.replace(/\d/gu, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)))],
  ['circled digits', (text) => text.replace(/[1-9]/gu, (digit) => String.fromCodePoint(0x245f + Number(digit)))],
  ['Cyrillic letters', (text) => text.replace(/[aeopc]/gu, (letter) => 'аеорс'.charAt('aeopc'.indexOf(letter)))],
  ['long dashes', (text) => text.replaceAll('-', '–').replaceAll('.', '․')],
]

/** Of each group of detectors some, with what is to be hidden. */
export const samples: readonly (readonly [string, string])[] = [
  ['ssn', '123-45-6789'],
  ['credit_card', '4111 1111 1111 1111'],
  ['phone', '+442079460958'],
  ['email', 'joe@example.com'],
  ['ip', '203.0.113.77'],
  ['mrn', 'MRN 44719022B71'],
  ['secret:github', `ghp_${'a1B2c3D4e5F6'.repeat(3)}`],
  ['secret:aws', 'AKIAIOSFODNN7EXAMPLE'],
  ['keyword', 'operation nightjar'],
]

/** Directly behind a letter or a digit there is no phone number and no whole word, whether it is encoded or not. */
export function mayBeGlued(name: string, detector: string): boolean {
  return /behind a word|data URL/u.test(name) && ['phone', 'mrn', 'keyword'].includes(detector)
}

/** Which part of what an encoder writes is what it hides. */
export function hidingShare(name: string, token: string): number {
  const prefix = name.endsWith('behind a word') ? behindWord : name.endsWith('data URL') ? inUrl : ''
  return (token.length - prefix.length) / token.length
}

/** Whether half of a token, or more, stands in a text in one piece. `share` is how much of it, from its end, hides something. */
export function survives(token: string, text: string, share = 1): boolean {
  const hiding = token.slice(-Math.floor(token.length * share))
  const length = Math.ceil(hiding.length / 2)
  for (let start = 0; start + length <= hiding.length; start += 1) {
    if (text.includes(hiding.slice(start, start + length))) return true
  }
  return false
}
