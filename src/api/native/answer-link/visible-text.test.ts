import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, visibleHtml } from './visible-text.ts'

test.each([
  ['a right-to-left override', 'a\u202eb', 'a<mark>\\u{202e}</mark>b'],
  ['an isolate', '\u2066x\u2069', '<mark>\\u{2066}</mark>x<mark>\\u{2069}</mark>'],
  ['a control', '\u001b[2J\u0000\r', '<mark>\\u{1b}</mark>[2J<mark>\\u{0}</mark><mark>\\u{d}</mark>'],
  ['a space of no width', 'pay\u200bpal', 'pay<mark>\\u{200b}</mark>pal'],
  ['a space that is none', 'a\u00a0b\u3000', 'a<mark>\\u{a0}</mark>b<mark>\\u{3000}</mark>'],
  ['a tag character', '\u{e0041}', '<mark>\\u{e0041}</mark>'],
  ['a filler', '\u3164', '<mark>\\u{3164}</mark>'],
  ['a line separator', '\u2028', '<mark>\\u{2028}</mark>'],
  ['half of a pair', '\ud83d', '<mark>\\u{d83d}</mark>'],
])('%s is shown as a marked escape', (_name, text, html) => {
  expect(visibleHtml(text)).toBe(html)
})

test('what is seen, and a line break, stays as it is', () => {
  const text = 'Größe 10 €\nשלום 日本語 😀'
  expect(visibleHtml(text)).toBe(text)
})

test('no text leaves the place that it is put into', () => {
  expect(escapeHtml(`<b a='1' c="2">&amp;`)).toBe('&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleHtml(text).replaceAll(/<mark>\\u\{[0-9a-f]+\}<\/mark>/gu, '')).not.toMatch(/[<>"']/u)
    }),
  )
})
