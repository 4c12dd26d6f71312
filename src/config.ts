// The configuration: read once from the environment, checked, frozen. The table in the README is made from `SETTINGS`.
import path from 'node:path';
import { z } from 'zod';

const flag = z
  .enum(['0', '1', 'true', 'false'])
  .default('0')
  .transform((value) => value === '1' || value === 'true');

/** As browsers send it: lower case, without a slash at the end or the port that goes without saying. */
const origin = z
  .url({ protocol: /^https?$/ })
  .refine((address) => isOrigin(URL.parse(address)), 'is more than scheme, host and port')
  .transform((address) => new URL(address).origin);

const isOrigin = (url: URL | null): boolean => url?.href === `${url?.origin}/`;

const origins = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.union([z.literal('*'), origin])));

const secretKeys = z.string().regex(/^\d{1,5}:[A-Za-z0-9+/]{43}=(,\d{1,5}:[A-Za-z0-9+/]{43}=)*$/);

/** Every setting: its schema with the default, and what the README says of it. */
export const SETTINGS = {
  HOST: { schema: z.string().min(1).default('127.0.0.1'), help: 'Address to listen on; `0.0.0.0` for all.' },
  PORT: { schema: z.coerce.number().int().min(0).max(65535).default(3000), help: 'Port to listen on.' },
  DATA_DIR: {
    schema: z.string().min(1).default('./data'),
    help: 'Folder of the embedded PostgreSQL. One server at a time owns it.',
  },
  CACHE_DIR: {
    schema: z.string().min(1).optional(),
    help: 'Folder for what can be made again: the memory of a started Python, 31 MB. Empty: `cache` in `DATA_DIR`.',
  },
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    help: 'A PostgreSQL (15 or newer) of your own: `postgres://user:password@host/database`. Empty: the embedded one.',
  },
  DATABASE_POOL: {
    schema: z.coerce.number().int().min(2).max(200).default(10),
    help: 'Connections to the database; up to half as many more for the server’s own work.',
  },
  REDIS_URL: {
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
    help: 'A Redis (7 or newer) in which several servers count their rate limits together: `redis://user:password@host:6379`. Empty: each counts for itself.',
  },
  LOG_LEVEL: {
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
    help: 'How much is logged, as JSON lines on standard output.',
  },
  ALLOWED_ORIGINS: {
    schema: origins,
    help: 'Origins of other sites whose pages may connect, separated by commas; `*` for any. The own page always may.',
  },
  TRUST_PROXY: {
    schema: z.coerce.number().int().min(0).max(10).default(0),
    help: 'Number of reverse proxies in front; their `X-Forwarded-For` is believed.',
  },
  RATE_LIMIT_FACTOR: {
    schema: z.coerce.number().min(0).max(1000).default(1),
    help: 'Multiplies all rate limits; 0 turns them off.',
  },
  SECRET_KEYS: {
    schema: secretKeys.optional(),
    help: 'Keys that secrets are sealed with: `1:` and 32 bytes in base64; to change it add `,2:…`. Empty: one is made in `DATA_DIR` beside the embedded PostgreSQL; with one of your own no secrets can be kept.',
  },
  PUBLIC_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    help: 'Address under which people reach the server, for links in e-mails: `https://code.example.org`. Empty: this machine and `PORT`.',
  },
  SMTP_URL: {
    schema: z.url({ protocol: /^smtps?$/ }).optional(),
    help: 'Server that takes e-mails: `smtps://user:password@host:465`, or `smtp://…:587` (STARTTLS). Empty: they are written to the log.',
  },
  MAIL_FROM: {
    schema: z.string().min(3).max(320).default('Coderoom <coderoom@localhost>'),
    help: 'Sender of e-mails.',
  },
  SMS_WEBHOOK_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    help: 'Address that text messages are posted to, to be sent on: `{id, to, text}` as JSON. Empty: they are written to the log.',
  },
  SMS_WEBHOOK_SECRET: {
    schema: z.string().min(16).optional(),
    help: 'What these are signed with: header `x-coderoom-signature: t=SECONDS,v1=HEX`, HMAC-SHA-256 of `SECONDS.BODY`.',
  },
  SMS_PER_HOUR: {
    schema: z.coerce.number().int().min(1).max(1_000_000).default(500),
    help: 'Text messages that are sent in an hour at most, to everybody together: what a flood of requests can cost.',
  },
  SANDBOX_WARM: {
    schema: z.coerce.number().int().min(0).max(16).default(2),
    help: 'Sandbox processes kept ready; more, up to 6, while there is much to do. `0`: none.',
  },
  SANDBOX_IDLE_MINUTES: {
    schema: z.coerce.number().min(0.01).max(1440).default(10),
    help: 'After so many minutes without need the sandbox processes above the usual number are ended, and Python.',
  },
  SANDBOX_CONTAINERS: {
    schema: z.union([z.literal('1'), z.url({ protocol: /^(unix|tcp)$/ })]).optional(),
    help: 'A Docker-compatible engine for more languages: its address, as `unix:///run/podman/podman.sock`, or `1` for the one that `DOCKER_HOST` names, else the one at the system’s own socket. Whoever may use that owns the machine: give the server one of its own (rootless Podman). Languages whose image is there can run; none is fetched.',
  },
  SANDBOX_LOCAL: {
    schema: z
      .string()
      .regex(/^[a-z0-9]+(,[a-z0-9]+)*$/)
      .transform((names) => names.split(','))
      .optional(),
    help: 'Interpreters of this machine that may run code, in bubblewrap, which has to be installed: some of `python3,node,ruby,php,perl,lua,bash`. They come before the sandbox’s own Python and JavaScript.',
  },
  SANDBOX_ONE_SHOT: { schema: flag, help: '`1`: every run gets a process of its own that ends with it.' },
} as const satisfies Record<string, { schema: z.ZodType; help: string }>;

