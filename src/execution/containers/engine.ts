// The way to a Docker-compatible engine (Podman is one), by dockerode. It is loaded where an operator has turned containers
// on: with its parts for building images it costs 20 MB.
import type Docker from 'dockerode';

/** Fixed, so that a newer engine answers as it did: Docker 20.10, Podman 3. */
const VERSION = 'v1.41';

/** An engine that has not answered by then does not, in ms. */
const ANSWER_MS = 10_000;

/** The address is none. The message is for the operator. */
export class EngineAddressError extends Error {}

/** Gives a call up that has no answer in time. */
export function inTime(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(ANSWER_MS) };
}

/**
 * @param address `unix:///path` or `tcp://host:port`; `true` is the engine that DOCKER_HOST and its companions name, else
 * the one at the system's own socket
 * @throws EngineAddressError when it is none of these
 */
export async function openEngine(address: string | true): Promise<Docker> {
  const target = address === true ? {} : targetOf(address);
  const { default: Engine } = await import('dockerode');
  return new Engine({ ...target, version: VERSION });
}

function targetOf(address: string): Docker.DockerOptions {
  const url = URL.parse(address);
  if (url?.protocol === 'unix:') return { socketPath: url.pathname, protocol: 'http' };
  if (url?.protocol === 'tcp:') return { host: url.hostname, port: url.port || 2375, protocol: 'http' };
  throw new EngineAddressError('the address of the container engine is neither unix:// nor tcp://');
}
