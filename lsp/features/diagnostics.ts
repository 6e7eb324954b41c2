/** What is wrong with a page, as an editor shows it. */
import { DiagnosticSeverity, type Diagnostic as Shown } from 'vscode-languageserver-protocol';
import { hasErrors, type Diagnostic, type Severity, type Span } from '../../diagnostics/diagnostic.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import type { Host } from '../host.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

export const diagnosticsOf = (analysis: Analysis, host: Host): readonly Shown[] =>
  foundIn(analysis).map((diagnostic) => shown(diagnostic, analysis, host));

/** Syntax, names, kinds and shapes; where these are right, levels, curvature and strategies too. */
export function foundIn(analysis: Analysis): readonly Diagnostic[] {
  const { diagnostics } = analysis.checked();
  return hasErrors(diagnostics) ? diagnostics : [...diagnostics, ...analysis.compiled().diagnostics];
}

/** As much of it as is known without deriving anything: a client that shows warnings has had them found. */
export const foundSoFar = (analysis: Analysis): readonly Diagnostic[] =>
  analysis.compiled.isMade() ? foundIn(analysis) : analysis.checked().diagnostics;

/** Where a diagnostic is shown on a page: what is wrong on an imported one is shown where it is imported. */
export function spanOn(uri: string, { span, labels }: Diagnostic): Span {
  if (span?.file === uri) return span;
  return labels.find((label) => label.span.file === uri)?.span ?? { file: uri, start: 0, end: 0 };
}

export function shown(diagnostic: Diagnostic, analysis: Analysis, host: Host): Shown {
  const { code, severity, message, span, labels, hints } = diagnostic;
  const isHere = span?.file === analysis.uri;
  const at = spanOn(analysis.uri, diagnostic);
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
