// node test/bench/profile.ts <file.cpuprofile> [rows]: self time by package and by function.
import fs from 'node:fs';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const [file = '', rows = '25'] = process.argv.slice(2);
const profile = JSON.parse(fs.readFileSync(file, 'utf8')) as CpuProfile;
const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
const byPackage = new Map<string, number>();
const byFunction = new Map<string, number>();
let busy = 0;
let idle = 0;
profile.samples.forEach((sample, index) => {
  const micros = profile.timeDeltas[index] ?? 0;
  const frame = frames.get(sample);
  if (!frame || frame.functionName === '(idle)') {
    idle += micros;
    return;
  }
  busy += micros;
  const place = placeOf(frame.url) || frame.functionName;
  add(byPackage, place, micros);
  add(byFunction, `${frame.functionName || '(anonymous)'} ${place}:${frame.lineNumber + 1}`, micros);
});

/** The package of a file, or its own folder and name. */
function placeOf(url: string): string {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1];
  return name ?? (url.startsWith('node:') ? url : url.split('/').slice(-2).join('/'));
}

function add(to: Map<string, number>, key: string, micros: number): void {
  to.set(key, (to.get(key) ?? 0) + micros);
}

function show(title: string, shares: ReadonlyMap<string, number>): void {
  process.stdout.write(`-- by ${title}\n`);
  const sorted = [...shares].sort((a, b) => b[1] - a[1]).slice(0, Number(rows));
  for (const [key, micros] of sorted) {
    process.stdout.write(`${((micros / busy) * 100).toFixed(1).padStart(6)} %  ${key}\n`);
  }
}

process.stdout.write(`busy ${(busy / 1e6).toFixed(2)} s, idle ${(idle / 1e6).toFixed(2)} s\n`);
show('package', byPackage);
show('function', byFunction);
