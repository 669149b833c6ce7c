// Runs what transpile.mjs made of pylon.wasm:
//
//     node node.mjs FOLDER [--dir=HOST[::GUEST]]... [--env=NAME=VALUE]... [ARGUMENT]...
//
// Options end at the first word that is neither --dir nor --env; it and the others are Python's arguments.

import { cli, filesystem } from "@bytecodealliance/preview2-shim";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";
import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isatty } from "node:tty";
import { pathToFileURL } from "node:url";

const [folder, ...words] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node node.mjs FOLDER [--dir=HOST[::GUEST]]... [--env=NAME=VALUE]... [ARGUMENT]...");
  process.exit(2);
}
const made = pathToFileURL(resolve(folder) + "/");

const preopens = {}, env = {};
for (let option; (option = /^--(dir|env)=(.*)$/s.exec(words[0] ?? "")); words.shift()) {
  const [, kind, value] = option;
  const [first, ...rest] = value.split(kind === "dir" ? "::" : "=");
  if (kind === "dir") {
    const guest = rest[0] ?? first;
    preopens[guest === "." ? "/" : guest] = first;
  } else {
    env[first] = rest.join("=");
  }
}
cli._setCwd("/"); // as the other hosts say

// Three things that the shim (0.26) does otherwise in Node than other hosts do.

/** Its standard output goes through a worker that an exit cuts off. This writes before it returns. */
function direct(stream, descriptor) {
  const write = (bytes) => {
    for (let done = 0; done < bytes.length;) {
      try {
        done += writeSync(descriptor, bytes, done);
      } catch (error) {
        if (error.code !== "EAGAIN") {
          throw { tag: "closed" };
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
  };
  Object.assign(stream, { checkWrite: () => 1n << 16n, write, blockingWriteAndFlush: write, flush() {}, blockingFlush() {} });
}
direct(cli.stdout.getStdout(), 1);
direct(cli.stderr.getStderr(), 2);

/** It takes every stream for a terminal. */
["Stdin", "Stdout", "Stderr"].forEach((name, descriptor) => {
  if (!isatty(descriptor)) {
    cli[`_setTerminal${name}`](undefined);
  }
});

/** It refuses a flag with which C libraries open files to write. */
const { Descriptor } = filesystem.types;
const { openAt } = Descriptor.prototype;
Descriptor.prototype.openAt = function (pathFlags, path, openFlags, flags) {
  return openAt.call(this, pathFlags, path, openFlags, { ...flags, mutateDirectory: false });
};

const wasi = new WASIShim({ sandbox: { preopens, env, args: ["python", ...words], enableNetwork: false } });
const { instantiate } = await import(new URL("pylon.js", made));
const compile = async (name) => WebAssembly.compile(await readFile(new URL(name, made)));
const python = await instantiate(compile, wasi.getImportObject());
python.run.run(); // an exit code ends the process
