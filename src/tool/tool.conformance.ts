import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import { isCapability } from '../domain/capability.ts'
import type { JsonObject } from '../domain/json.ts'
import { checkInput } from './check-input.ts'
import type { Tool, Workspace } from './tool.ts'

/** What every tool promises. `input` is one that it takes. */
export function describeTool(tool: Tool, input: JsonObject): void {
  describe(`${tool.name} keeps the promises of a tool`, () => {
    test('its declaration is sane', () => {
      expect(tool.name).toMatch(/^[a-z][a-z0-9_]{0,63}$/)
      expect(tool.description.length).toBeGreaterThan(10)
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
      for (const count of [tool.costMicrosUsd, tool.timeoutMs, tool.outputBytesMax]) {
        expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
      }
      expect(tool.timeoutMs).toBeGreaterThan(0)
      expect(tool.outputBytesMax).toBeGreaterThan(0)
    })

    test('it names the capabilities it needs', () => {
      const capabilities = tool.capabilitiesFor(input)
      expect(capabilities.length).toBeGreaterThan(0)
      for (const capability of capabilities) expect(isCapability(capability) && !capability.includes('*')).toBe(true)
      expect(tool.capabilities).toEqual(expect.arrayContaining([...capabilities]))
    })

    test('its schema takes its input, and names a field that it does not know', () => {
      expect(checkInput(tool.inputSchema, input)).toEqual([])
      expect(checkInput(tool.inputSchema, { ...input, no_such_field: 1 })).toEqual([
        { field: 'no_such_field', message: 'is not known' },
      ])
    })

    test('aborted before it began, it does nothing and gives the reason of the signal', async () => {
      const reason = new Error('cancelled')
      const calls: string[] = []
      const performing = tool.perform(input, {
        workspace: async () => recordingWorkspace(calls),
        signal: AbortSignal.abort(reason),
        clock: createFakeClock(),
        progress: () => {},
      })
      await expect(performing).rejects.toBe(reason)
      expect(calls).not.toContain('write')
    })
  })
}

function recordingWorkspace(calls: string[]): Workspace {
  return {
    list: async () => [],
    read: async () => new Uint8Array(),
    write: async () => {
      calls.push('write')
    },
    snapshot: async () => {
      calls.push('snapshot')
      return `sha256:${'0'.repeat(64)}`
    },
  }
}
