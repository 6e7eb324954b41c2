/** BL9xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const usage: Explanations = {
  BL9001: {
    explain: `The command line has a command, an argument or a flag that does not exist, or lacks one that is needed. \`bilevel --help\` lists the
commands, \`bilevel COMMAND --help\` the flags of one. The exit code is 2 and nothing was computed.`,
    example: 'bilevel gradient',
  },
  BL9002: {
    explain:
      'The `.bilevel` file that the command names does not exist or could not be read. Its path is relative to where the command runs.',
    example: 'bilevel check no-such-page.bilevel',
  },
  BL9003: {
    explain: `The value of a flag could not be understood. \`--set\` takes \`HYPER=VALUE\`, where VALUE is a number, a JSON list for a vector or a
list of lists for a matrix, or \`@point.json\`, a file with an object that names hypers; \`--data\` takes \`NAME=FILE\` or \`NAME=FILE:KEY\`;
\`--seed\` a whole number; \`--sizes\` takes \`DIM=SIZE\`, several with commas between them.`,
    example: 'bilevel gradient page.bilevel --set penalty',
  },
  BL9004: {
    explain: `A page may hold several problems, or only functions for other pages to import. What is about one of them must know which: a
command by \`--problem NAME\`, a call by its option \`problem\`. It is needed only where there are several.`,
    example: 'bilevel run page.bilevel --problem no-such-problem',
  },
  BL9005: {
    explain:
      'A diagnostic is explained by its code, as in `bilevel explain BL2003`, or by its short name, `bilevel explain shape-mismatch`. `bilevel explain` alone lists all of them.',
    example: 'bilevel explain BL9999',
  },
  BL9006: {
    explain:
      '`--dump PASS` prints the graphs as they are after one pass of the compiler. Which passes there are depends on the problem: the message lists them.',
    example: 'bilevel check page.bilevel --dump no-such-pass',
  },
  BL9007: {
    explain: `\`--hypergradient-tolerance\` says how large the error of the hypergradient may be, relative to its own norm. The estimate is
larger. A smaller tolerance of the inner solver and of the linear solver, or a direct strategy, make it smaller; \`bilevel plan\` lists what
there is. To first order the error is proportional to what these solvers leave, so where the page sets their tolerances the hint says at which ones it would be half of
what is asked for. The result is printed all the same; with \`--strict\` the exit code is 4.`,
    example: 'bilevel gradient page.bilevel --hypergradient-tolerance 1e-30',
  },
  BL9008: {
    explain: `\`bilevel gradient --verify\` computes the hypergradient with every strategy that accepts the problem and by finite differences. At least
two of them differ by more than their own errors allow. Either the point is one where the derivative does not exist (a kink, a change of
the minimiser's branch), or the problem is so ill-conditioned that the stated errors are too small, or there is a bug in one strategy: if
the problem is smooth and well-posed, please report it with the page and the data.`,
    example: 'bilevel gradient page.bilevel --verify',
  },
  BL9009: {
    explain: `What a command writes is written beside its place first, and put there when all of it is complete. One of the files could not be
written, or a folder has its name, so none was changed.`,
    example: 'bilevel compile page.bilevel --output no-such-folder/page.ts',
  },
  BL9010: {
    explain: `\`bilevel types\`, and the plugin of a bundler, write the types of a page \`x.bilevel\` beside it, to \`x.d.bilevel.ts\`, where TypeScript
looks for them. A file of that name that bilevel did not write is somebody's work and stays as it is; and the folder may be one that cannot
be written. A bundle is built all the same, for it needs no types; \`bilevel types\` ends with the exit code 1.`,
    example: 'bilevel types page.bilevel',
  },
  BL9011: {
    explain: `A call of a compiled module was given an option that it does not have, or a value that the option cannot be. An option is never
ignored: one that is misspelt would do nothing, and nobody would see it. The same is true of the sizes that \`plan\` takes, which are those
of the dims of the page. Nothing was computed.`,
    example: 'await problem.solve(data, { onstep: console.log });',
  },
  BL9012: {
    explain: `\`close\` lets go of the memory and the threads of a problem that was bound to data. The calls before it end; those after it have
nothing to compute with. Call \`close\` when all is done, or \`bind\` again.`,
    example: 'bound.close();\nawait bound.solve();',
  },
};