const schema = z.object(
  Object.fromEntries(Object.entries(SETTINGS).map(([name, { schema }]) => [name, schema])) as {
    [N in keyof typeof SETTINGS]: (typeof SETTINGS)[N]['schema'];
  },
);

export type Config = Readonly<z.output<typeof schema>>;

/**
 * Reads the configuration.
 * @param environment usually `process.env`; an empty value counts as not set
 * @throws Error that names every setting that is wrong, without its value
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The configuration is not valid:\n${problems.join('\n')}`);
}

/** What the execution engine is opened with. */
export function engineSettings(config: Config) {
  const { SANDBOX_ONE_SHOT, SANDBOX_WARM, SANDBOX_CONTAINERS, SANDBOX_LOCAL, CACHE_DIR, DATA_DIR } = config;
  const coolMs = config.SANDBOX_IDLE_MINUTES * 60_000;
  const engine = SANDBOX_CONTAINERS === '1' ? (true as const) : SANDBOX_CONTAINERS;
  const containers = engine === undefined ? {} : { containers: engine };
  const local = SANDBOX_LOCAL === undefined ? {} : { local: SANDBOX_LOCAL };
  const cacheFolder = CACHE_DIR ?? path.join(DATA_DIR, 'cache');
  const pools = { pool: { warm: SANDBOX_WARM, coolMs }, pythonPool: { coolMs } };
  return { oneShot: SANDBOX_ONE_SHOT, ...pools, cacheFolder, ...containers, ...local };
}

/** The address that links in letters begin with. */
export function publicUrl({ PUBLIC_URL, PORT }: Config): string {
  return PUBLIC_URL ?? `http://localhost:${PORT}`;
}

/** What the way for letters is opened with. */
export function mailSettings({ SMTP_URL, MAIL_FROM }: Config) {
  return { smtpUrl: SMTP_URL, from: MAIL_FROM };
}

/** What the way for text messages is opened with. @throws Error when they could not be signed */
export function smsSettings({ SMS_WEBHOOK_URL, SMS_WEBHOOK_SECRET, SMS_PER_HOUR }: Config) {
  if (SMS_WEBHOOK_URL !== undefined && SMS_WEBHOOK_SECRET === undefined) {
    throw new Error('The configuration is not valid:\n  SMS_WEBHOOK_SECRET: is needed with SMS_WEBHOOK_URL');
  }
  return { webhookUrl: SMS_WEBHOOK_URL, secret: SMS_WEBHOOK_SECRET, perHour: SMS_PER_HOUR };
}
