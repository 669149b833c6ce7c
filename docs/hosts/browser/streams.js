// What the page and the worker share: a ring of bytes for standard input, and counters to wait on.

const RING = 1 << 16; // a power of two: the counts of bytes may wrap
const UNSEEN_LIMIT = 1 << 18; // bytes of output that a program may be ahead of the page

// Indices of the counters.
const CHANGES = 0; // of standard input: what the worker sleeps on
const READ = 1;
const WRITTEN = 2;
const CLOSED = 3;
const UNSEEN = 4;

export class Streams {
  constructor(shared = { counters: new SharedArrayBuffer(5 * 4), ring: new SharedArrayBuffer(RING) }) {
    this.shared = shared;
    this.counters = new Int32Array(shared.counters);
    this.ring = new Uint8Array(shared.ring);
  }

  // The page's side.

  /** Hands bytes to standard input; how many it took. */
  offer(bytes) {
    const written = this.counters[WRITTEN];
    const taken = Math.min(bytes.length, RING - ((written - Atomics.load(this.counters, READ)) | 0));
    for (let i = 0; i < taken; ++i) {
      this.ring[(written + i) & (RING - 1)] = bytes[i];
    }
    Atomics.store(this.counters, WRITTEN, written + taken);
    this.#changed();
    return taken;
  }

  close() {
    Atomics.store(this.counters, CLOSED, 1);
    this.#changed();
  }

  /** Output that the page has shown. */
  seen(count) {
    Atomics.sub(this.counters, UNSEEN, count);
    Atomics.notify(this.counters, UNSEEN);
  }

  // The worker's side.

  /** True if reading would not wait. */
  readable() {
    return this.#waiting() > 0 || Atomics.load(this.counters, CLOSED) === 1;
  }

  /** At most `length` bytes, none at the end; waits for them. */
  read(length) {
    this.sleep(() => this.readable());
    const start = this.counters[READ];
    const bytes = new Uint8Array(Math.min(length, this.#waiting()));
    for (let i = 0; i < bytes.length; ++i) {
      bytes[i] = this.ring[(start + i) & (RING - 1)];
    }
    Atomics.store(this.counters, READ, start + bytes.length);
    return bytes;
  }

  /** Waits until `done()`, which standard input may change, or until `deadline` on performance.now()'s clock. */
  sleep(done, deadline = Infinity) {
    for (;;) {
      const changes = Atomics.load(this.counters, CHANGES);
      const left = deadline - performance.now();
      if (done() || left <= 0) {
        return;
      }
      Atomics.wait(this.counters, CHANGES, changes, left);
    }
  }

  /** Counts output on its way to the page; waits while the page is behind. */
  sent(count) {
    for (let unseen = Atomics.add(this.counters, UNSEEN, count) + count; unseen > UNSEEN_LIMIT;
         unseen = Atomics.load(this.counters, UNSEEN)) {
      Atomics.wait(this.counters, UNSEEN, unseen);
    }
  }

  #waiting() {
    return (Atomics.load(this.counters, WRITTEN) - this.counters[READ]) | 0;
  }

  #changed() {
    Atomics.add(this.counters, CHANGES, 1);
    Atomics.notify(this.counters, CHANGES);
  }
}
