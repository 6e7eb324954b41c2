/** `bilevel backends`: what can compute here, and why each other backend cannot. */
import { libraryBackendNames } from '../plan/backends.ts';
import type { BackendDocument, BackendsDocument } from '../library/json.ts';
import { hostHere } from '../runtime/backends/wasm/threads.ts';
import { counted } from '../library/figures.ts';
import { exit, type ExitCode } from './failure.ts';
import { precisionsOf } from './flags.ts';
import { openBackend } from './libraries.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';
import { table } from './table.ts';

export async function backends(session: Session): Promise<ExitCode> {
  const progress = openProgress(session);
  const rows: BackendDocument[] = [ours()];
  try {
    for (const name of libraryBackendNames) {
      progress.phase(name);
      const opening = await openBackend(name);
      rows.push(
        opening.ok
          ? { name, available: true, precisions: precisionsOf(name), why: opening.describe().why }
          : { name, available: false, precisions: [], why: opening.because, ...(opening.hint === undefined ? {} : { hint: opening.hint }) },
      );
    }
  } finally {
    progress.finish();
  }
  session.print(backendsText(session, rows));
  session.document({ backends: rows } satisfies Omit<BackendsDocument, 'diagnostics'>);
  return exit.done;
}

function ours(): BackendDocument {
  const { cores, canFuse } = hostHere();
  const why = `${counted(cores, 'core')}${canFuse ? ', and a fused multiply-add with --fused' : ''}; the default`;
  return { name: 'wasm', available: true, precisions: precisionsOf('wasm'), why };
}

function backendsText({ colors, width }: Session, rows: readonly BackendDocument[]): string {
  const lines = rows.map(({ name, available, precisions, why, hint }) =>
    available
      ? [colors.bold(name), precisions.join(', '), why]
      : [colors.dim(name), colors.dim('–'), `${why}${hint === undefined ? '' : `; ${hint}`}`],
  );
  return table([['backend', 'precision', 'here'].map((word) => colors.dim(word)), ...lines], { width });
}
