// Which connections are in which room, by user. One seat per user, however many tabs.

export class Connections {
  /** room id → user id → connection ids. */
  readonly #rooms = new Map<string, Map<string, Set<string>>>();

  enter(roomId: string, userId: string, connectionId: string): void {
    let users = this.#rooms.get(roomId);
    if (!users) {
      users = new Map();
      this.#rooms.set(roomId, users);
    }
    const connections = users.get(userId);
    if (connections) connections.add(connectionId);
    else users.set(userId, new Set([connectionId]));
  }

  exit(roomId: string, userId: string, connectionId: string): void {
    const users = this.#rooms.get(roomId);
    const connections = users?.get(userId);
    if (!users || !connections?.delete(connectionId)) return;
    if (connections.size === 0) users.delete(userId);
    if (users.size === 0) this.#rooms.delete(roomId);
  }

  /** Connections that a user has in a room. */
  count(roomId: string, userId: string): number {
    return this.#rooms.get(roomId)?.get(userId)?.size ?? 0;
  }

  /** Whether this connection of the user is in the room. */
  has(roomId: string, userId: string, connectionId: string): boolean {
    return this.#rooms.get(roomId)?.get(userId)?.has(connectionId) ?? false;
  }

  /** Rooms with somebody in them. */
  get roomCount(): number {
    return this.#rooms.size;
  }
}
