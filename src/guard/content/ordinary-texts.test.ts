import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanText } from './scan-text.ts'

const salt = 'ab'.repeat(16)
const scan = (text: string) => scanText(text, salt, { keywords: ['insider information'] })

test.each([
  'The meeting is on 2025-03-14 at 09:30, room 12-34; bring 3 copies (about 1,250.00 USD).',
  '2025-01-02T10:11:12.123Z 2025-01-02 10:11:12+01:00 20250102T101112 1735812672 1735812672123 1735812672123456789',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479 task-0190f5b2-7c3e-7a61-b1d4-9f3c2d1e0a5b exec_9f86d081884c7d65 tsk_0190f5b27c3e7a61',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709 d41d8cd98f00b204e9800998ecf8427e',
  'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
  'node 24.21.0, npm 11.5.1, v1.2.3-beta.4, ^13.0.7, 1.0.0-rc.1+build.5, Chrome/120.0.0.0 Safari/537.36',
  'ISBN 978-3-16-148410-0, EAN 4006381333931, order 000123456789, invoice 2024-000123',
  'from 1 to 1000000, 3.141592653589793, -0.0001, 1e-27, 6.02214076e23, 0x1f600, 50%, 100%25',
  'width: 1024px; color: #ff8800; margin: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16',
  'C:\\Users\\name\\notes.txt /usr/local/lib/node_modules/npm/bin/npm-cli.js ../shared/contracts',
  'https://example.com/a/b?page=2&per_page=50&q=hello%20world#section-3',
  'const password = readPassword(); // the token is read from the environment: TOKEN',
  'Call me when the phone is charged; text the number 42 to the cell in row 1234.',
  'Tel Aviv 2024, fax machines of 1985, mobile 2.0',
  'std::map<int, std::string> Foo::bar(a::b) { return x ? y::z : 0; }',
  'git commit 1bfcc32 moved 12 files, 345 insertions(+), 67 deletions(-)',
  '  1  2  3  4  5  6  7  8  9 10 11 12\n 13 14 15 16 17 18 19 20 21 22 23 24',
  '@types/node @ai-sdk/openai @media (min-width: 768px) user@localhost',
  'Ünïcödé – “quotes” … naïve façade, 100 €, № 5, ½ cup, x² + y²',
])('nothing is found in %j', (text) => {
  expect(scan(text)).toEqual([])
  expect(scan(JSON.stringify({ content: text }))).toEqual([])
})

test('nothing is found in the sources of the domain, and little in any random bytes', () => {
  const folder = new URL('../../domain/', import.meta.url)
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    expect(scan(text), file).toEqual([])
    expect(scan(JSON.stringify({ path: file, content: text })), file).toEqual([])
  }
})

test('an identifier whose first digits could be a card is none', () => {
  expect(scan('62647881-7050-5950-8000-000000000000')).toEqual([])
})

test('random identifiers and digests are nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uuid(), { maxLength: 8 }),
      fc.uint8Array({ minLength: 32, maxLength: 64 }),
      (ids, bytes) => {
        expect(scan(ids.join(' '))).toEqual([])
        expect(scan(Buffer.from(bytes).toString('hex'))).toEqual([])
        expect(scan(Buffer.from(bytes).toString('base64'))).toEqual([])
      },
    ),
  )
})
