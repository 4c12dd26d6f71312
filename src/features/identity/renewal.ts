// The way from a refresh token to the next tokens.
import type { Selectable } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SignedInAnswer, User } from '../../protocol/identity.ts';
import type { IdentityPorts } from './ports.ts';
import { noteSignIn } from './security-notes.ts';
import { answerOf, endSessions, renewSession, TOKEN_MS } from './sessions.ts';
import { currentPair, familyOf, hashOf, nextPair, repeatedPair } from './tokens.ts';

/**
 * For this long the token before the last gets the answer that it got. Two tabs that refresh at once, and a client whose
 * answer was lost on the way, are no thieves.
 */
const GRACE_MS = 30_000;

interface Shown {
  readonly refreshToken: string;
  readonly rotate: boolean;
}

type Session = Selectable<Tables['user_sessions']>;
type State = 'current' | 'repeated' | 'reused' | 'over';

export const endedSession = (): AppError => new AppError('session_ended', 'This session has ended; sign in again.');

export function renewalHandlers(ports: IdentityPorts): Handlers {
  return {
    async 'session.refresh'(context, { refreshToken, rotate }) {
      const known = await findByFamily(ports, refreshToken);
      if (refreshToken === undefined || !known) throw endedSession();
      const { user, sessionId } = known;
      const answer = await context.transaction(async (inside) => {
        await inside.actAs(user.id);
        return renew(ports, inside, { user, sessionId, shown: { refreshToken, rotate } });
      });
      if (answer === 'reused') await noteReuse(ports, context, known);
      if (typeof answer === 'string') throw endedSession();
      return answer;
    },
  };
}

interface Known {
  readonly sessionId: string;
  readonly user: User;
}

/** The session that a refresh token belongs to, whichever of them it is. */
export async function findByFamily(
  { system }: IdentityPorts,
  refreshToken: string | undefined,
): Promise<Known | undefined> {
  const family = refreshToken === undefined ? undefined : familyOf(refreshToken);
  if (!family) return undefined;
  const found = await system
    .selectFrom('user_sessions as session')
    .innerJoin('users as user', 'user.id', 'session.user_id')
    .select(['session.id as session_id', 'user.id', 'user.display_name', 'user.kind'])
    .where('session.refresh_family_hash', '=', family)
    .where('user.status', '=', 'active')
    .executeTakeFirst();
  if (!found) return undefined;
  return { sessionId: found.session_id, user: { id: found.id, displayName: found.display_name, kind: found.kind } };
}

/** A session row is locked from the look to the change: of two that refresh at once the second sees what the first did. */
async function renew(
  { revocations }: IdentityPorts,
  context: TransactionContext,
  { user, sessionId, shown }: Known & { readonly shown: Shown },
): Promise<SignedInAnswer | 'reused' | 'over'> {
  const session = await context.trx
    .selectFrom('user_sessions')
    .selectAll()
    .where('id', '=', sessionId)
    .forUpdate()
    .executeTakeFirst();
  const state = session ? stateOf(session, shown.refreshToken) : 'over';
  if (!session || state === 'over') return 'over';
  const resource = { type: 'sign_in_session' as const, id: sessionId };
  const salt = session.refresh_salt as Buffer;
  switch (state) {
    case 'reused':
      await context.record({ type: 'session.revoked', resource, after: { reason: 'token_reused' } });
      await endSessions(context, user.id, { ending: { only: sessionId }, reason: 'token_reused', revocations });
      return 'reused';
    case 'repeated':
      await context.record({ type: 'session.refreshed', resource });
      return answerOf(repeatedPair(shown.refreshToken, salt), session.expires_at, user);
    case 'current': {
      await context.record({ type: 'session.refreshed', resource });
      const isFresh = session.expires_at.getTime() - Date.now() > TOKEN_MS / 2;
      if (!shown.rotate && isFresh) return answerOf(currentPair(shown.refreshToken, salt), session.expires_at, user);
      const { pair, stored } = nextPair(shown.refreshToken);
      const history = { previous_refresh_hash: hashOf(shown.refreshToken), refreshed_at: new Date() };
      const about = { id: sessionId, createdAt: session.created_at, user };
      return answerOf(pair, await renewSession(context, about, { ...stored, ...history }), user);
    }
  }
}

function stateOf(session: Session, refreshToken: string): State {
  const now = Date.now();
  if (session.revoked_at || !session.refresh_expires_at || session.refresh_expires_at.getTime() <= now) return 'over';
  const hash = hashOf(refreshToken);
  if (session.refresh_token_hash?.equals(hash)) return 'current';
  const age = now - (session.refreshed_at?.getTime() ?? 0);
  return session.previous_refresh_hash?.equals(hash) && age <= GRACE_MS ? 'repeated' : 'reused';
}

async function noteReuse({ system }: IdentityPorts, { caller }: SlowContext, known: Known): Promise<void> {
  const { sessionId, user } = known;
  await noteSignIn(system, caller, {
    type: 'token_reused',
    severity: 'high',
    userId: user.id,
    signInSessionId: sessionId,
  });
}
