// How much one connection may send: two token buckets, messages and bytes. Far above what a person or a bot needs; it
// bounds what one connection can make everybody else receive.
import { AppError } from '../protocol/errors.ts';
import { TRANSPORT } from './limits.ts';

export class Allowance {
  #messages: number = TRANSPORT.burstMessages;
  #bytes: number = TRANSPORT.burstBytes;
  #at = performance.now();

  /**
   * Counts one message.
   * @throws AppError `rate_limited` with details.retryAfterMs
   */
  take(bytes: number): void {
    const now = performance.now();
    const seconds = (now - this.#at) / 1000;
    this.#at = now;
    this.#messages = Math.min(TRANSPORT.burstMessages, this.#messages + seconds * TRANSPORT.messagesPerSecond);
    this.#bytes = Math.min(TRANSPORT.burstBytes, this.#bytes + seconds * TRANSPORT.bytesPerSecond);
    if (this.#messages < 1 || this.#bytes < bytes) throw tooFast(1 - this.#messages, bytes - this.#bytes);
    this.#messages--;
    this.#bytes -= bytes;
  }
}

function tooFast(missingMessages: number, missingBytes: number): AppError {
  const seconds = Math.max(missingMessages / TRANSPORT.messagesPerSecond, missingBytes / TRANSPORT.bytesPerSecond);
  return new AppError('rate_limited', 'This connection sends too much.', { retryAfterMs: Math.ceil(seconds * 1000) });
}
