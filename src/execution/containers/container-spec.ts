// What a container of one run is made of. Its program comes in variables, packed: a container whose root is read-only
// takes no files from outside, and its input belongs to the program.
import { gzipSync } from 'node:zlib';
import type Docker from 'dockerode';
import type { Work } from '../active-run.ts';
import { packFiles } from './archive.ts';
import type { ContainerLanguage } from './languages.ts';

/** The label that says until when a container may live (seconds since 1970): whoever finds it later removes it. */
export const UNTIL_LABEL = 'coderoom.until';

const PIDS = 128;
const CPUS = 1;
const WORK_BYTES = 128 * 1024 * 1024; // compilers need room
const PIECE_CHARS = 100_000; // Linux takes 128 kB in one variable
const NOBODY = '65534:65534';

/** Unpacks the program and becomes it: nothing of the packing is left in its environment. */
const START = [
  'cd /work',
  'i=0',
  '{ while [ $i -lt "$CODEROOM_PARTS" ]; do eval "printf %s \\"\\$CODEROOM_PART_$i\\""; i=$((i+1)); done; } | base64 -d | tar xz',
  'i=0; while [ $i -lt "$CODEROOM_PARTS" ]; do unset "CODEROOM_PART_$i"; i=$((i+1)); done; unset CODEROOM_PARTS i',
];

export interface ContainerWish {
  readonly work: Work;
  readonly language: ContainerLanguage;
  readonly image: string;
  readonly memoryBytes: number;
  /** Seconds since 1970. */
  readonly until: number;
}

/** The body of `POST /containers/create`. */
export async function containerSpec(wish: ContainerWish): Promise<Docker.ContainerCreateOptions> {
  const { work, language, image, memoryBytes, until } = wish;
  const packed = gzipSync(await packFiles(work.files)).toString('base64');
  const pieces = packed.match(new RegExp(`.{1,${PIECE_CHARS}}`, 'g')) ?? [];
  const env = {
    ...work.env,
    HOME: '/work',
    ENTRY: work.entry.replace(/^\/+/, ''),
    CODEROOM_PARTS: String(pieces.length),
    ...Object.fromEntries(pieces.map((piece, index) => [`CODEROOM_PART_${index}`, piece])),
  };
  return {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', [...START, language.command].join('\n'), 'program'],
    Cmd: [...work.args],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    User: NOBODY,
    WorkingDir: '/',
    Labels: { [UNTIL_LABEL]: String(until) },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      Memory: memoryBytes,
      MemorySwap: memoryBytes, // the same: no swap
      NanoCpus: CPUS * 1e9,
      PidsLimit: PIDS,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: {
        '/work': `rw,exec,nosuid,nodev,mode=1777,size=${WORK_BYTES}`,
        '/tmp': 'rw,nosuid,nodev,mode=1777,size=16m',
      },
      LogConfig: { Type: 'none', Config: {} },
      Ulimits: [
        { Name: 'nofile', Soft: 256, Hard: 256 },
        // Of the user on the whole machine; named because an engine's own number may be above what the system allows it.
        { Name: 'nproc', Soft: 4096, Hard: 4096 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
    },
  };
}
