// Who somebody is: guests now; accounts sign in through the same kind of token.
import { z } from 'zod';
import { command } from './define.ts';
import { displayName, uuid } from './ids.ts';

export const user = z.object({ id: uuid, displayName: z.string(), kind: z.enum(['human', 'guest', 'bot']) });
export type User = z.infer<typeof user>;

export const guestCreate = command({
  name: 'guest.create',
  summary: 'Become a guest: a display name is enough. The token is shown once.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/guests' },
  mutates: true,
  rate: { perMinute: 1200 },
  input: z.object({ displayName }),
  output: z.object({ token: z.string(), user }),
});
