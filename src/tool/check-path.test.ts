import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPath } from './check-path.ts'

describe('a workspace path', () => {
  test.each(['a', 'a.txt', 'a/b/c.txt', '.env', '...a', 'Ünï/文.md', 'a b/c d', '-rf', '~', '$HOME', 'x'.repeat(255)])(
    '%j is taken',
    (path) => {
      expect(checkPath(path, 512)).toBeUndefined()
    },
  )

  test.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x',
    'a/../b',
    'a/..',
    '.',
    './a',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    '..\\b',
    'C:/x',
    'c:x',
    'a:stream',
    'a\0b',
    'a\nb',
    'a\u007f',
    'a.',
    'a /b',
    '.. /b',
    '.../b',
    '\ud800',
    '.mandate-x',
    'a/.mandate-x/b',
    'x'.repeat(256),
    'é'.repeat(128),
    `${'a/'.repeat(256)}b`,
  ])('%j is refused with a reason', (path) => {
    expect(checkPath(path, 512)).toMatch(/^must /)
  })

  test('a taken path never climbs: resolving it anywhere stays below', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '.', '..', '', ' ', '/', '\\', 'C:', '\0', 'é'), { maxLength: 8 }),
        (parts) => {
          const path = parts.join('')
          if (checkPath(path, 512) !== undefined) return
          expect(new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///root/').pathname).toMatch(
            /^\/root\/./,
          )
          expect(path.split('/')).not.toContain('..')
        },
      ),
    )
  })
})
