// From the files of a run to its end: compiles the entry as a script or a module, runs it, waits, shows its value.
// Compiling happens on this process's own thread: it is over in a moment, and handing it to the isolate's and back costs
// a millisecond of every run. Should a text keep the compiler busy for long, the server ends the process.
import type ivm from 'isolated-vm';
import type { RunFrame } from './ipc.ts';
import type { RunEnd } from './run-report.ts';
import type { Session } from './session.ts';
import type { SourceTree } from './source-tree.ts';

/** Runs the entry to its end, timers included. Rejects with what the program, V8 or an import threw. */
export async function execute(session: Session, tree: SourceTree, frame: RunFrame): Promise<RunEnd> {
  const { args, env, limits } = frame;
  const some = args.length + Object.keys(env).length > 0;
  if (some) await session.call('begin', [JSON.stringify(args), JSON.stringify(env)]);
  const script = tree.entryIsModule ? undefined : compiledScript(session, tree);
  const value = script === undefined ? await runModule(session, tree) : await runScript(session, script);
  const text = value === undefined ? '' : await session.call('show', [value.derefInto(), limits.resultChars]);
  const heap = session.isolate.getHeapStatisticsSync();
  return { value: String(text), heapBytes: heap.used_heap_size + heap.externally_allocated_size };
}

async function runScript(session: Session, script: ivm.Script): Promise<ivm.Reference> {
  const value = await script.run(session.context, { timeout: session.left, reference: true });
  await session.idle();
  return value as ivm.Reference;
}

/** Undefined when the text is not a script; then it is a module or it is wrong, and the module says how. */
function compiledScript(session: Session, tree: SourceTree): ivm.Script | undefined {
  try {
    return session.isolate.compileScriptSync(tree.code(tree.entry), { filename: tree.entry });
  } catch (error) {
    if (error instanceof Error && error.name === 'SyntaxError') return undefined;
    throw error;
  }
}

/**
 * isolated-vm drops the promise of a module's evaluation. So a module around the entry says when that has ended:
 * its own bindings cannot be read before.
 */
async function runModule(session: Session, tree: SourceTree): Promise<ivm.Reference | undefined> {
  const modules = compiledModules(session, tree);
  const around = session.isolate.compileModuleSync(
    `import * as entry from 'entry'; export const done = true; export const value = entry.default;`,
    { filename: 'coderoom:entry' },
  );
  const paths = new Map(Array.from(modules, ([path, module]) => [module, path]));
  try {
    around.instantiateSync(session.context, (specifier, importer) => {
      const from = paths.get(importer);
      return modules.get(from === undefined ? tree.entry : tree.resolve(specifier, from))!;
    });
  } catch (error) {
    const imports = new Map(Array.from(modules, ([path, module]) => [path, module.dependencySpecifiers]));
    throw tree.missingExport(error as Error, imports);
  }
  await around.evaluate({ timeout: session.left });
  await session.idle();
  const { namespace } = around;
  const done = await namespace.get('done', { reference: true }).catch(() => undefined);
  if (done === undefined) throw new Error('top-level await never ends: nothing is left that could resolve its promise');
  return (await namespace.get('value', { reference: true })) as ivm.Reference;
}

function compiledModules(session: Session, tree: SourceTree): Map<string, ivm.Module> {
  const modules = new Map<string, ivm.Module>();
  const wanted = [tree.entry];
  for (const path of wanted) {
    if (modules.has(path)) continue;
    const module = session.isolate.compileModuleSync(tree.code(path), { filename: path });
    modules.set(path, module);
    for (const specifier of module.dependencySpecifiers) wanted.push(tree.resolve(specifier, path));
  }
  return modules;
}
