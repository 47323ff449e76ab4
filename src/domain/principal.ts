/** The dialects a credential can be issued for. */
export const dialects = ['native', 'xagent', 'certior', 'neo', 'agentrix', 'shinzo'] as const
/** A dialect that a credential can be issued for. */
export type Dialect = (typeof dialects)[number]

/** The roles of users and keys. */
export const roles = ['admin', 'operator', 'approver', 'auditor', 'viewer'] as const
/** The role of a user or a key. */
export type Role = (typeof roles)[number]

/** The authenticated caller. */
export interface Principal {
  readonly userId: string
  readonly teamId: string | null
  readonly role: Role
  readonly dialect: Dialect
  /** The agent that the key is bound to. Such a key has access to that agent only. */
  readonly agentId: string | null
  readonly keyId: string | null
  /** Present with a JSON web token, which is issued for no dialect and expires by itself; absent with a key. */
  readonly token?: { readonly expiresAt: number } | undefined
}

/**
 * The rights of each role. Reading is limited to the caller's own resources and those shared with them, except for
 * admin and auditor.
 */
const rights = {
  admin: { submit: true, administer: true, readAll: true },
  operator: { submit: true, administer: false, readAll: false },
  approver: { submit: false, administer: false, readAll: false },
  auditor: { submit: false, administer: false, readAll: true },
  viewer: { submit: false, administer: false, readAll: false },
} as const satisfies Record<Role, { submit: boolean; administer: boolean; readAll: boolean }>

/** A right that a role may have. */
export type Right = keyof (typeof rights)['admin']

/** Whether the caller's role has the right. */
export function may(principal: Principal, right: Right): boolean {
  return rights[principal.role][right]
}

/** The visibilities of a task or an agent. */
export const visibilities = ['private', 'team', 'unlisted', 'public'] as const
/** The visibility of a task or an agent. */
export type Visibility = (typeof visibilities)[number]

interface Owned {
  readonly ownerId: string
  readonly teamId: string | null
  readonly visibility: Visibility
}

/**
 * Whether the caller may read the resource: as its owner, as a member of the team that it is shown to, because it is
 * public, or by a role that reads everything.
 */
export function mayRead(principal: Principal, thing: Owned): boolean {
  if (thing.ownerId === principal.userId || may(principal, 'readAll')) return true
  if (thing.visibility === 'public' || thing.visibility === 'unlisted') return true
  return thing.visibility === 'team' && thing.teamId !== null && thing.teamId === principal.teamId
}

/** Whether the caller may change the resource: as its owner or as an administrator. */
export function mayChange(principal: Principal, thing: Owned): boolean {
  return thing.ownerId === principal.userId ? may(principal, 'submit') : may(principal, 'administer')
}

/**
 * The roles that each role may grant to a key, and whose keys it may change: those without a right that it lacks
 * itself. A key never exceeds its maker, and the requester does not choose the approver.
 */
const grantable: Readonly<Record<Role, readonly Role[]>> = {
  admin: roles,
  operator: ['operator', 'viewer'],
  approver: ['approver', 'viewer'],
  auditor: ['auditor', 'viewer'],
  viewer: ['viewer'],
}

/** The roles that the caller's key may grant to another key, and whose keys it may revoke. */
export function grantableRoles({ role }: Pick<Principal, 'role'>): readonly Role[] {
  return grantable[role]
}
