import type { NativeParts } from './native-parts.ts'

/** The address of a native path as clients reach it: under the mount, where it is native whatever credential comes with it. */
export function nativeUrl({ publicUrl }: Pick<NativeParts, 'publicUrl'>, path: string): string {
  return `${publicUrl()}/mandate${path}`
}
