import fc from 'fast-check';

/**
 * The same runs each time, so that a change is tried on what the one before was tried on. Another seed tries
 * others: `FAST_CHECK_SEED=7 npx vitest run test/properties`. A failure prints its seed and path.
 */
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_260_105) });
