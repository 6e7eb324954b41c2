/** What the extension and a view of results say to each other. */
import type { Event, Results } from './results.ts';

export type ToView = Event | { readonly kind: 'results'; readonly results: Results };

/** `ready`: it listens; the others are its buttons. */
export interface FromView {
  readonly kind: 'ready' | 'again' | 'cancel' | 'page' | 'copy' | 'save';
}
