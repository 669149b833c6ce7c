// WASI for one run in a worker: Bytecode Alliance's shim with streams that reach the page, and with waiting that waits.
// (The shim waits in promises; a worker can simply sleep.) Files are in memory and gone with the run; there is no network.

import { cli, clocks, filesystem, io, random, sockets } from "./preview2-shim/index.js";

/** The imports of pylon.js. `write(name, bytes)` gets what goes to "stdout" and "stderr". */
export function imports(streams, args, write) {
  const deadlines = new WeakMap(); // of those pollables that time makes ready

  const wait = (pollables) => {
    const deadline = Math.min(...pollables.map((pollable) => deadlines.get(pollable) ?? Infinity));
    streams.sleep(() => pollables.some((pollable) => pollable.ready()), deadline);
  };

  const after = (milliseconds) => {
    const deadline = performance.now() + milliseconds;
    const pollable = io.pollableCreate({ ready: () => performance.now() >= deadline });
    deadlines.set(pollable, deadline);
    return pollable;
  };

  io.poll.Pollable.prototype.block = function () {
    wait([this]);
  };

  const poll = (pollables) => {
    wait(pollables);
    return Uint32Array.from(pollables.keys()).filter((index) => pollables[index].ready());
  };

  const input = {
    read: (length) => (streams.readable() ? input.blockingRead(length) : new Uint8Array()),
    blockingRead: (length) => {
      const bytes = streams.read(Number(length));
      if (bytes.length === 0 && length > 0n) {
        throw { tag: "closed" };
      }
      return bytes;
    },
    subscribe: () => io.pollableCreate({ ready: () => streams.readable() }),
  };

  const commandLine = cli.createCli({
    arguments: args,
    stdin: input,
    stdout: { write: (bytes) => write("stdout", bytes) },
    stderr: { write: (bytes) => write("stderr", bytes) },
  });

  const files = filesystem.createFilesystem({ adapter: new filesystem.InMemoryFilesystemAdapter(), preopens: { "/": { dir: {} } } });

  return {
    "wasi:cli/environment": commandLine.environment,
    "wasi:cli/exit": commandLine.exit,
    "wasi:cli/stdin": commandLine.stdin,
    "wasi:cli/stdout": commandLine.stdout,
    "wasi:cli/stderr": commandLine.stderr,
    "wasi:cli/terminal-input": commandLine.terminalInput,
    "wasi:cli/terminal-output": commandLine.terminalOutput,
    "wasi:cli/terminal-stdin": commandLine.terminalStdin,
    "wasi:cli/terminal-stdout": commandLine.terminalStdout,
    "wasi:cli/terminal-stderr": commandLine.terminalStderr,
    "wasi:clocks/monotonic-clock": {
      ...clocks.monotonicClock,
      subscribeInstant: (instant) => after(Number(instant - clocks.monotonicClock.now()) / 1e6),
      subscribeDuration: (duration) => after(Number(duration) / 1e6),
    },
    "wasi:clocks/wall-clock": clocks.wallClock,
    "wasi:filesystem/preopens": files.preopens,
    "wasi:filesystem/types": files.types,
    "wasi:io/error": io.error,
    "wasi:io/poll": { Pollable: io.poll.Pollable, poll },
    "wasi:io/streams": io.streams,
    "wasi:random/insecure-seed": random.insecureSeed,
    "wasi:random/random": random.random,
    "wasi:sockets/instance-network": sockets.instanceNetwork,
    "wasi:sockets/ip-name-lookup": sockets.ipNameLookup,
    "wasi:sockets/network": sockets.network,
    "wasi:sockets/tcp": sockets.tcp,
    "wasi:sockets/tcp-create-socket": sockets.tcpCreateSocket,
    "wasi:sockets/udp": sockets.udp,
    "wasi:sockets/udp-create-socket": sockets.udpCreateSocket,
  };
}
