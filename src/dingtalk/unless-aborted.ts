/**
 * What the promise becomes, or the signal's reason thrown, whichever comes first; no listener is left behind. For
 * work that does not hear the signal, or not at once: it goes on, and what becomes of it is of no interest.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
