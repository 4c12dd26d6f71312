"""The Python side of a run: evaluated once, before the snapshot, as the module _coderoom.

`seal` takes away every way from Python to JavaScript, `run` runs the program of a room and tells how it ended. Nothing in
here keeps anybody in (the isolate and its process do): it makes what is not available fail with words that say so.
"""

import sys

# What programs import most, so that it costs them nothing.
import abc, argparse, array, ast, asyncio, base64, bisect, calendar, collections, contextlib, copy, csv, dataclasses
import datetime, decimal, enum, fractions, functools, hashlib, heapq, inspect, io, itertools, json, linecache, logging
import math, operator, os, pathlib, pprint, queue, random, re, secrets, shutil, socket, statistics, string, struct
import tempfile, textwrap, threading, time, traceback, types, typing, unittest, uuid
import asyncio.base_events, asyncio.events, atexit, builtins, concurrent.futures, gc, importlib, importlib.abc, signal
import subprocess

ROOM = "/room"
LIBRARY = f"/lib/python{sys.version_info.major}{sys.version_info.minor}.zip/"
DEVICE = "/dev/coderoom"

# What every Python has imported before a program begins: nobody's file goes before these.
STARTUP = {"os", "io", "abc", "codecs", "site", "stat", "posixpath", "genericpath", "encodings", "importlib", "zipimport"}

VALUE_SOURCE_CHARS = 65_536  # parsing to a tree is slow; nobody looks for the value of a longer program
STACK_CHARS = 3_800

# Ways to JavaScript and to machine code, and what Pyodide installs packages with.
REFUSED = {
    "js": "Python runs apart from any page",
    "pyodide_js": "Python runs apart from any page",
    "pyodide": "Python runs apart from any page",
    "_pyodide": "Python runs apart from any page",
    "_pyodide_core": "Python runs apart from any page",
    "micropip": "packages cannot be installed",
    "pip": "packages cannot be installed",
    "ctypes": "only Python code runs here",
    "_ctypes": "only Python code runs here",
    "_multiprocessing": "there are no processes",
    "curses": "there is no screen",
    "tkinter": "there is no screen",
    "turtle": "there is no screen",
}


class Refusing(importlib.abc.MetaPathFinder):
    """Answers for modules that there are on purpose not."""

    def find_spec(self, name, path=None, target=None):
        reason = REFUSED.get(name.partition(".")[0])
        if reason is not None:
            raise ModuleNotFoundError(f"No module named {name!r} here: {reason}", name=name)
        return None


class Environment(os._Environ):
    """The variables of the run's environment, which nobody can change."""

    def __init__(self, variables):
        code = lambda text: text.encode("utf-8", "surrogateescape")
        decode = lambda raw: raw.decode("utf-8", "surrogateescape")
        super().__init__({code(name): code(value) for name, value in variables.items()}, code, decode, code, decode)

    def _refuse(self, *_, **__):
        raise TypeError("the variables of a run's environment cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    setdefault = pop = popitem = clear = update = _refuse


def _no_socket(*_, **__):
    raise OSError("there is no network here: sockets are not available")


def _no_process(*_, **__):
    raise OSError("there are no processes here: no other program can be started")


def _no_thread(*_, **__):
    raise RuntimeError("there are no threads here: a run has one only")


class _Waiting:
    """The selector of an event loop that has nothing to wait for but time."""

    def __init__(self, sleep):
        self._sleep = sleep

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("the program waits for something that nothing can do any more")
        if timeout > 0:
            self._sleep(timeout)
        return []


class Loop(asyncio.base_events.BaseEventLoop):
    """An event loop with timers and callbacks: there is nothing else here."""

    def __init__(self):
        super().__init__()
        self._selector = _Waiting(time.sleep)
        self._clock_resolution = 0.001

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass

    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    async def shutdown_default_executor(self, timeout=None):
        pass


def _make_sleep(device):
    """time.sleep that uses no CPU time, and shows before it what was printed."""
    flush_all, write = _flush_all, os.write

    def sleep(seconds, /):
        if not isinstance(seconds, (int, float)):
            seconds = seconds.__index__() if hasattr(seconds, "__index__") else seconds.__float__()
        if seconds != seconds:
            raise ValueError("Invalid value NaN (not a number)")
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        flush_all()
        write(device, b"s%f" % (seconds * 1000))

    return sleep


def _flush_all(standard=(sys.__stdout__, sys.__stderr__)):
    for stream in (sys.stdout, sys.stderr, *standard):
        try:
            stream.flush()
        except Exception:
            pass


def seal():
    """Takes the ways to JavaScript away. Called once in every Python, before its program is known."""
    asyncio.run = sys.modules["pyodide.webloop"]._orig_run
    for name in [*sys.modules]:
        if name.partition(".")[0] in REFUSED:
            del sys.modules[name]
    keep = ("JsFinder", "WindowsToLinuxPathFinder")
    sys.meta_path[:] = [Refusing(), *(one for one in sys.meta_path if not _is_one(one, keep))]
    sys.displayhook, sys.excepthook = sys.__displayhook__, sys.__excepthook__
    del builtins.___EvalCodeResultException
    main = sys.modules["__main__"].__dict__
    for name in [*main]:
        if not name.startswith("__"):
            del main[name]
    main["_coderoom"] = sys.modules["_coderoom"]
    asyncio.events._set_running_loop(None)
    asyncio.events._event_loop_policy = Policy()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline=None)


