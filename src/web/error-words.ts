// What an error code means to a person: the thing, the reason, the way out.
import { CoderoomError } from '../client/index.ts';

export interface Explanation {
  readonly title: string;
  /** The thing and the reason, for where a button to try again stands beside it. */
  readonly reason: string;
  /** The same with the advice to try again, where that helps. */
  readonly text: string;
  /** For small print. */
  readonly code: string;
}

interface Words {
  readonly title: string;
  readonly text: string;
  /** When to try again, as a sentence; left out where that does not help, or the text says it in other words. */
  readonly again?: string;
}

const WORDS: Partial<Record<CoderoomError['code'], Words>> = {
  room_unavailable: {
    title: 'No open room has this code',
    text: 'The code may be mistyped, or the room was closed by its owner. Ask for the link again, or start a room of your own.',
  },
  forbidden: { title: 'Not allowed', text: 'Your role in this room does not allow this. The owner can change it.' },
  room_full: {
    title: 'The room is full',
    text: 'As many people are in it as it takes.',
    again: 'Try again when somebody has left.',
  },
  offline: {
    title: 'No connection',
    text: 'The server could not be reached. Check the network.',
    again: 'Then try again.',
  },
  timeout: { title: 'No answer', text: 'The server did not answer in time.', again: 'Try again.' },
  draining: { title: 'The server is restarting', text: 'It will be back in a few seconds.' },
  unauthenticated: {
    title: 'Signed out',
    text: 'The server does not know this browser any more. Log in, or come in under your name again.',
  },
  session_ended: { title: 'Signed out', text: 'Your session has ended. Log in, or come in under your name again.' },
  wrong_credentials: { title: 'Not logged in', text: 'The name or the password is not right.' },
  queue_full: {
    title: 'Too many runs',
    text: 'Too many runs are waiting.',
    again: 'Try again when one of them has ended.',
  },
  unavailable: {
    title: 'Not available right now',
    text: 'The server cannot do this at the moment.',
    again: 'Try again in a little while.',
  },
  internal: {
    title: 'Something went wrong',
    text: 'The server made an error and has noted it.',
    again: 'Try again.',
  },
};

/** By what the server says about it, where a code has several reasons. */
const REASONS: Readonly<Record<string, Words>> = {
  banned: {
    title: 'You are banned from this room',
    text: 'Its owner has decided that you do not come in any more. Only they can take it back.',
  },
  path: {
    title: 'Not allowed',
    text: 'A rule of this room keeps you from it. Its owner can change that.',
  },
};

function detail(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof CoderoomError)) return undefined;
  return (thrown.details as Record<string, unknown> | undefined)?.[name];
}

/** Whether somebody may not come into a room for good. */
export function isBan(thrown: unknown): boolean {
  return detail(thrown, 'reason') === 'banned' || detail(thrown, 'banned') === true;
}

/** Puts whatever was thrown into words. Codes without words of their own keep the server's message. */
export function explain(thrown: unknown): Explanation {
  const { title, text, again } = wordsFor(thrown);
  const code = thrown instanceof CoderoomError ? thrown.code : 'page';
  return { title, reason: text, text: again ? `${text} ${again}` : text, code };
}

function wordsFor(thrown: unknown): Words {
  if (!(thrown instanceof CoderoomError)) {
    return { title: 'Something went wrong', text: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  const { code, message } = thrown;
  if (code === 'rate_limited') {
    const wait = waitOf(Number(detail(thrown, 'retryAfterMs') ?? MINUTE_MS));
    return { title: 'Too many tries', text: `That was too often. Wait ${wait}.`, again: 'Then try again.' };
  }
  return REASONS[String(detail(thrown, 'reason'))] ?? WORDS[code] ?? { title: 'That did not work', text: message };
}

const MINUTE_MS = 60_000;

function waitOf(ms: number): string {
  if (ms <= MINUTE_MS) return 'a minute';
  const minutes = Math.ceil(ms / MINUTE_MS);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

/** One line for a notice: what was tried, and why it failed. */
export function failure(what: string, thrown: unknown): string {
  const { text } = explain(thrown);
  return `${what}: ${text}`;
}
