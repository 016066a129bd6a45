#!/usr/bin/env node
import type { OnHangup } from './program.ts';

/** SIGHUP reloads, and ends a process without a handler, so the handler is installed before the program is loaded. */
let reload: (() => void) | undefined;
let isReloadPending = false;

process.on('SIGHUP', () => {
  if (reload === undefined) isReloadPending = true;
  else reload();
});

/** Calls back at each SIGHUP, and now if one came before. */
const onHangup: OnHangup = (callback) => {
  reload = callback;
  if (isReloadPending) callback();
};

const { main } = await import('./program.ts');
process.exit(await main(onHangup));