def _is_one(finder, names):
    return type(finder).__name__ in names or getattr(finder, "__name__", "") in names


class Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    _loop_factory = Loop


def restrict():
    """What there is not in here says so. Called once, before the snapshot."""
    for name in ("socket", "create_connection", "create_server", "socketpair", "getaddrinfo", "gethostbyname"):
        old = getattr(socket, name)
        setattr(socket, name, type("socket", (old,), {"__init__": _no_socket}) if name == "socket" else _no_socket)
    for name in ("Popen", "run", "call", "check_call", "check_output", "getoutput", "getstatusoutput"):
        setattr(subprocess, name, _no_process)
    for name in ("system", "popen", "fork", "forkpty", "execv", "execve", "posix_spawn", "spawnv", "spawnve"):
        if hasattr(os, name):
            setattr(os, name, _no_process)
    threading._start_joinable_thread = threading._start_new_thread = _no_thread
    sys.dont_write_bytecode = True
    gc.collect()
    gc.freeze()


def run():
    """Runs the program that the device asks for, and tells its end there."""
    device = os.open(DEVICE, os.O_RDWR)
    parts = []
    while part := os.read(device, 1 << 20):
        parts.append(part)
    request = json.loads(b"".join(parts))
    tell, close, dumps = os.write, os.close, json.dumps
    time.sleep = _make_sleep(device)
    end = Program(request).end()
    tell(device, b"e" + dumps(end).encode("utf-8", "replace"))
    close(device)


class Program:
    """One program: `paths` leads from the files as Python names them to those that the room knows."""

    def __init__(self, request):
        self.entry = request["entry"]
        self.paths = request["paths"]
        self.value_chars = request["valueChars"]
        self.arguments = request["args"]
        self.variables = request["env"]
        self.describe = describe
        self.flush = _flush_all
        self.exit = atexit._run_exitfuncs

    def end(self):
        try:
            try:
                value = self.start()
            finally:
                self.exit()
                self.flush()
            return {"value": value}
        except SystemExit as error:
            return self.leave(error.code)
        except BaseException as error:
            return {"error": self.describe(error, self.paths)}

    def leave(self, code):
        """sys.exit: a text is printed, and counts as 1."""
        if code is None:
            return {"exit": 0}
        if isinstance(code, int):
            return {"exit": int(code) & 0xFF}
        try:
            print(code, file=sys.stderr)
            self.flush()
        except BaseException:
            pass
        return {"exit": 1}

    def start(self):
        folder = os.path.dirname(self.entry)
        sys.argv = [self.entry, *self.arguments]
        sys.path[:] = dict.fromkeys([folder, ROOM, *(one for one in sys.path if one)])
        os.environ = Environment(self.variables)
        os.chdir(ROOM)
        random.seed()
        logging._startTime = time.time_ns()
        for place in [one for one in sys.path_importer_cache if one.startswith(ROOM)]:
            del sys.path_importer_cache[place]
        self.shadow(folder)
        main = types.ModuleType("__main__")
        main.__dict__.update(__file__=self.entry, __builtins__=builtins, __spec__=None)
        package = os.path.relpath(folder, ROOM).split(os.sep)
        if folder != ROOM and all(part.isidentifier() for part in package):
            main.__package__ = ".".join(package)  # so that `from . import x` works in a program that is part of one
        sys.modules["__main__"] = main
        with open(self.entry, encoding="utf-8-sig") as file:
            source = file.read()
        code, last = compiled(source, self.entry)
        exec(code, main.__dict__)
        if last is None:
            return None
        value = eval(last, main.__dict__)
        return None if value is None else shown(value, self.value_chars)


    def shadow(self, folder):
        """A module of the room goes before one of the library that has been imported already, as it would in any Python."""
        for path in self.paths:
            place = next((one for one in (folder, ROOM) if path.startswith(one + "/")), ROOM)
            name = path[len(place) + 1 :].split("/")[0].removesuffix(".py")
            if path == self.entry or name in sys.builtin_module_names or name in STARTUP or name not in sys.modules:
                continue
            for known in [*sys.modules]:
                if known.partition(".")[0] == name:
                    del sys.modules[known]


