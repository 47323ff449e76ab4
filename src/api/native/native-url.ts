import type { NativeContext } from './native-context.ts'

/**
 * Makes the address of a native path as clients reach it. It stands under the mount, where it is native with every
 * credential.
 */
export function nativeUrl({ publicUrl }: Pick<NativeContext, 'publicUrl'>, path: string): string {
  return `${publicUrl()}/mandate${path}`
}
