/** What is wrong with a page, as an editor shows it. */
import { DiagnosticSeverity, type Diagnostic as Shown } from 'vscode-languageserver-protocol';
import { hasErrors, type Diagnostic, type Severity } from '../../diagnostics/diagnostic.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import type { Host } from '../host.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

/** Syntax, names, kinds and shapes; where these are right, levels, curvature and strategies too. */
export function diagnosticsOf(analysis: Analysis, host: Host): readonly Shown[] {
  const { diagnostics } = analysis.checked();
  const all = hasErrors(diagnostics) ? diagnostics : [...diagnostics, ...analysis.compiled().diagnostics];
  return all.map((diagnostic) => shown(diagnostic, analysis, host));
}

/** Of the page `analysis`, one diagnostic. */
export function shown(
  { code, severity, message, span, labels, hints }: Diagnostic,
  analysis: Pick<Analysis, 'uri' | 'document'>,
  host: Pick<Host, 'docsOf'>,
): Shown {
  const isHere = span?.file === analysis.uri;
  // What is wrong on an imported page is shown where it is imported.
  const at = isHere ? span : (labels.find((label) => label.span.file === analysis.uri)?.span ?? { file: analysis.uri, start: 0, end: 0 });
  const related = labels
    .filter((label) => label.span.file === analysis.uri && label.span !== at)
    .map((label) => ({ location: { uri: analysis.uri, range: rangeOf(analysis, label.span) }, message: label.message }));
  const href = host.docsOf?.(code);
  return {
    range: rangeOf(analysis, at),
    severity: severities[severity],
    code,
    ...(href === undefined ? {} : { codeDescription: { href } }),
    source: 'bilevel',
    message: [isHere || span === undefined ? message : `${span.file}: ${message}`, ...hints.map((hint) => `hint: ${hint}`)].join('\n'),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}
