// What the test calls in the page.
import { call } from './call.js';

globalThis.here = (request) => call(request);

globalThis.inWorker = (request) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    let steps = 0;
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data: { answer } }) => {
      if (answer === undefined) steps += 1;
      else {
        worker.terminate();
        resolve({ ...answer, steps });
      }
    };
    worker.postMessage(request);
  });

/** Milliseconds: of the longest task of this thread while `during` ran, as the browser counts them (none below 50), and of all of it. */
globalThis.longestTask = async (during) => {
  let longest = 0;
  const note = (entries) => entries.forEach(({ duration }) => (longest = Math.max(longest, duration)));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'longtask' });
  const begun = performance.now();
  // In a task of its own: what a debugger asks for is not counted.
  await new Promise((resolve, reject) => setTimeout(() => during().then(resolve, reject)));
  const all = performance.now() - begun;
  // The browser tells of a task after its end.
  await new Promise((resolve) => setTimeout(resolve, 100));
  note(observer.takeRecords());
  observer.disconnect();
  return { longest, all };
};
