// Between a page and the server: answers to commands are kept back, or refused, while everything else goes through.
import type { Page } from 'playwright-core';

/** A call of the page, as Socket.io sends it: `42`, the number of the answer, the command and its input. */
const CALL = /^42(\d+)\["([\w.]+)"/;

type Fate = 'refuse' | 'hold';

interface HeldCall {
  /** Lets the server answer. */
  readonly pass: () => void;
  /** @param error what the server would say; `unavailable` when left out */
  readonly refuse: (error?: { readonly code: string; readonly details?: unknown }) => void;
}

export interface Answers {
  /** What becomes of all calls of a command from now on; undefined: the server answers. */
  readonly set: (command: string, fate: Fate | undefined) => void;
  /** Calls of a command so far. */
  readonly count: (command: string) => number;
  /** Those that were kept back, the oldest first. */
  readonly held: (command: string) => readonly HeldCall[];
}

/** To be called before the page connects. */
export async function interceptAnswers(page: Page): Promise<Answers> {
  const fates = new Map<string, Fate>();
  const counts = new Map<string, number>();
  const held = new Map<string, HeldCall[]>();
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const [, id, command = ''] = CALL.exec(String(message)) ?? [];
      if (id !== undefined) counts.set(command, (counts.get(command) ?? 0) + 1);
      const fate = fates.get(command);
      const call = {
        pass: () => server.send(message),
        refuse: (error: object = { code: 'unavailable' }) =>
          socket.send(`43${id}${JSON.stringify([{ ok: false, error: { message: 'Refused.', ...error } }])}`),
      };
      if (fate === 'hold') held.set(command, [...(held.get(command) ?? []), call]);
      else if (fate === 'refuse') call.refuse();
      else call.pass();
    });
  });
  return {
    set(command, fate) {
      if (fate) fates.set(command, fate);
      else fates.delete(command);
    },
    count: (command) => counts.get(command) ?? 0,
    held: (command) => held.get(command) ?? [],
  };
}
