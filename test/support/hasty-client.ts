// A stock y-websocket client, in a process of its own in which time passes faster: what its provider waits 30 s for comes
// after a fraction. Arguments: URL, file path, token, how many times faster. Tells what happens, a line of JSON each.
const [url, file, token, faster] = process.argv.slice(2) as [string, string, string, string];
const factor = Number(faster);

const { now } = Date;
const start = now();
Date.now = () => start + (now() - start) * factor;
for (const name of ['setTimeout', 'setInterval'] as const) {
  const real = globalThis[name] as (act: () => void, ms?: number) => NodeJS.Timeout;
  Object.assign(globalThis, { [name]: (act: () => void, ms = 0) => real(act, ms / factor) });
}

// Read now, so that they find the other time.
const { WebSocket } = await import('ws');
const { WebsocketProvider } = await import('y-websocket');
const Y = await import('yjs');

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const doc = new Y.Doc();
const provider = new WebsocketProvider(url, file, doc, {
  params: { token },
  WebSocketPolyfill: WebSocket as never,
  disableBc: true,
});
provider.on('connection-close', () => say({ event: 'closed', after: Date.now() - start }));
provider.on('sync', (synced: boolean) => {
  if (synced) say({ event: 'synced', after: Date.now() - start, text: doc.getText('content').toString() });
});
