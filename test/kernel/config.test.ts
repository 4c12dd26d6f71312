// Settings: each one's default, what it takes, and what it refuses, named without its value.
import { describe, expect, test } from '@jest/globals';
import { type Config, readConfig, SETTINGS } from '../../src/config.ts';

const NAMES = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];

const KEY = `${'secret/'.repeat(6)}A=`;

/** For every setting: its default, [as written, as read] that are taken, and values that are refused. */
const EXPECTED: { [N in keyof typeof SETTINGS]: { is: unknown; takes: [string, unknown][]; refuses: string[] } } = {
  HOST: { is: '127.0.0.1', takes: [['0.0.0.0', '0.0.0.0']], refuses: [] },
  PORT: {
    is: 3000,
    takes: [
      ['0', 0],
      ['65535', 65535],
    ],
    refuses: ['-1', '65536', '80.5', 'secret'],
  },
  DATA_DIR: { is: './data', takes: [['/var/lib/x', '/var/lib/x']], refuses: [] },
  CACHE_DIR: { is: undefined, takes: [['/var/cache/x', '/var/cache/x']], refuses: [] },
  DATABASE_URL: {
    is: undefined,
    takes: [['postgres://u:p@h:5432/d?sslmode=require', 'postgres://u:p@h:5432/d?sslmode=require']],
    refuses: ['secret', 'mysql://user:secret@host/db', 'http://secret', '/secret'],
  },
  DATABASE_POOL: { is: 10, takes: [['2', 2]], refuses: ['1', '201', 'many-secrets'] },
  LOG_LEVEL: { is: 'info', takes: [['debug', 'debug']], refuses: ['secret', 'INFO'] },
  ALLOWED_ORIGINS: {
    is: [],
    takes: [
      ['https://a.example, http://b.example:81', ['https://a.example', 'http://b.example:81']],
      ['https://A.example/,https://a.example:443', ['https://a.example', 'https://a.example']],
      ['*', ['*']],
      [' , ', []],
    ],
    refuses: ['secret', 'https://a.example,secret', 'file:///secret', 'https://a.example/secret', '*.secret.example'],
  },
  TRUST_PROXY: { is: 0, takes: [['2', 2]], refuses: ['-1', '11', 'secret', 'true'] },
  RATE_LIMIT_FACTOR: {
    is: 1,
    takes: [
      ['0', 0],
      ['0.5', 0.5],
    ],
    refuses: ['-1', '1001', 'secret', 'Infinity', 'NaN'],
  },
  SECRET_KEYS: {
    is: undefined,
    takes: [[`1:${KEY},2:${KEY}`, `1:${KEY},2:${KEY}`]],
    refuses: ['secret', `${KEY}`, `1:secret`, `1:${KEY},`, `x:${KEY}`],
  },
  PUBLIC_URL: {
    is: undefined,
    takes: [['https://code.example.org', 'https://code.example.org']],
    refuses: ['secret', 'ftp://secret', '/secret'],
  },
  SMTP_URL: {
    is: undefined,
    takes: [['smtps://u:p@h:465', 'smtps://u:p@h:465']],
    refuses: ['secret', 'http://user:secret@host', 'h:25'],
  },
  REDIS_URL: {
    is: undefined,
    takes: [['redis://host:6379/1', 'redis://host:6379/1']],
    refuses: ['secret', 'http://user:secret@host'],
  },
  MAIL_FROM: { is: 'Coderoom <coderoom@localhost>', takes: [['a@b', 'a@b']], refuses: ['x'] },
  SMS_WEBHOOK_URL: {
    is: undefined,
    takes: [['https://sms.example/send', 'https://sms.example/send']],
    refuses: ['secret', 'ftp://secret'],
  },
  SMS_WEBHOOK_SECRET: { is: undefined, takes: [['0123456789abcdef', '0123456789abcdef']], refuses: ['secret'] },
  SMS_PER_HOUR: { is: 500, takes: [['20', 20]], refuses: ['0', '-1', '1.5', 'many', '1000001'] },
  SANDBOX_WARM: { is: 2, takes: [['0', 0]], refuses: ['17', '-1', '1.5', 'secret'] },
  SANDBOX_IDLE_MINUTES: { is: 10, takes: [['0.5', 0.5]], refuses: ['0', '1441', 'secret'] },
  SANDBOX_CONTAINERS: {
    is: undefined,
    takes: [
      ['unix:///run/x.sock', 'unix:///run/x.sock'],
      ['tcp://127.0.0.1:2375', 'tcp://127.0.0.1:2375'],
      ['1', '1'],
    ],
    refuses: ['secret', 'yes', 'http://secret', '/secret.sock'],
  },
  SANDBOX_LOCAL: {
    is: undefined,
    takes: [['python3,node', ['python3', 'node']]],
    refuses: ['python3, node', '/bin/secret', 'secret;', 'python3,'],
  },
  SANDBOX_ONE_SHOT: {
    is: false,
    takes: [
      ['1', true],
      ['true', true],
      ['0', false],
      ['false', false],
    ],
    refuses: ['yes', 'secret'],
  },
};

describe.each(NAMES)('%s', (name) => {
  const { is, takes, refuses } = EXPECTED[name];

  test('has its default when it is not set, or empty', () => {
    expect(readConfig({})[name]).toEqual(is);
    expect(readConfig({ [name]: '' })[name]).toEqual(is);
  });

  test('takes what it should', () => {
    for (const [written, value] of takes) expect(readConfig({ [name]: written })[name]).toEqual(value);
  });

  test('refuses the rest by name, without the value', () => {
    for (const value of refuses) {
      let message = '';
      try {
        readConfig({ [name]: value });
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain(`  ${name}`);
      expect(message).not.toContain('secret');
    }
  });

  test('has a line for the README', () => {
    expect(SETTINGS[name].help.length).toBeGreaterThan(10);
  });
});

test('all that is wrong is said at once', () => {
  const wrong = (): Config => readConfig({ PORT: 'x', LOG_LEVEL: 'x', SANDBOX_WARM: 'x' });
  expect(wrong).toThrow(/PORT.*\n.*LOG_LEVEL.*\n.*SANDBOX_WARM/);
});

test('the configuration cannot be changed, and other variables do not matter', () => {
  const config = readConfig({ PATH: '/bin', npm_config_port: 'x' });
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.keys(config).sort()).toEqual(NAMES.filter((name) => EXPECTED[name].is !== undefined).sort());
});
