import { describe, expect, test } from 'vitest'
import { testFetchLimits } from '../../../../test/support/tool-limits.ts'
import { createFakeClock } from '../../../clock/fake/create-fake-clock.ts'
import type { FetchLimits } from './fetch-limits.ts'
import { htmlToMarkdown } from './html-to-markdown.ts'

describe('HTML to Markdown', () => {
  const convert = (html: string, limits: Partial<FetchLimits> = {}, clock = createFakeClock()) =>
    htmlToMarkdown(
      { html, url: 'https://example.test/dir/page' },
      { ...testFetchLimits, ...limits },
      { clock, signal: new AbortController().signal },
    )

  test('keeps the article with its headings, tables, code and links, and leaves the navigation out', async () => {
    const filler = 'A sentence that says enough, with a comma, to be an article. '.repeat(10)
    const markdown = await convert(`<!doctype html><html><head><title>News</title><style>p{}</style></head><body>
      <nav><a href="/home">Home</a></nav>
      <article><h2>Part</h2><p>${filler}<a href="other">Other</a></p>
      <table><thead><tr><th>Name</th><th>Value</th></tr></thead>
        <tbody><tr><td>a|b</td><td>1</td></tr><tr><td>c</td><td>2</td></tr></tbody></table>
      <pre><code>const x = 1</code></pre></article>
      <footer>Imprint</footer><script>alert(1)</script></body></html>`)
    expect(markdown).toMatch(/^# News\n\n## Part\n\n/)
    expect(markdown).toContain('[Other](https://example.test/dir/other)')
    expect(markdown).toContain('| Name | Value |\n| --- | --- |\n| a\\|b | 1 |\n| c | 2 |')
    expect(markdown).toContain('```\nconst x = 1\n```')
    for (const absent of ['Home', 'Imprint', 'alert', 'p{}']) expect(markdown).not.toContain(absent)
  })

  test('a fragment without html and body is converted too', async () => {
    expect(await convert('<p>just <b>this</b>')).toBe('just **this**')
  })

  test('20,000 nested elements are a tool error', async () => {
    const html = `<html><body>${'<div>'.repeat(20_000)}x${'</div>'.repeat(20_000)}</body></html>`
    await expect(convert(html)).rejects.toMatchObject({
      name: 'ToolError',
      code: 'conversion_failed',
      message: expect.stringContaining('nested too deeply'),
    })
  })

  test('a page that takes too much memory is a tool error, and the server lives', async () => {
    await expect(convert('<p>a</p>'.repeat(200_000), { conversionMemoryMb: 16 })).rejects.toMatchObject({
      code: 'conversion_failed',
      message: expect.stringContaining('memory'),
    })
  })

  test('a page that takes too long is a tool error', async () => {
    const clock = createFakeClock()
    const converting = expect(convert('<p>a</p>', { conversionMs: 1000 }, clock)).rejects.toMatchObject({
      code: 'conversion_failed',
      message: expect.stringContaining('1000 ms'),
    })
    clock.advance(1000)
    await converting
    expect(clock.waiting).toBe(0)
  })

  test('an abort ends the conversion with its reason', async () => {
    const cancel = new AbortController()
    const reason = new Error('cancelled')
    const job = { html: '<p>a</p>', url: 'https://example.test/' }
    const converting = expect(
      htmlToMarkdown(job, testFetchLimits, { clock: createFakeClock(), signal: cancel.signal }),
    ).rejects.toBe(reason)
    cancel.abort(reason)
    await converting
  })
})
