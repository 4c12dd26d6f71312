// Languages that code can be in.
import { z } from 'zod';
import { command } from './define.ts';

export const languageList = command({
  name: 'language.list',
  summary: 'What this server can run.',
  access: { scope: 'anyone' },
  http: { method: 'GET', path: '/api/languages' },
  input: z.object({}),
  output: z.object({
    languages: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        extensions: z.array(z.string()),
        available: z.boolean(),
        reason: z.string().optional(),
      }),
    ),
  }),
});
