import { call } from './call.js';

onmessage = async ({ data: request }) => {
  const answer = await call(request, (step) => postMessage({ step }));
  postMessage({ answer });
};
