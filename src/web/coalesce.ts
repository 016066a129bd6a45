/**
 * Runs a task one at a time, however many ask for it. Who asks while it runs shares the one run that starts
 * after it, so that every caller gets a run that began after the call, and never more than one waits.
 */
export function coalesce<Result>(task: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  let next: Promise<Result> | undefined;

  const start = (): Promise<Result> => {
    next = undefined;
    const run = task().finally(() => {
      if (running === run) running = undefined;
    });
    running = run;
    return run;
  };

  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}
