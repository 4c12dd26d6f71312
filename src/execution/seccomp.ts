// A seccomp filter as the kernel takes it (classic BPF): system calls that a sandbox has no use for fail with EPERM.
// It comes on top of everything else. What the filter does not know is allowed, so that another Node.js still starts.
import { endianness } from 'node:os';

/** What is refused, with its number on each architecture. Left out are `execve`, which starts the sandbox, and `clone`. */
const REFUSED: readonly (readonly [name: string, x64: number, arm64: number])[] = [
  // Network: the pipe to the server is open already.
  ['socket', 41, 198],
  ['connect', 42, 203],
  ['bind', 49, 200],
  ['listen', 50, 201],
  ['accept', 43, 202],
  ['accept4', 288, 242],
  // Other processes.
  ['ptrace', 101, 117],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['pidfd_open', 434, 434],
  ['pidfd_getfd', 438, 438],
  ['kcmp', 312, 272],
  // Mounts, roots, namespaces.
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['pivot_root', 155, 41],
  ['chroot', 161, 51],
  ['setns', 308, 268],
  ['unshare', 272, 97],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['open_by_handle_at', 304, 265],
  ['name_to_handle_at', 303, 264],
  // Parts of the kernel that have had many holes.
  ['bpf', 321, 280],
  ['perf_event_open', 298, 241],
  ['userfaultfd', 323, 282],
  ['io_uring_setup', 425, 425],
  ['io_uring_enter', 426, 426],
  ['io_uring_register', 427, 427],
  ['keyctl', 250, 219],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['kexec_load', 246, 104],
  ['init_module', 175, 105],
  ['finit_module', 313, 273],
  ['delete_module', 176, 106],
  ['personality', 135, 92],
];

const AUDIT_ARCH: Readonly<Record<string, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** x86-64 has its calls a second time from here on, for programs with 32-bit pointers. */
const X32_BIT = 0x40000000;

const LOAD = 0x20; // the 32-bit word at this offset of struct seccomp_data
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const RETURN = 0x06;
const NUMBER_AT = 0;
const ARCH_AT = 4;

const ALLOW = 0x7fff0000;
const REFUSE = 0x00050001; // with EPERM
const KILL = 0x80000000;

/**
 * The filter for a machine, as `bwrap --seccomp` reads it: instructions of 8 bytes.
 * @param arch as Node.js names it
 * @returns undefined for an architecture whose numbers are not known here
 */
export function seccompFilter(arch: string): Buffer | undefined {
  const audit = AUDIT_ARCH[arch];
  if (audit === undefined || endianness() !== 'LE') return undefined;
  const numbers = REFUSED.map(([, x64, arm64]) => (arch === 'x64' ? x64 : arm64));
  return Buffer.concat([
    instruction(LOAD, ARCH_AT),
    instruction(IF_EQUAL, audit, { yes: 1 }),
    instruction(RETURN, KILL),
    instruction(LOAD, NUMBER_AT),
    instruction(IF_AT_LEAST, X32_BIT, { no: 1 }),
    instruction(RETURN, REFUSE),
    // Each jumps to the last instruction when it is that call.
    ...numbers.map((number, index) => instruction(IF_EQUAL, number, { yes: numbers.length - index })),
    instruction(RETURN, ALLOW),
    instruction(RETURN, REFUSE),
  ]);
}

/** `yes` and `no`: how many instructions to leave out then. */
function instruction(code: number, value: number, { yes = 0, no = 0 } = {}): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes[2] = yes;
  bytes[3] = no;
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
