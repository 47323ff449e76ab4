import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'

/** Refuses `role_forbidden` to every caller except administrators with a key that is not bound to an agent. */
export function requireAdministrator(principal: Principal): void {
  if (may(principal, 'administer') && principal.agentId === null) return
  throw new Refusal('role_forbidden', `The role ${principal.role} may not do this. It takes the role admin.`)
}
