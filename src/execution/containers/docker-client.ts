// The few calls of the Docker Engine API that runs need, over its socket. Podman answers them too. Written here because
// the libraries bring a builder of images and gRPC along; a run needs seven calls.
import http from 'node:http';
import type { Duplex } from 'node:stream';

/** Fixed, so that a newer engine answers as it did: Docker 20.10, Podman 3. */
const VERSION = '/v1.41';

/** Answers are small; the list of images of a large machine is the longest. */
const MOST_BYTES = 8 * 1024 * 1024;
const ANSWER_MS = 10_000;

/** The engine said no, or something that is no answer. `status` is HTTP's, 0 when it did not answer. */
export class DockerError extends Error {
  readonly status: number;

  constructor(message: string, status = 0) {
    super(message);
    this.status = status;
  }
}

export interface DockerCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds to wait for the answer; 10 s when left out, 0 is for ever. */
  readonly timeoutMs?: number;
}

export class DockerClient {
  readonly #target: Pick<http.RequestOptions, 'socketPath' | 'host' | 'port'>;

  /**
   * @param address `unix:///path` or `tcp://host:port`, as in DOCKER_HOST
   * @throws DockerError when it is neither
   */
  constructor(address: string) {
    const url = URL.parse(address);
    if (url?.protocol === 'unix:') this.#target = { socketPath: url.pathname };
    else if (url?.protocol === 'tcp:') this.#target = { host: url.hostname, port: url.port || 2375 };
    else throw new DockerError('the address of the container engine is neither unix:// nor tcp://');
  }

  /** Asks, and gives the JSON of the answer; undefined when it is empty. @throws DockerError */
  async call({ method, path, body, timeoutMs = ANSWER_MS }: DockerCall): Promise<unknown> {
    const response = await this.#send({ method, path, body, timeoutMs }).response;
    const text = await textOf(response);
    const { statusCode = 0 } = response;
    if (statusCode >= 400) throw new DockerError(messageIn(text), statusCode);
    return text.trim() === '' ? undefined : parse(text);
  }

  /** Opens the streams of a container: what is written is its input, what comes are frames of `StreamReader`. */
  async attach(id: string): Promise<Duplex> {
    const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`;
    const headers = { connection: 'Upgrade', upgrade: 'tcp' };
    const { request, response } = this.#send({ method: 'POST', path, headers });
    const upgraded = new Promise<Duplex>((resolve) => {
      request.once('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
    });
    const refused = response.then(async (answer) => {
      throw new DockerError(`no streams: ${messageIn(await textOf(answer))}`, answer.statusCode ?? 0);
    });
    return Promise.race([upgraded, refused]);
  }

  #send({ method, path, body, timeoutMs = 0, headers = {} }: DockerCall & { headers?: http.OutgoingHttpHeaders }) {
    const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const typed = json === undefined ? {} : { 'content-type': 'application/json', 'content-length': json.length };
    const options = { ...this.#target, method, path: VERSION + path, headers: { ...typed, ...headers }, agent: false };
    const request = http.request(options);
    const response = new Promise<http.IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', (error) => reject(new DockerError(error.message)));
      if (timeoutMs > 0) request.setTimeout(timeoutMs, () => request.destroy(new Error('no answer in time')));
    });
    response.catch(() => {}); // who attaches may never look at it
    request.end(json);
    return { request, response };
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MOST_BYTES) throw new DockerError('answer of the container engine is too long');
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DockerError('answer of the container engine is not JSON');
  }
}

function messageIn(text: string): string {
  const found = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? 'refused';
  return found.slice(0, 300);
}

const HEADER_BYTES = 8;
const MOST_FRAME = 16 * 1024 * 1024; // an engine sends what the program wrote at once, tens of kB

/** Takes the stream of an attached container apart: 1 byte stream, 3 of nothing, 4 length, then that much output. */
export class StreamReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws DockerError when it is not that */
  push(chunk: Buffer): (readonly [stream: 'stdout' | 'stderr', bytes: Buffer])[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const found: [stream: 'stdout' | 'stderr', bytes: Buffer][] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const stream = this.#rest[0]!;
      const size = this.#rest.readUInt32BE(4);
      if (stream > 2 || size > MOST_FRAME) throw new DockerError('streams of a container are garbled');
      if (this.#rest.length < HEADER_BYTES + size) break;
      found.push([stream === 2 ? 'stderr' : 'stdout', this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + size)]);
      this.#rest = this.#rest.subarray(HEADER_BYTES + size);
    }
    return found;
  }
}
