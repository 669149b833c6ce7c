// The page: one worker a run, its output as it comes, standard input from a line, and Stop.

import { Streams } from "./streams.js";

const SHOWN_LIMIT = 200_000; // characters of output that are kept

const element = Object.fromEntries(["program", "run", "stop", "state", "output", "input", "line", "end"]
  .map((id) => [id, document.getElementById(id)]));
const encoder = new TextEncoder();
let modules = {}; // compiled once, by the first run
let current = null;

class Run {
  constructor(program) {
    this.streams = new Streams();
    this.started = performance.now();
    this.decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    this.pending = []; // output that waits for the next frame
    this.typed = []; // input that waits for room
    this.worker = new Worker("worker.js", { type: "module" });
    this.worker.onmessage = ({ data }) => this.#heard(data);
    this.worker.onerror = ({ message }) => this.finish(`failed: ${message}`);
    this.worker.postMessage({ streams: this.streams.shared, args: ["python", "-u", "-c", program], modules });
  }

  #heard({ stream, bytes, modules: compiled, code, error }) {
    if (bytes) {
      if (this.pending.length === 0) {
        requestAnimationFrame(() => this.#show());
      }
      this.pending.push({ stream, bytes });
    } else if (compiled) {
      modules = compiled;
    } else {
      this.finish(error ? `failed: ${error}` : `ended with code ${code}`);
    }
  }

  #show() {
    for (const { stream, bytes } of this.pending.splice(0)) {
      output.add(stream, this.decoders[stream].decode(bytes, { stream: true }));
      this.streams.seen(bytes.length);
    }
    output.show();
    this.#pass();
  }

  /** Hands over the input that there is room for. */
  #pass() {
    while (this.typed.length > 0) {
      const taken = this.streams.offer(this.typed[0]);
      if (taken < this.typed[0].length) {
        this.typed[0] = this.typed[0].subarray(taken);
        setTimeout(() => this.#pass(), 50);
        return;
      }
      this.typed.shift();
    }
    if (this.ended) {
      this.streams.close();
    }
  }

  type(text) {
    this.typed.push(encoder.encode(text));
    this.#pass();
  }

  endInput() {
    this.ended = true;
    this.#pass();
  }

  finish(text) {
    this.worker.terminate();
    this.#show();
    current = null;
    state(`${text} after ${((performance.now() - this.started) / 1000).toFixed(2)} s`);
  }
}

/** What a program wrote: the last SHOWN_LIMIT characters of it. */
const output = {
  waiting: [],
  shown: [],
  length: 0,

  add(stream, text) {
    const last = this.waiting.at(-1);
    if (last?.stream === stream) {
      last.text += text;
    } else {
      this.waiting.push({ stream, text });
    }
  },

  show() {
    const box = element.output;
    const follow = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    for (const { stream, text } of this.waiting.splice(0)) {
      const span = document.createElement("span");
      span.className = stream;
      span.textContent = text.slice(-SHOWN_LIMIT);
      this.shown.push({ span, length: span.textContent.length });
      this.length += span.textContent.length;
      box.append(span);
    }
    while (this.length > SHOWN_LIMIT && this.shown.length > 1) {
      const { span, length } = this.shown.shift();
      this.length -= length;
      span.remove();
    }
    if (follow) {
      box.scrollTop = box.scrollHeight;
    }
  },

  clear() {
    this.waiting = [];
    this.shown = [];
    this.length = 0;
    element.output.replaceChildren();
  },
};

function state(text) {
  element.state.textContent = text;
  element.run.disabled = current !== null;
  element.stop.disabled = current === null;
}

element.run.onclick = () => {
  output.clear();
  current = new Run(element.program.value);
  state("running");
};
element.stop.onclick = () => current?.finish("stopped");
element.end.onclick = () => current?.endInput();
element.input.onsubmit = (event) => {
  event.preventDefault();
  if (current) {
    output.add("stdout", element.line.value + "\n");
    output.show();
    current.type(element.line.value + "\n");
    element.line.value = "";
  }
};

if (crossOriginIsolated) {
  state("ready");
} else {
  element.run.disabled = true;
  element.state.textContent = "This page has to be served with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.";
}
