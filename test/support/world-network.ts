// The network of the world: two queues per connection, in which nothing moves unless the world says so.
import type { Replica } from './world-replica.ts';
import type { Session, ToClient, ToServer } from './world-session.ts';

export class Connection {
  readonly toServer: ToServer[] = [];
  readonly toClient: ToClient[] = [];
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
    if (message) this.replica?.receive(message);
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
