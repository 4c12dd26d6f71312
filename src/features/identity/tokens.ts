// Tokens: random bytes in base64url. Only their SHA-256 is stored, so a copy of the database signs nobody in.
//
// All refresh tokens of a session begin with the same random bytes, its family. So an old one is told from one that
// never was, however old it is. The tokens that follow a refresh token are derived from it and a salt that is new with
// each of them: asked again with the same token the server gives the same answer, though it keeps neither of them.
import { createHash, createHmac, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
/** Of the family, and of what follows it. */
const PART_BYTES = 24;

/** What a client gets. */
export interface TokenPair {
  readonly token: string;
  readonly refreshToken: string;
}

/** What is stored of it. */
export interface StoredPair {
  readonly token_hash: Buffer;
  readonly refresh_token_hash: Buffer;
  readonly refresh_family_hash: Buffer;
  readonly refresh_salt: Buffer;
}

export interface IssuedPair {
  readonly pair: TokenPair;
  readonly stored: StoredPair;
}

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** @returns the hash of the family of a refresh token; undefined when it is none */
export function familyOf(refreshToken: string): Buffer | undefined {
  const bytes = Buffer.from(refreshToken, 'base64url');
  return bytes.length === 2 * PART_BYTES ? hashOf(familyPart(bytes)) : undefined;
}

/** The tokens of a new session. */
export function newPair(): IssuedPair {
  const salt = randomBytes(TOKEN_BYTES);
  return issued(randomBytes(2 * PART_BYTES).toString('base64url'), salt);
}

/** The tokens that follow a refresh token, under a new salt. */
export function nextPair(refreshToken: string): IssuedPair {
  const salt = randomBytes(TOKEN_BYTES);
  return issued(followerOf(refreshToken, salt), salt);
}

/** The tokens that followed a refresh token once, from the salt of that time. */
export function repeatedPair(refreshToken: string, salt: Buffer): TokenPair {
  return issued(followerOf(refreshToken, salt), salt).pair;
}

/** The tokens as they are, for who has the current refresh token. */
export function currentPair(refreshToken: string, salt: Buffer): TokenPair {
  return issued(refreshToken, salt).pair;
}

function issued(refreshToken: string, salt: Buffer): IssuedPair {
  const token = createHmac('sha256', salt).update(`access ${refreshToken}`).digest('base64url');
  return {
    pair: { token, refreshToken },
    stored: {
      token_hash: hashOf(token),
      refresh_token_hash: hashOf(refreshToken),
      refresh_family_hash: familyOf(refreshToken) as Buffer,
      refresh_salt: salt,
    },
  };
}

function followerOf(refreshToken: string, salt: Buffer): string {
  const next = createHmac('sha256', salt).update(`refresh ${refreshToken}`).digest().subarray(0, PART_BYTES);
  return Buffer.concat([Buffer.from(refreshToken, 'base64url').subarray(0, PART_BYTES), next]).toString('base64url');
}

const familyPart = (bytes: Buffer): string => bytes.subarray(0, PART_BYTES).toString('base64url');
