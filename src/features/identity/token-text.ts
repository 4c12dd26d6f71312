// How a token for bots and scripts is written: `crt_`, 43 random characters (256 bits), 6 of a checksum. The beginning
// lets secret scanners find one that was committed by mistake, the checksum lets them, and us, tell it from other text.
// The form is that of GitHub's tokens (github.blog, "Behind GitHub's new authentication token formats").
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'crt_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

/** A new token; it is a secret. */
export function newTokenText(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => DIGITS[randomInt(DIGITS.length)]).join('');
  return PREFIX + random + checksumOf(random);
}

/** Whether a text can be such a token: one that was mistyped is found out without a look-up. */
export function isTokenText(text: string): boolean {
  if (!FORM.test(text)) return false;
  const random = text.slice(PREFIX.length, -CHECKSUM_LENGTH);
  return text.endsWith(checksumOf(random));
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let written = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    written = DIGITS[rest % DIGITS.length] + written;
    rest = Math.floor(rest / DIGITS.length);
  }
  return written;
}
