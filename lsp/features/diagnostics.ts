/** What is wrong with a page, as an editor shows it. */
import { DiagnosticSeverity, type Diagnostic as Shown } from 'vscode-languageserver-protocol';
import type { DataPlace, Diagnostic, Severity } from '../../diagnostics/diagnostic.ts';
import { moved } from '../../diagnostics/moved.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import type { Host } from '../host.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

/**
 * Syntax, names, kinds and shapes; of each problem in which these are right, levels, curvature and strategies too, and what has been found of
 * its data.
 */
export function diagnosticsOf(analysis: Analysis, host: Host): readonly Shown[] {
  const deeper = analysis.problems().flatMap(({ compiled, move }) => {
    const { value, diagnostics } = compiled();
    const insight = value === undefined ? undefined : analysis.insights.get(value);
    return [...diagnostics, ...moved(insight?.data.diagnostics ?? [], move)];
  });
  return [...analysis.checked().diagnostics, ...deeper].map((diagnostic) => shown(diagnostic, analysis, host));
}

function shown({ code, severity, message, span, place, labels, hints }: Diagnostic, analysis: Analysis, host: Host): Shown {
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
    message: [
      place !== undefined ? `${placeText(place)}: ${message}` : isHere || span === undefined ? message : `${span.file}: ${message}`,
      ...hints.map((hint) => `hint: ${hint}`),
    ].join('\n'),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

/** In a data file, without its folder: the page names it. */
const placeText = ({ file, line, column }: DataPlace): string =>
  [file.replace(/^.*[/\\]/u, ''), ...(line === undefined ? [] : [line, ...(column === undefined ? [] : [column])])].join(':');
