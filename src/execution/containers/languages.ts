// Languages that run in a container, by image. What is not in the engine's own catalogue and has its image here can run.
import type { Language } from '../languages/catalog.ts';

/** `command` runs with /work as its folder, where the files are; `$ENTRY` is the path of the entry. */
export interface ContainerLanguage extends Language {
  readonly image: string;
  readonly command: string;
  /** Added to the wall clock and CPU limits for the compiler, in ms. */
  readonly compileMs: number;
}

const script = (
  id: string,
  name: string,
  more: Omit<ContainerLanguage, 'id' | 'name' | 'compileMs'>,
): ContainerLanguage => ({
  id,
  name,
  compileMs: 0,
  ...more,
});

const COMPILE_MS = 20_000; // Go and Rust start from an empty cache each time

export const CONTAINER_LANGUAGES: readonly ContainerLanguage[] = [
  script('ruby', 'Ruby', { extensions: ['.rb'], image: 'ruby:3-slim', command: 'exec ruby "$ENTRY" "$@"' }),
  script('php', 'PHP', { extensions: ['.php'], image: 'php:8-cli', command: 'exec php "$ENTRY" "$@"' }),
  script('perl', 'Perl', { extensions: ['.pl'], image: 'perl:5-slim', command: 'exec perl "$ENTRY" "$@"' }),
  script('lua', 'Lua', { extensions: ['.lua'], image: 'nickblah/lua:5', command: 'exec lua "$ENTRY" "$@"' }),
  script('bash', 'Bash', { extensions: ['.sh'], image: 'bash:5', command: 'exec bash "$ENTRY" "$@"' }),
  {
    id: 'go',
    name: 'Go',
    extensions: ['.go'],
    image: 'golang:1',
    command:
      'GOCACHE=/work/.cache GOPATH=/work/.go GOFLAGS=-mod=mod go build -o /work/.main "$ENTRY" && exec /work/.main "$@"',
    compileMs: COMPILE_MS,
  },
  {
    id: 'rust',
    name: 'Rust',
    extensions: ['.rs'],
    image: 'rust:1-slim',
    command: 'rustc -o /work/.main "$ENTRY" && exec /work/.main "$@"',
    compileMs: COMPILE_MS,
  },
  {
    id: 'java',
    name: 'Java',
    extensions: ['.java'],
    image: 'eclipse-temurin:21',
    command: 'exec java "$ENTRY" "$@"',
    compileMs: COMPILE_MS,
  },
  {
    id: 'c',
    name: 'C',
    extensions: ['.c'],
    image: 'gcc:14',
    command: 'gcc -O1 -o /work/.main "$ENTRY" -lm && exec /work/.main "$@"',
    compileMs: COMPILE_MS,
  },
  {
    id: 'cpp',
    name: 'C++',
    extensions: ['.cpp', '.cc'],
    image: 'gcc:14',
    command: 'g++ -O1 -o /work/.main "$ENTRY" && exec /work/.main "$@"',
    compileMs: COMPILE_MS,
  },
];

/** Node goes by the ending, and a snippet has none. */
const TYPESCRIPT =
  'case "$ENTRY" in *.*) ;; *) cp "$ENTRY" "$ENTRY.ts"; ENTRY="$ENTRY.ts" ;; esac; exec node "$ENTRY" "$@"';

/** Languages of the sandbox, for whoever names an image to run them in instead. */
export const SANDBOX_LANGUAGES_BOXED: readonly ContainerLanguage[] = [
  script('javascript', 'JavaScript', {
    extensions: ['.js'],
    image: 'node:24-slim',
    command: 'exec node "$ENTRY" "$@"',
  }),
  script('typescript', 'TypeScript', { extensions: ['.ts'], image: 'node:24-slim', command: TYPESCRIPT }),
  script('python', 'Python', { extensions: ['.py'], image: 'python:3.14-slim', command: 'exec python3 "$ENTRY" "$@"' }),
];
