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
    example: 'bilevel gradient page.bilevel --backend reference --precision f32',
  },
  {
    message: ({ asked, backend, present }) =>
      `the backend \`${backend}\` does not compute in \`${asked}\`; it has ${present.map((p) => `\`${p}\``).join(', ')}`,
    hints: ({ present }) => [`leave out --precision, or write --precision ${present[0] ?? ''}`],
  },
);

export const doesNotFit = defineDiagnostic<{
  bytes: number;
  /** What the backend can address; absent where the machine refused less. */
  limit?: number | undefined;
  /** Why the machine refused, in its words. */
  refusal?: string | undefined;
  largest: readonly { readonly what: string; readonly bytes: number }[];
}>(
  {
    code: 'BL7003',
    slug: 'does-not-fit',
    severity: 'error',
    explain: `The backend \`wasm\` places every buffer before anything runs, so it knows what a problem needs at the sizes of its data. Its memory
has addresses of 32 bits: 4 GiB, and often a machine or a browser gives less. \`bilevel plan\` shows what is needed, and the largest buffers.

What helps: float32, which halves it; a strategy or an inner solver without a matrix as large as the square of the params (\`lbfgs\` for
\`newton\`, \`implicit(solver = cg)\` for \`closed_form\`); checkpoints or fewer steps where it is the steps of a recipe that are kept; fewer rows.`,
    example: 'bilevel run page.bilevel --backend wasm --data X=too-large.npy',
  },
  {
    message: ({ bytes, limit, refusal, largest }) =>
      `this needs ${bytesText(bytes)} of memory, and ${limit === undefined ? `the machine gives less${refusal === undefined ? '' : ` (${refusal})`}` : `the backend can have ${bytesText(limit)}`}; the largest are ${largest.map((b) => `${b.what} (${bytesText(b.bytes)})`).join(', ')}`,
    hints: () => ['--precision f32 halves it', 'see what other strategies need with `bilevel plan --strategy NAME`'],
  },
);

export const beyondFloat32 = defineDiagnostic<{ what: string; value: number; limit: number }>(
  {
    code: 'BL7004',
    slug: 'beyond-float32',
    severity: 'error',
    explain: `float32 has 24 bits for whole numbers: beyond 16 777 216 two labels, positions or counts that differ become one. A dim or data
of kind \`int\` beyond that is refused in float32. float64 counts to 2^53.`,
    example: 'bilevel run page.bilevel --backend wasm --precision f32 --data user=ids.csv',
  },
  {
    message: ({ what, value, limit }) => `${what} ${value}, and float32 cannot count beyond ${limit}`,
    hints: () => ['compute it with --precision f64'],
  },
);

export const cannotFuse = defineDiagnostic<Record<never, never>>(
  {
    code: 'BL7005',
    slug: 'cannot-fuse',
    severity: 'error',
    explain: `\`--fused\` asks for products that are added to sums in one rounding, which is faster where there is an instruction for it. In
WebAssembly that instruction came with relaxed SIMD (Node 20, and browsers since 2023). Without it this machine computes the same
in two roundings, as it does everywhere when \`--fused\` is left out: then the bits are the same on every machine.`,
    example: 'bilevel run page.bilevel --fused',
  },
  {
    message: () => 'this machine’s WebAssembly has no fused multiply-add',
    hints: () => ['leave out --fused'],
  },
);

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1.5 GiB`. */
function bytesText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power] ?? 'B'}`;
}
