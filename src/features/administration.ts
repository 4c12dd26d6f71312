// What administrators of the server do: look at its records, and decide about its users.
import type { Revocations } from '../kernel/context.ts';
import type { Handlers } from '../kernel/registry.ts';
import { recordHandlers } from './administration/records.ts';
import { userHandlers } from './administration/users.ts';

/** The commands of this slice. */
export function administrationHandlers(ports: { readonly revocations: Revocations }): Handlers {
  return { ...recordHandlers, ...userHandlers(ports) };
}
