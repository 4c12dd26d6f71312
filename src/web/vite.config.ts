// Builds the page into dist/web, which the server serves. Nothing is inlined: the page runs under a strict content policy
// (transport/security-headers.ts), and the server puts a nonce in where CSP-NONCE stands.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  html: { cspNonce: 'CSP-NONCE' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    // Everything here knows light-dark(), which tokens.css is made of.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The largest chunk is the editor; its limit is 250 kB gzip for all that is loaded first.
    chunkSizeWarningLimit: 900,
  },
});
