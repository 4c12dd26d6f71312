// The whole contract in one place: every command, socket call and event by name.
import * as accounts from './accounts.ts';
import * as administration from './administration.ts';
import * as audit from './audit.ts';
import * as bots from './bots.ts';
import * as documents from './documents.ts';
import * as emails from './emails.ts';
import * as environments from './environments.ts';
import * as files from './files.ts';
import * as identity from './identity.ts';
import * as languages from './languages.ts';
import * as members from './members.ts';
import * as ownData from './own-data.ts';
import * as permissions from './permissions.ts';
import * as phones from './phones.ts';
import * as preferences from './preferences.ts';
import * as profile from './profile.ts';
import * as rooms from './rooms.ts';
import * as runStatistics from './run-statistics.ts';
import * as runs from './runs.ts';
import * as sessions from './sessions.ts';
import * as tests from './tests.ts';

/** Raised with every change of a declared schema; a test holds the hash that belongs to it. */
export const PROTOCOL_VERSION = 1;

export const commands = {
  'guest.create': identity.guestCreate,
  'me.get': profile.meGet,
  'me.update': profile.meUpdate,
  'country.list': profile.countryList,
  'preferences.get': preferences.preferencesGet,
  'preferences.set': preferences.preferencesSet,
  'persona.list': preferences.personaList,
  'bot.create': bots.botCreate,
  'bot.list': bots.botList,
  'bot.delete': bots.botDelete,
  'token.create': bots.tokenCreate,
  'token.list': bots.tokenList,
  'token.revoke': bots.tokenRevoke,
  'account.register': accounts.accountRegister,
  'account.upgrade': accounts.accountUpgrade,
  'account.login': accounts.accountLogin,
  'account.get': accounts.accountGet,
  'account.changePassword': accounts.accountChangePassword,
  'email.change': emails.emailChange,
  'email.sendAgain': emails.emailSendAgain,
  'email.verify': emails.emailVerify,
  'password.forgotten': emails.passwordForgotten,
  'password.reset': emails.passwordReset,
  'account.logout': sessions.accountLogout,
  'account.logoutEverywhere': sessions.accountLogoutEverywhere,
  'session.refresh': sessions.sessionRefresh,
  'session.list': sessions.sessionList,
  'session.revoke': sessions.sessionRevoke,
  'room.create': rooms.roomCreate,
  'room.list': rooms.roomList,
  'room.join': rooms.roomJoin,
  'room.get': rooms.roomGet,
  'room.leave': rooms.roomLeave,
  'room.close': rooms.roomClose,
  'room.reopen': rooms.roomReopen,
  'room.update': rooms.roomUpdate,
  'room.rotateCode': rooms.roomRotateCode,
  'room.handOver': rooms.roomHandOver,
  'participant.admit': members.participantAdmit,
  'participant.invite': members.participantInvite,
  'participant.setRole': members.participantSetRole,
  'participant.remove': members.participantRemove,
  'participant.ban': members.participantBan,
  'participant.unban': members.participantUnban,
  'participant.bans': members.participantBans,
  'permission.set': permissions.permissionSet,
  'permission.remove': permissions.permissionRemove,
  'permission.list': permissions.permissionList,
  'file.create': files.fileCreate,
  'file.list': files.fileList,
  'file.rename': files.fileRename,
  'file.delete': files.fileDelete,
  'file.content': files.fileContent,
  'file.write': files.fileWrite,
  'file.versions': files.fileVersions,
  'version.content': files.versionContent,
  'version.restore': files.versionRestore,
  'run.start': runs.runStart,
  'run.repeat': runs.runRepeat,
  'run.input': runs.runInput,
  'run.cancel': runs.runCancel,
  'run.get': runs.runGet,
  'run.list': runs.runList,
  'run.test': tests.runTest,
  'run.statistics': runStatistics.runStatistics,
  'run.load': runStatistics.runLoad,
  'test.list': tests.testList,
  'test.save': tests.testSave,
  'test.remove': tests.testRemove,
  'environment.list': environments.environmentList,
  'environment.create': environments.environmentCreate,
  'environment.change': environments.environmentChange,
  'environment.retire': environments.environmentRetire,
  'environment.choices': environments.environmentChoices,
  'environment.choose': environments.environmentChoose,
  'language.list': languages.languageList,
  'phone.requestCode': phones.phoneRequestCode,
  'phone.verifyCode': phones.phoneVerifyCode,
  'phone.attach': phones.phoneAttach,
  'phone.get': phones.phoneGet,
  'phone.remove': phones.phoneRemove,
  'me.export': ownData.meExport,
  'me.erase': ownData.meErase,
  'user.list': administration.userList,
  'user.change': administration.userChange,
  'audit.list': audit.auditList,
  'security.list': audit.securityList,
} as const;

export const socketCalls = {
  'doc.open': documents.docOpen,
  'doc.more': documents.docMore,
  'doc.update': documents.docUpdate,
  'doc.awareness': documents.docAwareness,
  'doc.close': documents.docClose,
} as const;

export const events = {
  'doc.update': documents.docUpdated,
  'doc.awareness': documents.docAwarenessChanged,
  'doc.access': documents.docAccess,
  'doc.saved': documents.docSaved,
  'doc.closed': documents.docClosed,
  'me.changed': profile.meChanged,
  'preferences.changed': preferences.preferencesChanged,
  'participant.joined': members.participantJoined,
  'participant.left': members.participantLeft,
  'participant.changed': members.participantChanged,
  'participant.removed': members.participantRemoved,
  'permission.changed': permissions.permissionChanged,
  'room.knocked': rooms.roomKnocked,
  'room.invited': members.roomInvited,
  'room.changed': rooms.roomChanged,
  'room.closed': rooms.roomClosed,
  'session.ended': identity.sessionEnded,
  'server.draining': rooms.serverDraining,
  'file.created': files.fileCreated,
  'file.renamed': files.fileRenamed,
  'file.deleted': files.fileDeleted,
  'run.queued': runs.runQueued,
  'run.started': runs.runStarted,
  'run.output': runs.runOutputEvent,
  'run.waiting': runs.runWaiting,
  'run.tested': runs.runTested,
  'run.finished': runs.runFinished,
  'run.saved': runs.runSaved,
  'test.saved': tests.testSaved,
  'test.removed': tests.testRemoved,
} as const;

export type Commands = typeof commands;
export type CommandName = keyof Commands;
export type SocketCalls = typeof socketCalls;
export type SocketCallName = keyof SocketCalls;
export type Events = typeof events;
export type EventName = keyof Events;

/** What a caller gives a command (defaults may be left out). */
export type CommandInput<N extends CommandName> = import('zod').input<Commands[N]['input']>;
/** What a command answers. */
export type CommandOutput<N extends CommandName> = import('zod').output<Commands[N]['output']>;
export type EventPayload<N extends EventName> = import('zod').output<Events[N]['payload']>;
