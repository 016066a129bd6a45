import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Keeps the space for new objects as small as it is now. V8 would double it under load up to 32 MB, and give
 * none of it back; what a scrape or a poll leaves behind fits into little.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Collects all garbage at once and gives the memory back to the system. A large configuration leaves its parser's
 * tree behind, spread among what stays, and V8 would keep those pages for as long as the process lives. It holds
 * the event loop for some milliseconds for each ten megabytes that are in use.
 */
export function compactHeap(): void {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--compact-on-every-full-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  setFlagsFromString('--no-compact-on-every-full-gc');
  setFlagsFromString('--no-expose-gc');
}
