import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Imported before a server's own program: a message asks how long the event loop was held at the most since the
 * last one (ms).
 */
const RESOLUTION = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
delay.enable();
process.on('message', () => {
  // What is measured is the time from one look to the next, which are `RESOLUTION` apart at the least.
  const longestHold = Math.max(0, delay.max / 1e6 - RESOLUTION);
  delay.reset();
  process.send?.({ longestHold });
});
process.channel?.unref();
