/** How what is being called is called, and which of its arguments the cursor stands in. */
import { MarkupKind, type SignatureHelp, type SignatureInformation } from 'vscode-languageserver-protocol';
import { callableOf, headOf, type Callable } from '../../compiler/words/callables.ts';
import { placeIn, type CallAround } from '../../grammar/place.ts';
import type { Analysis } from '../analysis.ts';
import { callables } from '../meaning.ts';
import { found } from './navigation.ts';

type PageAt = (uri: string) => Analysis | undefined;

export function signatureHelp(analysis: Analysis, offset: number, pageAt: PageAt): SignatureHelp | undefined {
  const call = placeIn(analysis.parsed(), offset)?.call;
  const forms = call === undefined ? [] : called(analysis, call, pageAt);
  if (call === undefined || forms.length === 0) return undefined;
  // The first form that has an argument there.
  const active = Math.max(
    0,
    forms.findIndex((form) => activeOf(form, call) < form.parameters.length),
  );
  return { signatures: forms.map((form) => signatureOf(form, activeOf(form, call))), activeSignature: active };
}

/** All forms of what a call calls: a function of the page or of another, else the language's own. */
export function called(analysis: Analysis, { as, callee, calleeEnd }: CallAround, pageAt: PageAt): readonly Callable[] {
  const target = as === 'function' ? found(analysis, calleeEnd, pageAt) : undefined;
  if (target === undefined) return callables(as, callee);
  return target.declared.kind === 'fn' ? [callableOf(target.declared.node, target.analysis.document.getText())] : [];
}

/** The position of the parameter that the cursor stands at; behind the last one where there is none. */
function activeOf({ parameters }: Callable, { position, named }: CallAround): number {
  const index = (at: number): number => (at < 0 ? parameters.length : at);
  if (named !== undefined) return index(parameters.findIndex(({ name }) => name === named));
  const positional = parameters.filter(({ namedOnly }) => !namedOnly);
  const taking = positional[position] ?? positional.find(({ rest }) => rest);
  return index(taking === undefined ? -1 : parameters.indexOf(taking));
}

function signatureOf(callable: Callable, activeParameter: number): SignatureInformation {
  const label = headOf(callable);
  let at = callable.name.length + 1;
  const parameters = callable.parameters.map((parameter) => {
    const place: [number, number] = [at, at + parameter.label.length];
    at = place[1] + ', '.length;
    return { label: place, ...documented(parameter.says) };
  });
  return { label, ...documented(callable.says), parameters, activeParameter };
}

const documented = (says: string | undefined): Pick<SignatureInformation, 'documentation'> =>
  says === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: says } };
