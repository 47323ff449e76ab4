import type { NativeContext } from './native-context.ts'

/** The address of a native path as clients reach it: under the mount, where it is native whatever credential comes with it. */
export function nativeUrl({ publicUrl }: Pick<NativeContext, 'publicUrl'>, path: string): string {
  return `${publicUrl()}/mandate${path}`
}
