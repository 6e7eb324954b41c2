import { beforeAll, describe, expect, it } from 'vitest';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { gpujsOps, gpujsSubject } from '../backends/gpujs.ts';
import type { LibraryBackendName } from '../../plan/backends.ts';
describe.each((process.env['MODES'] ?? '').split(',') as LibraryBackendName[])('%s', (name) => {
  let subject: Subject;
  beforeAll(async () => void (subject = { ...(await gpujsSubject(name, (process.env['AWK'] ?? '0,1,7,33').split(',').map(Number))), smallest: 1.2e-38 }));
  it.each(gpujsOps)('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, subject);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  }, 60000);
});
