// Passwords: bcrypt, on the threads of libuv, so that the event loop goes on meanwhile.
import bcrypt from 'bcrypt';
import { AppError } from '../../protocol/errors.ts';

/** Doublings of the work; a hash takes about a quarter of a second. */
const COST = 12;
/** libuv has four threads; two stay free for files and names. */
const AT_ONCE = 2;
/** Those that wait take 15 seconds at most; more than that is an attack. */
const WAITING = 120;
/** bcrypt reads no more, so a longer one can be nobody's. */
const BYTES = 72;
/** Of a password that nobody has; takes as long as any other. */
const NOBODYS = '$2b$12$YUH7BjvlBA901AoowIZkLeb//.7lsjzs3Iu5L0dATWS9sZDCndcm2';

let running = 0;
const waiting: (() => void)[] = [];

/** @throws AppError `unavailable` when too many wait */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => bcrypt.hash(password, COST));
}

/**
 * Compares; takes the same time whether there is a hash or not.
 * @param hash null or undefined where nobody is known by that name, or they have no password
 * @throws AppError `unavailable` when too many wait
 */
export async function isPassword(password: string, hash: string | null | undefined): Promise<boolean> {
  const possible = Buffer.byteLength(password) <= BYTES && !password.includes('\0');
  const matches = await inTurn(() => bcrypt.compare(possible ? password : 'x', hash ?? NOBODYS));
  return matches && possible && hash != null;
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING) throw new AppError('unavailable', 'Too many people sign in right now; try again.');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    // The turn is handed on, so that nobody who comes now gets in between.
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
