import type { EdgeContext } from './define-dialect.ts'

/**
 * Makes the address of a native path as clients reach it. It stands under the mount, where it is native with every
 * credential.
 */
export function nativeUrl({ publicUrl }: Pick<EdgeContext, 'publicUrl'>, path: string): string {
  return `${publicUrl()}/mandate${path}`
}

/** Makes the native address of a prompt, at which it is read, and below which it is answered with its id. */
export function promptUrl(context: Pick<EdgeContext, 'publicUrl'>, promptId: string): string {
  return nativeUrl(context, `/v1/prompts/${promptId}`)
}