def compiled(source, name):
    """The program, and its last expression by itself where it ends with one: its value is shown."""
    if len(source) > VALUE_SOURCE_CHARS:
        return compile(source, name, "exec", dont_inherit=True), None
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    alone = isinstance(last, ast.Expr) and not tree.body and isinstance(last.value, ast.Constant)
    if last is not None and alone and isinstance(last.value.value, str):
        tree.body.append(last)  # a program that is nothing but its description
        last = None
    code = compile(tree, name, "exec", dont_inherit=True)
    return code, None if last is None else compile(ast.Expression(last.value), name, "eval", dont_inherit=True)


def shown(value, most):
    text = repr(value)
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"


def describe(error, paths):
    """An error as the room reads it: kind, message, file, line, column, and the traceback with the room's own names."""
    try:
        return _describe(error, paths)
    except BaseException:
        return {"kind": "exception", "message": type(error).__name__}


def _describe(error, paths):
    told = traceback.TracebackException.from_exception(error, compact=True)
    message = "".join(told.format_exception_only()).strip()
    if isinstance(error, SyntaxError):
        message = f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SyntaxError) and error.filename in paths and not _frames(told, {error.filename}):
        where = {"file": paths[error.filename], "line": error.lineno or 1, "column": max(1, error.offset or 1)}
        return {"kind": "syntax", "message": message, **where}
    known = _frames(told, paths)
    _rename(told, paths, set())
    stack = "".join(told.format()).rstrip()
    if len(stack) > STACK_CHARS:
        stack = "…" + stack[-STACK_CHARS:]
    kind = "memory" if isinstance(error, MemoryError) else "exception"
    if isinstance(error, ModuleNotFoundError) and " here: " not in message:
        message += " (here are only the standard library and this room's own files)"
    return {"kind": kind, "message": message, "stack": stack, **(known[-1] if known else {})}


def _frames(told, paths):
    """The places in the room's own files, as they were before their names were changed."""
    return [_place(frame, paths) for frame in told.stack if frame.filename in paths]


def _place(frame, paths):
    line = linecache.getline(frame.filename, frame.lineno or 1).encode("utf-8", "replace")
    column = len(line[: frame.colno or 0].decode("utf-8", "replace")) + 1
    name = paths[frame.filename] if isinstance(paths, dict) else frame.filename
    return {"file": name, "line": frame.lineno or 1, "column": column}


def _rename(told, paths, seen):
    if told is None or id(told) in seen:
        return
    seen.add(id(told))
    told.stack[:] = [frame for frame in told.stack if frame.filename != __file__]
    for frame in told.stack:
        frame.filename = paths.get(frame.filename, frame.filename.removeprefix(LIBRARY))
    if getattr(told, "filename", None) in paths:
        told.filename = paths[told.filename]
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        _rename(other, paths, seen)
