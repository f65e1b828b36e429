// Preloaded into the program (node --import): gives it clocks of its own, so that a midnight can be had at any time of day,
// and ten minutes in ten seconds. Nothing else of the program is touched.
import { performance } from 'node:perf_hooks';

const { CLOCK_AHEAD_MILLISECONDS = 0, CLOCK_SPEED = 1, CLOCK_ORIGIN_MILLISECONDS = 0 } = process.env;
/** How many times as fast as on the machine time passes; timers as well. */
const speed = Number(CLOCK_SPEED);
/** When the machine's clock and this one agree, but for how far this one is ahead. */
const origin = Number(CLOCK_ORIGIN_MILLISECONDS);
let ahead = Number(CLOCK_AHEAD_MILLISECONDS);

const machine = Date.now;
const now = () => origin + (machine() - origin) * speed + ahead;

globalThis.Date = class extends Date {
  constructor(...date) {
    if (date.length === 0) super(now());
    else super(...date);
  }

  static now() {
    return now();
  }
};

if (speed !== 1) {
  const elapsed = performance.now.bind(performance);
  performance.now = () => elapsed() * speed;
  for (const name of ['setTimeout', 'setInterval']) {
    const set = globalThis[name];
    globalThis[name] = (callback, milliseconds = 0, ...values) =>
      set(callback, milliseconds / speed, ...values);
  }
}

// Whoever has started the program as its child can move its date on.
process.on('message', (milliseconds) => {
  ahead += milliseconds;
  process.send?.('moved');
});
process.channel?.unref();
