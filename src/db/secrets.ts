// Values that may be read by the server only: AES-256-GCM with keys that are not in the database.
//
// A sealed value is version (1 byte) ‖ key id (2) ‖ nonce (12) ‖ tag (16) ‖ text, bound to its place ("table.column:id"):
// moved to another row it does not open.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../protocol/errors.ts';

export interface Secrets {
  /** The id of the key that seals; undefined where no key is set. */
  readonly current: number | undefined;
  /** @throws AppError `unavailable` where no key is set */
  seal(text: string, place: string): Buffer;
  /** @throws AppError `unavailable` where the key is not here; Error when the value was changed or moved */
  open(sealed: Buffer, place: string): string;
  /**
   * What a sealed value is found by: the same for the same text, and nothing can be learned from it without the keys.
   * @param text in the one form that counts, such as in lower case
   * @param purpose what it is an index of; the same text under another purpose has another one
   * @returns with the current key first: that one is stored. A look-up asks for any of them, because what was stored
   *   before a new key came is still under an older one.
   * @throws AppError `unavailable` where no key is set
   */
  blindIndex(text: string, purpose: string): readonly [Buffer, ...Buffer[]];
}

export interface SecretsOptions {
  /** `1:base64,2:base64`: the last one seals, all open. */
  readonly keys: string | undefined;
  /** Where a key is kept that the server makes for itself; undefined: it makes none. */
  readonly folder: string | undefined;
}

const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 3;
/** Beside the embedded database; only its owner may read it. */
const KEY_FILE = 'secret-keys';

interface Keyring {
  readonly current: number;
  readonly keys: ReadonlyMap<number, Buffer>;
  /** Of each key, the current one first: what the keys of the blind indexes are derived from. */
  readonly roots: readonly Buffer[];
}

/**
 * Opens the keys: those that are set, else those of the key file, which is made where there is none.
 * @throws Error with a sentence for the operator; it holds no key
 */
export function openSecrets({ keys, folder }: SecretsOptions): Secrets {
  const spec = keys ?? (folder === undefined ? undefined : keptKeys(folder));
  const keyring = spec === undefined ? undefined : readKeyring(spec);
  return {
    current: keyring?.current,
    seal(text, place) {
      const { current, keys: all } = keyring ?? noKeys();
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt8(VERSION);
      head.writeUInt16BE(current, 1);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', all.get(current)!, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([head, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      const { keys: all } = keyring ?? noKeys();
      if (sealed.readUInt8() !== VERSION) throw new Error('a sealed value is of a version that is not known here');
      const key = all.get(sealed.readUInt16BE(1));
      if (!key)
        throw new AppError('unavailable', 'The key that a stored secret was sealed with is not on this server.');
      const body = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(body - TAG_BYTES, body));
      return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]).toString('utf8');
    },
    blindIndex(text, purpose) {
      const { roots } = keyring ?? noKeys();
      const indexes = roots.map((root) =>
        createHmac('sha256', derived(root, `blind-index/v1:${purpose}`))
          .update(text)
          .digest(),
      );
      return indexes as [Buffer, ...Buffer[]];
    },
  };
}

function noKeys(): never {
  throw new AppError('unavailable', 'Secrets cannot be kept here: the operator has to set SECRET_KEYS.');
}

/** The key of a place of use is derived: the same root never does two things. */
function derived(root: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', root, '', use, KEY_BYTES));
}

function readKeyring(spec: string): Keyring {
  const keys = new Map<number, Buffer>();
  const roots: Buffer[] = [];
  let current = 0;
  for (const part of spec.trim().split(',')) {
    const [, id, text] = /^(\d{1,5}):([A-Za-z0-9+/=_-]+)$/.exec(part.trim()) ?? [];
    const root = Buffer.from(text ?? '', 'base64');
    if (root.length !== KEY_BYTES || Number(id) > 0xffff) {
      throw new Error('SECRET_KEYS: each key is a number, a colon and 32 bytes in base64, with commas between them.');
    }
    current = Number(id);
    keys.set(current, derived(root, 'field-encryption/v1'));
    roots.unshift(root);
  }
  return { current, keys, roots };
}

function keptKeys(folder: string): string {
  const file = path.join(folder, KEY_FILE);
  try {
    fs.writeFileSync(file, `1:${randomBytes(KEY_BYTES).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return fs.readFileSync(file, 'utf8');
}
