// What browsers may do with an answer: one table for everything, and a content policy by what the answer is. A table of
// our own rather than a plug-in: three policies and a nonce are fewer lines than the settings that would make them.
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** On every answer. The page asks for no device and no data of its visitor but the clipboard. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Answers to pages of other sites that are allowed go by CORS, which this does not concern.
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-dns-prefetch-control': 'off',
  // For browsers that know no frame-ancestors.
  'x-frame-options': 'DENY',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), ' +
    'magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()',
} as const;

/** A year, for this host: whether its subdomains speak TLS is not ours to say. */
const STRICT_TRANSPORT = 'max-age=31536000';

const NO_FRAMES = "frame-ancestors 'none'; base-uri 'none'";

/** Data: nothing is loaded for it and nothing runs in it. */
export const DATA_POLICY = `default-src 'none'; form-action 'none'; ${NO_FRAMES}`;

/** Built files: when one is opened by itself, nothing of elsewhere is loaded for it. */
export const FILE_POLICY = `default-src 'self'; form-action 'none'; ${NO_FRAMES}`;

/** The documents at /docs: their viewer makes style elements and pictures of its own, and cannot be given a nonce. */
export const DOCS_POLICY = `default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; form-action 'none'; ${NO_FRAMES}`;

/**
 * The page: scripts from this server only, and none from text; style elements with the nonce only, which are the
 * editor's. `connect-src 'self'` is also this server's WebSocket.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    NO_FRAMES,
  ].join('; ');
}

/** For one delivery of the page. */
export const newNonce = (): string => randomBytes(18).toString('base64url');

/** Sets what every answer has; a route sets another content policy where it needs one. */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(SECURITY_HEADERS);
  const [, folder] = /^\/(docs|assets)(?:\/|$)/.exec(request.url) ?? [];
  reply.header('content-security-policy', policyOf(folder));
  // Answers hold what only their reader may see; files say themselves how long they are good.
  if (folder === undefined) reply.header('cache-control', 'no-store');
  // What a proxy says of the protocol counts only where proxies are trusted (TRUST_PROXY).
  if (request.protocol === 'https') reply.header('strict-transport-security', STRICT_TRANSPORT);
}

function policyOf(folder: string | undefined): string {
  if (folder === undefined) return DATA_POLICY;
  return folder === 'docs' ? DOCS_POLICY : FILE_POLICY;
}
