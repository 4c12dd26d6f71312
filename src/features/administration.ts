// What administrators of the server do: look at its records, and decide about its users.
import type { Handlers } from '../kernel/registry.ts';
import { recordHandlers } from './administration/records.ts';
import { type UserPorts, userHandlers } from './administration/users.ts';

/** The commands of this slice. */
export function administrationHandlers(ports: UserPorts): Handlers {
  return { ...recordHandlers, ...userHandlers(ports) };
}
