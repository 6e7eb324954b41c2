/** BL7xxx: what a caller asks of a backend and this version, or this machine, cannot give. */
import { defineDiagnostic } from './diagnostic.ts';

export const absentBackend = /* @__PURE__ */ defineDiagnostic<{
  asked: string;
  present: readonly string[];
  suggestion?: string | undefined;
}>(
  {
    code: 'BL7001',
    slug: 'absent-backend',
    severity: 'error',
  },
  {
    message: ({ asked, present }) =>
      `the backend \`${asked}\` is not in this version; there is ${present.map((p) => `\`${p}\``).join(', ')}`,
    hints: ({ present, suggestion }) => [
      suggestion === undefined ? `leave it out, or ask for \`${present[0] ?? ''}\`` : `did you mean \`${suggestion}\`?`,
    ],
  },
);

export const absentPrecision = /* @__PURE__ */ defineDiagnostic<{
  asked: string;
  /** What lacks it; absent where a module does. */
  backend?: string | undefined;
  present: readonly string[];
}>(
  {
    code: 'BL7002',
    slug: 'absent-precision',
    severity: 'error',
  },
  {
    message: ({ asked, backend, present }) =>
      `${backend === undefined ? 'the module carries no code' : `the backend \`${backend}\` does not compute`} in \`${asked}\`; it has ${present.map((p) => `\`${p}\``).join(', ')}`,
    hints: ({ asked, backend, present }) => [
      `leave it out, or ask for \`${present[0] ?? ''}\``,
      ...(backend === undefined
        ? [`\`bilevel compile --precision ${asked === 'mixed' ? asked : 'f64,f32'}\` makes a module that has it`]
        : []),
    ],
  },
);

export const doesNotFit = /* @__PURE__ */ defineDiagnostic<{
  /** What does not, where it is not all; it is in float64, whatever the rest is in. */
  part?: string | undefined;
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
  },
  {
    message: ({ part = 'this', bytes, limit, refusal, largest }) =>
      `${part} needs ${bytesText(bytes)} of memory, and ${limit === undefined ? `the machine gives less${refusal === undefined ? '' : ` (${refusal})`}` : `the backend can have ${bytesText(limit)}`}; the largest are ${largest.map((b) => `${b.what} (${bytesText(b.bytes)})`).join(', ')}`,
    hints: ({ part }) => [
      ...(part === undefined ? ['the precision `f32` halves it'] : []),
      '`bilevel plan FILE --strategy NAME` shows what another strategy needs',
    ],
  },
);

export const beyondFloat32 = /* @__PURE__ */ defineDiagnostic<{
  what: string;
  value: number;
  limit: number;
  /** What counts so, where another would not. */
  backend?: string | undefined;
}>(
  {
    code: 'BL7004',
    slug: 'beyond-float32',
    severity: 'error',
  },
  {
    message: ({ what, value, limit, backend }) =>
      `${what} ${value}, and float32${backend === undefined ? '' : `, in which \`${backend}\` counts elements,`} cannot count beyond ${limit}`,
    hints: ({ backend }) => [
      backend === undefined
        ? 'compute it in the precision `f64`'
        : 'compute it on `wasm`, or on a backend of tfjs, which count in whole numbers',
    ],
  },
);

export const cannotFuse = /* @__PURE__ */ defineDiagnostic<Record<never, never>>(
  {
    code: 'BL7005',
    slug: 'cannot-fuse',
    severity: 'error',
  },
  {
    message: () => 'this machine’s WebAssembly has no fused multiply-add',
    hints: () => ['leave out `fused`'],
  },
);

export const gaveWay = /* @__PURE__ */ defineDiagnostic<{ how: string }>(
  {
    code: 'BL7006',
    slug: 'precision-gave-way',
    severity: 'warning',
  },
  {
    message: ({ how }) => how,
    hints: () => ['ask for the precision `f64`: its results are as exact'],
  },
);

export const unavailableBackend = /* @__PURE__ */ defineDiagnostic<{ asked: string; because: string; hint?: string | undefined }>(
  {
    code: 'BL7007',
    slug: 'unavailable-backend',
    severity: 'error',
  },
  {
    message: ({ asked, because }) => `the backend \`${asked}\` does not come up here: ${because}`,
    hints: ({ hint }) => [
      ...(hint === undefined ? [] : [hint]),
      'leave it out to compute on `wasm`; `bilevel backends` lists what there is',
    ],
  },
);

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1.5 GiB`. */
function bytesText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power] ?? 'B'}`;
}
