// What the owner of a room does with it and its people. Everything holds for the next frame of every open connection.
import type { Ban } from '../protocol/members.ts';
import type { PathRule, Permission } from '../protocol/permissions.ts';
import type { Participant, Room as RoomInfo } from '../protocol/rooms.ts';

export type GivenRole = Exclude<Participant['role'], 'owner'>;
export type RoomSettings = Pick<Partial<RoomInfo>, 'name' | 'visibility' | 'maxParticipants'>;

/** Rights that a rule leaves out stay as they are. */
export type RuleInput = Pick<PathRule, 'path'> & Partial<Pick<PathRule, 'allow' | 'deny'>>;

/** All of it is refused to others than the owner: CoderoomError `forbidden`. */
export interface RoomManagement {
  /** Makes somebody a member by user name. @throws CoderoomError `not_found`, `conflict` (banned) */
  invite(username: string, role?: GivenRole): Promise<Participant>;

  /** Lets somebody in who knocked (event `room.knocked`). @throws CoderoomError `not_found`, `conflict` (banned) */
  admit(userId: string, role?: GivenRole): Promise<Participant>;

  /** @throws CoderoomError `not_found`, `conflict` (the owner) */
  setRole(userId: string, role: GivenRole): Promise<Participant>;

  /** Takes somebody out, who may come back by the code. @throws CoderoomError `not_found`, `conflict` (the owner) */
  remove(userId: string): Promise<void>;

  /** Takes somebody out for good, with their bots. @throws CoderoomError `not_found`, `conflict` (the owner) */
  ban(userId: string): Promise<void>;

  /** @throws CoderoomError `not_found` */
  unban(userId: string): Promise<void>;

  /** Who is banned, the last one first: all of them. */
  bans(): Promise<Ban[]>;

  /** Makes another member the owner; one is a collaborator from then on. @throws CoderoomError `not_found`, `conflict` */
  handOver(userId: string): Promise<RoomInfo>;

  /** Changes what is given. */
  update(settings: RoomSettings): Promise<RoomInfo>;

  /** Another code: the one before leads nowhere, members stay. @returns the room with the new one */
  rotateCode(): Promise<RoomInfo>;

  /** Sends everybody out and keeps the contents; `client.reopen` opens it again. */
  close(): Promise<void>;

  /** All rules by path, those for everybody first. */
  permissions(): Promise<Permission[]>;

  /**
   * Gives somebody rules by path instead of those they have.
   * @param userId null for everybody
   * @throws CoderoomError `not_found`, `conflict` (the owner), `limit_exceeded`
   */
  setPermission(userId: string | null, rules: readonly RuleInput[]): Promise<Permission>;

  /** The role decides again. @throws CoderoomError `not_found` */
  removePermission(userId: string | null): Promise<void>;
}
