// The client for browsers, bots and tests. Start with `createGuest` for a token, or sign in, then `connect`.
export type { ErrorCode } from '../protocol/errors.ts';
export type { User } from '../protocol/identity.ts';
export type { Role } from '../protocol/ids.ts';
export type {
  CommandInput,
  CommandName,
  CommandOutput,
  EventName,
  EventPayload,
} from '../protocol/index.ts';
export type { Ban } from '../protocol/members.ts';
export type { PathRight, PathRule, Permission } from '../protocol/permissions.ts';
export type * from './api.ts';
export { connect } from './client.ts';
export { type ClientErrorCode, CoderoomError } from './errors.ts';
export { createGuest } from './guests.ts';
export { forgotPassword, resetPassword, verifyEmail } from './links.ts';
export type { GivenRole, RoomManagement, RoomSettings, RuleInput } from './management.ts';

export {
  beGuest,
  type CodeOptions,
  logIn,
  logInByCode,
  type NewAccount,
  register,
  requestCode,
  resume,
  type SignIn,
  type SignInOptions,
} from './sign-in.ts';
export type { TokenSource } from './token-source.ts';
