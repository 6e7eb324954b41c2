/** BL7xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const backend: Explanations = {
  BL7001: {
    explain: `\`--backend\`, in a program the option \`backend\`, names what computes. A backend that is absent is an error and never replaced
silently by another one, because a result says on which backend it was computed. Leave it out to take the default.`,
    example: 'bilevel gradient page.bilevel --backend tfjs',
  },
  BL7002: {
    explain: `\`--precision\`, in a program the option \`precision\`, names the floating-point numbers that are computed with. A module carries
those that it was compiled with. A backend that lacks a precision says so; it does not compute in another one. float64 is the default.`,
    example: 'bilevel gradient page.bilevel --backend reference --precision f32',
  },
  BL7003: {
    explain: `The backend \`wasm\` places every buffer before anything runs, so it knows what a problem needs at the sizes of its data. Its memory
has addresses of 32 bits: 4 GiB, and often a machine or a browser gives less. \`bilevel plan\` shows what is needed, and the largest buffers.

What helps: float32, which halves it; a strategy or an inner solver without a matrix as large as the square of the params (\`lbfgs\` for
\`newton\`, \`implicit(solver = cg)\` for \`closed_form\`); checkpoints or fewer steps where it is the steps of a recipe that are kept; fewer rows.`,
    example: 'bilevel run page.bilevel --backend wasm --data X=too-large.npy',
  },
  BL7004: {
    explain: `float32 has 24 bits for whole numbers: beyond 16 777 216 two labels, positions or counts that differ become one. A dim or data
of kind \`int\` beyond that is refused in float32. float64 counts to 2^53. gpu.js reckons the places of elements in float32, too (not on \`gpujs-cpu\`):
there an array may have no more elements than that, given or computed.`,
    example: 'bilevel run page.bilevel --backend wasm --precision f32 --data user=ids.csv',
  },
  BL7005: {
    explain: `\`--fused\`, in a program the option \`fused\`, asks for products that are added to sums in one rounding, which is faster where there
is an instruction for it. In WebAssembly that instruction came with relaxed SIMD: Node 24 has it, Node 20 behind a flag that \`bilevel\`
sets, and not every browser does. Without it this machine computes the same in two roundings, as it does everywhere when it is left out: then the bits are the same on every machine.`,
    example: 'bilevel run page.bilevel --fused',
  },
  BL7006: {
    explain: `With \`--precision mixed\`, in a program the option \`precision\`, a minimiser and its adjoint are solved for in float32; then float64 says
what is left, and float32 corrects it, until the corrections are as small as rounding in float64. Each round leaves about a share of κ · 6e-8,
where κ is the condition number of the inner Hessian: up to a million that converges; far beyond it does not, and the point is solved in float64 instead.
What is never corrected is a recipe, which means its steps, finite differences, the support of a composite problem, and a linear solve of which the page
says how many steps it takes. The result is right either way: the warning says that nothing was gained. With \`f32\` it says that the error was
estimated in float32, because float64 did not fit.

What helps against a condition number: columns of one scale (\`standardize\`), a larger penalty, params that the data determine.`,
    example: 'bilevel gradient page.bilevel --precision mixed',
  },
  BL7007: {
    explain: `A backend of a library of kernels, such as \`tfjs-webgl\` or \`gpujs-webgpu\`, needs the library, which is installed beside
\`bilevel\` where it is wanted, and a host that has what it runs on: WebGL is in browsers, WebGPU in some of them, and in Node where the package
\`webgpu\` is installed and finds a driver. What was asked for and is not there is an error, with the reason; nothing else computes in its place.

\`bilevel backends\` lists what there is on this machine.`,
    example: 'bilevel run page.bilevel --backend tfjs-webgl',
  },
};
