/** The dialects a credential can be issued for. */
export const dialects = ['native', 'xagent', 'certior', 'neo', 'agentrix', 'shinzo'] as const
export type Dialect = (typeof dialects)[number]

export const roles = ['admin', 'operator', 'approver', 'auditor', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Who is calling, once authenticated. */
export interface Principal {
  readonly userId: string
  readonly teamId: string | null
  readonly role: Role
  readonly dialect: Dialect
  /** The agent a key is bound to; such a key touches that agent only. */
  readonly agentId: string | null
  readonly keyId: string | null
  /** With a JSON web token, which was issued for no dialect and ends by itself; absent with a key. */
  readonly token?: { readonly expiresAt: number } | undefined
}

/** What each role may do. Reading is limited to what is the caller's own or shared with them, except for admin and auditor. */
const rights = {
  admin: { submit: true, administer: true, readAll: true },
  operator: { submit: true, administer: false, readAll: false },
  approver: { submit: false, administer: false, readAll: false },
  auditor: { submit: false, administer: false, readAll: true },
  viewer: { submit: false, administer: false, readAll: false },
} as const satisfies Record<Role, { submit: boolean; administer: boolean; readAll: boolean }>

export type Right = keyof (typeof rights)['admin']

export function may(principal: Principal, right: Right): boolean {
  return rights[principal.role][right]
}

export const visibilities = ['private', 'team', 'unlisted', 'public'] as const
export type Visibility = (typeof visibilities)[number]

interface Owned {
  readonly ownerId: string
  readonly teamId: string | null
  readonly visibility: Visibility
}

/** Whether this caller may read this thing: their own, shown to their team, open to all, or their role reads everything. */
export function mayRead(principal: Principal, thing: Owned): boolean {
  if (thing.ownerId === principal.userId || may(principal, 'readAll')) return true
  if (thing.visibility === 'public' || thing.visibility === 'unlisted') return true
  return thing.visibility === 'team' && thing.teamId !== null && thing.teamId === principal.teamId
}

/** Whether this caller may change this thing: their own, or they administer the server. */
export function mayChange(principal: Principal, thing: Owned): boolean {
  return thing.ownerId === principal.userId ? may(principal, 'submit') : may(principal, 'administer')
}

/**
 * The roles that each role may give to a key, and whose keys it may change: those that hold no right which it lacks itself. A
 * key is never above its maker, and who approves is not chosen by who asks.
 */
const grantable: Readonly<Record<Role, readonly Role[]>> = {
  admin: roles,
  operator: ['operator', 'viewer'],
  approver: ['approver', 'viewer'],
  auditor: ['auditor', 'viewer'],
  viewer: ['viewer'],
}

/** The roles that the key of this caller may give to another key, and whose keys it may take back. */
export function grantableRoles({ role }: Principal): readonly Role[] {
  return grantable[role]
}
