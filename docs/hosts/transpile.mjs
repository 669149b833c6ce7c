// Makes JavaScript and core modules of pylon.wasm, for Node and for browsers:
//
//     node transpile.mjs pylon.wasm FOLDER           FOLDER/pylon.js and FOLDER/*.wasm, which node.mjs runs
//     node transpile.mjs --page pylon.wasm FOLDER    the page of browser/, ready to be served (serve.mjs)

import { transpile } from "@bytecodealliance/jco-transpile";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const words = process.argv.slice(2);
const page = words[0] === "--page";
const [component, folder] = words.slice(page ? 1 : 0);
if (!component || !folder) {
  console.error("usage: node transpile.mjs [--page] pylon.wasm FOLDER");
  process.exit(2);
}

const modules = page ? join(folder, "pylon") : folder;
const { files } = await transpile(component, { name: "pylon", instantiation: "async", minify: true, emitTypescriptDeclarations: false });
await mkdir(modules, { recursive: true });
for (const [name, bytes] of Object.entries(files)) {
  await writeFile(join(modules, name), bytes);
}
await writeFile(join(modules, "package.json"), '{ "type": "module" }\n');

if (page) {
  const shim = dirname(fileURLToPath(import.meta.resolve("@bytecodealliance/preview2-shim")));
  await cp(join(shim, "..", "browser"), join(folder, "preview2-shim"), { recursive: true });
  await cp(join(dirname(fileURLToPath(import.meta.url)), "browser"), folder, { recursive: true });
}
