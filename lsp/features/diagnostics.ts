/** What is wrong with a page, as an editor shows it. */
import { DiagnosticSeverity, DiagnosticTag, type Diagnostic as Shown } from 'vscode-languageserver-protocol';
import { hasErrors, type DataPlace, type Diagnostic, type Severity, type Span } from '../../diagnostics/diagnostic.ts';
import { moved } from '../../diagnostics/moved.ts';
import { placeText } from '../../diagnostics/render.ts';
import { rangeOf, type Analysis, type ProblemAnalysis } from '../analysis.ts';
import type { Host } from '../host.ts';
import { unusedIn } from '../unused.ts';
import { plain } from '../uri.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

/** What is wrong, and where nothing is wrong with names, also what is not used: of a name that is misspelt the declaration only seems so. */
export function diagnosticsOf(analysis: Analysis, host: Host): readonly Shown[] {
  const all = foundIn(analysis);
  const unused = hasErrors(analysis.checked().diagnostics) ? [] : unusedIn(analysis).map(({ declared }) => declared);
  const isAbout = ({ severity, span }: Diagnostic, each: Span): boolean =>
    severity !== 'error' && span?.file === analysis.uri && span.start <= each.start && each.end <= span.end;
  return [
    ...all.map((diagnostic) => ({
      ...shown(diagnostic, analysis, host),
      ...(unused.some(({ span }) => isAbout(diagnostic, span)) ? { tags } : {}),
    })),
    // What the compiler says of it is not said again.
    ...unused
      .filter(({ span }) => !all.some((diagnostic) => isAbout(diagnostic, span)))
      .map(({ name, span }) => ({
        range: rangeOf(analysis, span),
        severity: DiagnosticSeverity.Hint,
        source: 'bilevel',
        message: `\`${name}\` is not used`,
        tags,
      })),
  ];
}

const tags = [DiagnosticTag.Unnecessary];

/**
 * Syntax, names, kinds and shapes; of each problem in which these are right, levels, curvature and strategies too, and what has been found of
 * its data.
 */
export const foundIn = (analysis: Analysis): readonly Diagnostic[] => found(analysis, () => true);

/** As much of it as is known without deriving anything: a client that shows warnings has had them found. */
export const foundSoFar = (analysis: Analysis): readonly Diagnostic[] => found(analysis, ({ compiled }) => compiled.isMade());

function found(analysis: Analysis, isAsked: (problem: ProblemAnalysis) => boolean): readonly Diagnostic[] {
  const deeper = analysis
    .problems()
    .filter(isAsked)
    .flatMap(({ compiled, move }) => {
      const { value, diagnostics } = compiled();
      const insight = value === undefined ? undefined : analysis.insights.get(value);
      return [...diagnostics, ...moved(insight?.data.diagnostics ?? [], move)];
    });
  return [...analysis.checked().diagnostics, ...deeper];
}

/** Where a diagnostic is shown on a page: what is wrong on an imported one is shown where it is imported. */
export function spanOn(uri: string, { span, labels }: Diagnostic): Span {
  if (span?.file === uri) return span;
  return labels.find((label) => label.span.file === uri)?.span ?? { file: uri, start: 0, end: 0 };
}

/** Of the page `analysis`, one diagnostic. */
export function shown(diagnostic: Diagnostic, analysis: Pick<Analysis, 'uri' | 'document'>, host: Pick<Host, 'docsOf'>): Shown {
  const { code, severity, message, span, place, labels, hints } = diagnostic;
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
    message: [
      place !== undefined
        ? `${placeText(asFrom(analysis.uri, place))}: ${message}`
        : isHere || span === undefined
          ? message
          : `${span.file}: ${message}`,
      ...hints.map((hint) => `hint: ${hint}`),
    ].join('\n'),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

/** A data file is named as from the page where it lies in its folder, or below. */
function asFrom(uri: string, { file, ...place }: DataPlace): DataPlace {
  const folder = plain(uri).replace(/[^/]*$/u, '');
  const within = [folder, folder.replace(/^file:\/\//u, '')].find((each) => file.startsWith(each)) ?? '';
  return { file: file.slice(within.length), ...place };
}
