/** BL7xxx: what a caller asks of a backend and this version, or this machine, cannot give. */
import { defineDiagnostic } from './diagnostic.ts';

export const absentBackend = defineDiagnostic<{ asked: string; present: readonly string[]; suggestion?: string | undefined }>(
  {
    code: 'BL7001',
    slug: 'absent-backend',
    severity: 'error',
    explain: `\`--backend\` names what computes. A backend that is absent is an error and never replaced silently by another one, because a
result says on which backend it was computed. Leave the flag out to take the default.`,
    example: 'bilevel gradient page.bilevel --backend tfjs',
  },
  {
    message: ({ asked, present }) =>
      `the backend \`${asked}\` is not in this version; there is ${present.map((p) => `\`${p}\``).join(', ')}`,
    hints: ({ present, suggestion }) => [
      suggestion === undefined ? `leave out --backend, or write --backend ${present[0] ?? ''}` : `did you mean \`${suggestion}\`?`,
    ],
  },
);

export const absentPrecision = defineDiagnostic<{ asked: string; backend: string; present: readonly string[] }>(
  {
    code: 'BL7002',
    slug: 'absent-precision',
    severity: 'error',
    explain: `\`--precision\` names the floating-point numbers that are computed with. A backend that lacks a precision says so; it does not
compute in another one. float64 is the default.`,
    example: 'bilevel gradient page.bilevel --precision f32',
  },
  {
    message: ({ asked, backend, present }) =>
      `the backend \`${backend}\` does not compute in \`${asked}\`; it has ${present.map((p) => `\`${p}\``).join(', ')}`,
    hints: ({ present }) => [`leave out --precision, or write --precision ${present[0] ?? ''}`],
  },
);
