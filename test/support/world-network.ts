// The network of the world: two queues per connection, in which nothing moves unless the world says so.
import type { Replica } from './world-replica.ts';
import type { Session, ToClient, ToServer } from './world-session.ts';

/** Answers to an open, and the end of a socket, come once: the transports see to that by number. */
const CAN_COME_TWICE: readonly ToClient['kind'][] = ['update', 'awareness', 'bytes', 'answer', 'notice'];
/** Notices say how things are now; said again later they would be wrong. */
const CAN_COME_LATE: readonly ToClient['kind'][] = ['update', 'awareness', 'bytes', 'answer'];
/** How many messages a client has taken come late once more. */
const REMEMBERED = 32;

export class Connection {
  readonly toServer: ToServer[] = [];
  readonly toClient: ToClient[] = [];
  /** What the client took, and for which document. */
  readonly #taken: { readonly doc: Replica['doc']; readonly message: ToClient }[] = [];
  /** The client’s end; undefined once it has given the connection up. */
  replica: Replica | undefined;
  readonly session: Session;

  constructor(replica: Replica, openSession: (send: (message: ToClient) => void) => Session) {
    this.replica = replica;
    this.session = openSession((message) => this.replica && this.toClient.push(message));
  }

  get idle(): boolean {
    return this.toServer.length === 0 && this.toClient.length === 0;
  }

  deliverToServer(): void {
    const message = this.toServer.shift();
    if (message) this.session.receive(message);
  }

  deliverToClient(): void {
    const message = this.toClient.shift();
    const { replica } = this;
    if (!message || !replica) return;
    replica.receive(message);
    if (replica.phase !== 'open' || !CAN_COME_LATE.includes(message.kind)) return;
    this.#taken.push({ doc: replica.doc, message });
    if (this.#taken.length > REMEMBERED) this.#taken.shift();
  }

  /** A message on its way to the client comes twice. */
  duplicateToClient(choice: number): void {
    const at = choice % this.toClient.length;
    const message = this.toClient[at];
    if (message && CAN_COME_TWICE.includes(message.kind)) this.toClient.splice(at, 0, message);
  }

  /** What the client took some time ago. */
  takenBefore(choice: number): ToClient | undefined {
    const taken = this.#taken.filter(({ doc }) => doc === this.replica?.doc);
    return taken[choice % taken.length]?.message;
  }
}

export class Network {
  readonly connections = new Set<Connection>();

  get idle(): boolean {
    return [...this.connections].every((connection) => connection.idle);
  }

  of(replica: Replica): Connection | undefined {
    return [...this.connections].find((connection) => connection.replica === replica);
  }

  /** One message of one of the queues that are not empty. */
  deliver(choice: number): void {
    const queues = [...this.connections].flatMap((connection) => [
      ...(connection.toServer.length > 0 ? [() => connection.deliverToServer()] : []),
      ...(connection.toClient.length > 0 ? [() => connection.deliverToClient()] : []),
    ]);
    queues[choice % queues.length]?.();
  }

  /** Sends the newest message to the server once more, as a client does that heard no answer. */
  duplicate(connection: Connection): void {
    const last = connection.toServer.at(-1);
    if (last && last.kind !== 'open') connection.toServer.push(last);
  }

  /** The client gives up; the server has not noticed, and what is under way to it still arrives. */
  abandon(connection: Connection): void {
    const { replica } = connection;
    connection.replica = undefined;
    connection.toClient.length = 0;
    replica?.disconnected();
  }

  cut(connection: Connection): void {
    this.abandon(connection);
    connection.toServer.length = 0;
    this.connections.delete(connection);
    connection.session.close();
  }
}
