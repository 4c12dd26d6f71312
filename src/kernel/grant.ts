// What a token for bots and scripts may do: the one rule, from what a command declares to the scope it needs. What no scope
// covers (accounts, tokens, managing rooms, administration) is for people who sign in.
import type { Action, Command } from '../protocol/define.ts';
import { AppError } from '../protocol/errors.ts';
import type { Scope } from '../protocol/scopes.ts';
import type { TokenGrant } from './caller.ts';

const SCOPE_OF: Readonly<Record<Action, Scope | undefined>> = {
  'room.read': 'read',
  'room.leave': 'read',
  'room.manage': undefined,
  'room.reopen': undefined,
  'settings.read': undefined,
  'file.read': 'read',
  'file.write': 'write',
  'file.delete': 'write',
  'run.start': 'run',
  'run.cancel': 'run',
  'load.read': 'read',
};

/** The scope that a command needs; undefined: no token may call it. */
export function scopeOf({ access, mutates }: Pick<Command, 'access' | 'mutates'>): Scope | undefined {
  switch (access.scope) {
    case 'anyone':
      return mutates ? undefined : 'read';
    case 'user':
      return access.token;
    case 'room':
      return SCOPE_OF[access.action];
    case 'account':
    case 'admin':
      return undefined;
  }
}

/** Whether something may be done with this grant; a session may do all. */
export function allows(grant: TokenGrant | undefined, scope: Scope | undefined): boolean {
  return !grant || (scope !== undefined && grant.scopes.includes(scope));
}

/** @throws AppError `forbidden`, with the scope that is missing where one would help */
export function checkScope(grant: TokenGrant | undefined, command: Command): void {
  const scope = scopeOf(command);
  if (allows(grant, scope)) return;
  if (scope) throw new AppError('forbidden', `The token does not have the scope "${scope}".`, { scope });
  throw new AppError('forbidden', 'No token may do this: sign in as yourself.');
}

/** @throws AppError `forbidden` when the token is for another room */
export function checkRoom(grant: TokenGrant | undefined, roomId: string): void {
  if (grant?.roomId === undefined || grant.roomId === roomId) return;
  throw new AppError('forbidden', 'The token is for another room.');
}
