// A container engine as a fake outside service: it speaks the wire protocol of Docker on a unix socket, and its
// containers are processes of this machine in a folder of their own. It keeps what it was asked for, and can fail.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';

interface Spec {
  readonly Image: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly [other: string]: unknown;
}

interface Container {
  readonly spec: Spec;
  readonly folder: string;
  streams?: Duplex;
  child?: ChildProcess;
  exit: PromiseWithResolvers<number>;
  code: number;
}

export class FakeDocker {
  readonly address: string;
  readonly containers = new Map<string, Container>();
  /** Every container that was ever wished for. */
  readonly specs: Spec[] = [];
  images = ['bash:5', 'docker.io/library/ruby:3-slim'];
  /** What the engine says of a container's use. */
  usage = { cpuNs: 5_000_000, bytes: 1_000_000 };
  outOfMemory = false;
  /** Who waits for the end of a container hears nothing. */
  mute = false;
  /** Containers live on when they are to be killed. */
  stubborn = false;
  /** Who attaches to a container hears nothing. */
  deaf = false;
  /** Paths that are answered with an error. */
  broken: RegExp | undefined;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'fake-docker-'));
  readonly #server: http.Server;
  readonly #unheard: Duplex[] = [];
  #lastId = 0;

  constructor() {
    const socket = path.join(this.#folder, 'docker.sock');
    this.address = `unix://${socket}`;
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, streams: Duplex) => {
      if (this.broken?.test(request.url ?? ''))
        return void streams.end('HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n');
      streams.on('error', () => {});
      const container = this.#containerOf(request.url ?? '');
      if (this.deaf) return void this.#unheard.push(streams);
      streams.write(
        'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
      );
      if (container !== undefined) container.streams = streams;
    });
    this.#server.listen(socket);
  }

  /** As when a server died in the middle of a run. */
  leaveBehind(id: string, untilSeconds: number): void {
    const spec = { Image: 'bash:5', Entrypoint: [], Cmd: [], Env: [], HostConfig: {} };
    const labels = { Labels: { 'coderoom.until': String(untilSeconds) } };
    this.containers.set(id, { spec: { ...spec, ...labels }, folder: '', exit: Promise.withResolvers(), code: 0 });
  }

  async close(): Promise<void> {
    for (const { child } of this.containers.values()) kill(child);
    for (const { streams } of this.containers.values()) streams?.destroy();
    for (const streams of this.#unheard) streams.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #containerOf(url: string): Container | undefined {
    return this.containers.get(/\/containers\/(\w+)/.exec(url)?.[1] ?? '');
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const url = request.url ?? '';
    const send = (status: number, body?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    if (this.broken?.test(url)) return send(500, { message: 'broken for this test' });
    if (url.startsWith('/v1.41/images/json'))
      return send(
        200,
        this.images.map((tag) => ({ RepoTags: [tag] })),
      );
    if (url.startsWith('/v1.41/containers/json')) {
      return send(
        200,
        Array.from(this.containers, ([Id, { spec }]) => ({ Id, Labels: spec.Labels })),
      );
    }
    if (/^\/v1.41\/containers\/create\??$/.test(url))
      return send(201, { Id: this.#create(JSON.parse(text) as Spec), Warnings: [] });
    const container = this.#containerOf(url);
    if (container === undefined) return send(404, { message: 'No such container' });
    await this.#act(`${request.method} ${/\/containers\/\w+(?:\/(\w+))?/.exec(url)?.[1] ?? ''}`, container, send);
    if (request.method === 'DELETE') this.containers.delete(/\/containers\/(\w+)/.exec(url)![1]!);
  }

  async #act(what: string, container: Container, send: (status: number, body?: unknown) => void): Promise<void> {
    switch (what) {
      case 'POST start':
        this.#start(container);
        return send(204);
      case 'POST wait':
        await container.exit.promise;
        if (!this.mute) send(200, { StatusCode: container.code });
        return;
      case 'POST kill':
        if (!this.stubborn) kill(container.child);
        return send(204);
      case 'GET json':
        return send(200, {
          State: { Running: container.code < 0, ExitCode: container.code, OOMKilled: this.outOfMemory },
        });
      case 'GET stats':
        return send(200, {
          cpu_stats: { cpu_usage: { total_usage: this.usage.cpuNs } },
          memory_stats: { usage: this.usage.bytes },
        });
      default:
        kill(container.child);
        container.streams?.destroy();
        return send(204);
    }
  }

  #create(spec: Spec): string {
    const id = `c${++this.#lastId}`;
    this.specs.push(spec);
    const folder = mkdtempSync(path.join(this.#folder, 'work-'));
    this.containers.set(id, { spec, folder, exit: Promise.withResolvers(), code: -1 });
    return id;
  }

  #start(container: Container): void {
    const { spec, folder, streams } = container;
    const [command = '', ...args] = [...spec.Entrypoint, ...spec.Cmd].map((word) => word.replaceAll('/work', folder));
    const env = Object.fromEntries(
      spec.Env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, detached: true });
    container.child = child;
    for (const [number, output] of [
      [1, child.stdout],
      [2, child.stderr],
    ] as const) {
      output.on('data', (chunk: Buffer) => {
        const header = Buffer.from([number, 0, 0, 0, 0, 0, 0, 0]);
        header.writeUInt32BE(chunk.length, 4);
        streams?.write(Buffer.concat([header, chunk]));
      });
    }
    child.stdin.on('error', () => {});
    streams?.pipe(child.stdin);
    child.on('close', (code) => {
      container.code = code ?? 137;
      container.exit.resolve(container.code);
      streams?.end();
    });
  }
}

function kill(child: ChildProcess | undefined): void {
  try {
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
