// One worker runs one Python: it is told { streams, args, modules } and tells
//   { modules }          the compiled modules, for the next worker
//   { stream, bytes }    what the program writes, as it comes
//   { code } or { error }  the end

import { instantiate } from "./pylon/pylon.js";
import { Streams } from "./streams.js";
import { imports } from "./wasi.js";

async function run({ streams: shared, args, modules }) {
  const streams = new Streams(shared);
  const write = (stream, bytes) => {
    const copy = bytes.slice();
    const count = copy.length;
    postMessage({ stream, bytes: copy }, [copy.buffer]);
    streams.sent(count);
  };
  const compiled = { ...modules };
  const compile = async (name) => {
    return (compiled[name] ??= await WebAssembly.compileStreaming(fetch(new URL(`pylon/${name}`, import.meta.url))));
  };
  const python = await instantiate(compile, imports(streams, args, write));
  postMessage({ modules: compiled });
  try {
    python.run.run();
    return 0;
  } catch (end) {
    if (end?.exitError) {
      return end.code;
    }
    throw end;
  }
}

addEventListener("message", ({ data }) => {
  run(data).then((code) => postMessage({ code }), (error) => postMessage({ error: String(error) }));
}, { once: true });
