import fc from 'fast-check';

/**
 * A fixed seed, so that every run has the same inputs. For others: `FAST_CHECK_SEED=7 npx vitest run test/properties`.
 * A failure prints its seed and path.
 */
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_260_105) });
