import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findServerAt, publishServer, readServerRecord } from './server-record.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'mandate-record-'))
  vi.stubEnv('XDG_STATE_HOME', join(base, 'state'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(base, { recursive: true })
})

function newData(name: string): string {
  const path = join(base, name)
  mkdirSync(path)
  return path
}

const record = { url: 'http://127.0.0.1:4242', pid: process.pid, holds: { port: 1, token: 'secret' } }

test('a live server is found by its data folder and, from anywhere, by its address under any name of the loopback', async () => {
  const data = newData('data')
  const unpublish = await publishServer(data, record)
  expect(readServerRecord(data)).toEqual({ ...record, dataFolder: data })
  expect(statSync(join(data, 'server.json')).mode & 0o777).toBe(0o600)
  for (const url of ['http://127.0.0.1:4242', 'http://localhost:4242', 'http://[::1]:4242/']) {
    expect(findServerAt(url, [])?.dataFolder).toBe(data)
  }
  for (const url of ['http://127.0.0.1:4243', 'https://127.0.0.1:4242', 'http://m.example:4242']) {
    expect(findServerAt(url, [data])).toBeUndefined()
  }
  unpublish()
  expect(readServerRecord(data)).toBeUndefined()
  expect(findServerAt(record.url, [data])).toBeUndefined()
})

test('of several servers the one at the address is found', async () => {
  const other = newData('other')
  const data = newData('data')
  await publishServer(other, { ...record, url: 'http://127.0.0.1:1' })
  await publishServer(data, record)
  expect(findServerAt(record.url, [])?.dataFolder).toBe(data)
  expect(findServerAt('http://127.0.0.1:1', [])?.dataFolder).toBe(other)
})

test('the record of a server that was killed, and one that is none, are no server', async () => {
  const data = newData('data')
  await publishServer(data, { ...record, pid: 2 ** 22 + 1 })
  expect(readServerRecord(data)).toBeUndefined()
  for (const text of ['', '{', 'null', '{"url":1,"pid":1}', '{"url":"http://127.0.0.1:1"}']) {
    writeFileSync(join(data, 'server.json'), text)
    expect(readServerRecord(data)).toBeUndefined()
  }
})

test('data folders that are gone are forgotten', async () => {
  const gone = newData('gone')
  await publishServer(gone, record)
  rmSync(gone, { recursive: true })
  await publishServer(newData('data'), record)
  expect(readdirSync(join(base, 'state', 'mandate', 'data-folders'))).toHaveLength(1)
})

test('a server goes without a state folder where there can be none', async () => {
  writeFileSync(join(base, 'file'), '')
  vi.stubEnv('XDG_STATE_HOME', join(base, 'file'))
  const data = newData('data')
  await publishServer(data, record)
  expect(readServerRecord(data)?.url).toBe(record.url)
  expect(findServerAt(record.url, [data])?.dataFolder).toBe(data)
  expect(existsSync(join(base, 'state'))).toBe(false)
})
