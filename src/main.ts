#!/usr/bin/env node
import type { OnHangup } from './program.ts';

/**
 * SIGHUP asks for a reload, and ends a process that does not handle it. Loading the program takes longer than Node's
 * own start, so the handler is installed before.
 */
let reload: (() => void) | undefined;
let isReloadPending = false;

process.on('SIGHUP', () => {
  if (reload === undefined) isReloadPending = true;
  else reload();
});

/** From now on, and at once where a SIGHUP came before. */
const onHangup: OnHangup = (callback) => {
  reload = callback;
  if (isReloadPending) callback();
};

const { main } = await import('./program.ts');
process.exit(await main(onHangup));
