/** The text of `prelude.bilevel`, written by `npm run accept`: change that page, not this. */
export const preludeText = `// The functions of the library that are written in the language itself. Losses are means over all rows, so that a penalty beside
// them keeps its worth when the number of rows changes. Classifiers are given by their logits, scores before softmax or sigmoid.
// Where one name has several forms, a call means the first whose kinds and numbers of axes its arguments have.

/// (x − mean) / sd of each column. The mean and the sd, divided by n and not n − 1, are those of the rows of \`by\`, by default of x itself.
fn standardize(x: [n, ...s], by: [m, ...s] = x): [n, ...s] =
  (x - mean(by, axis = 0))
  / std(by, axis = 0)

/// The mean of (prediction − target)².
fn mse(prediction: [...s], target: [...s]): [] = mean((prediction - target)^2)

/// The mean over rows of logsumexp(z) − z_y: \`k\` logits a row, and the label's position among them.
fn cross_entropy(logits: [...s, k], labels: int[...s]): [] = mean(
  logsumexp(logits, axis = -1) - sum(one_hot(labels, k) * logits, axis = -1)
)

/// The mean over rows of −Σ p log softmax(z): labels are \`k\` probabilities a row.
fn cross_entropy(logits: [...s, k], labels: [...s, k]): [] = mean(
  -sum(labels * log_softmax(logits), axis = -1)
)

/// The mean of softplus(z) − y z; one logit a row, and labels 0 and 1.
fn binary_cross_entropy(logits: [...s], labels: [...s]): [] = mean(
  softplus(logits) - labels * logits
)

/// The mean of max(0, 1 − y s); labels −1 and 1.
fn hinge(scores: [...s], labels: [...s]): [] = mean(maximum(1 - labels * scores, 0))

/// The mean of r² / 2 where |r| ≤ δ, of δ (|r| − δ / 2) beyond; r = prediction − target.
fn huber(prediction: [...s], target: [...s], delta: [] = 1): [] = {
  let residual = prediction - target
  let distance = abs(residual)
  return mean(if distance <= delta then 0.5 * residual^2 else delta * (distance - 0.5 * delta))
}

/// The share of rows whose greatest logit, the first of several, is the label's.
fn accuracy(logits: [...s, k], labels: int[...s]): [] = mean(argmax(logits, axis = -1) == labels)

/// The share of rows whose logit is above 0 where the label is 1, and not where it is 0.
fn accuracy(logits: [...s], labels: [...s]): [] = mean((logits > 0) == labels)

/// exp(−‖aᵢ − bⱼ‖² / (2 length²)), of the rows of two tables of points.
fn rbf(A: [n, d], B: [m, d], length: [] = 1): [n, m] = exp(-(sqdist(A, B) / (length^2 * 2)))

/// Σ |x|.
fn l1(x: [...s]): [] = sum(abs(x))

/// Σ x².
fn l2(x: [...s]): [] = sum(x^2)

/// A relaxed choice between 0 and 1 with \`random noise: [d] ~ logistic()\` (the concrete distribution of Maddison, Mnih and Teh 2017; Jang, Gu and Poole
/// 2017): the lower the temperature, the closer to 0 or 1. It is above a half with probability sigmoid(logits).
fn gate(logits: [...s], noise: [...s], temperature: [] = 0.5): [...s] = sigmoid(
  (logits + noise) / temperature
)

/// The same of one probability, drawn for each element anew: whether each row is changed, by one that all of them have.
fn gate(logits: [], noise: [...s], temperature: [] = 0.5): [...s] = sigmoid(
  (logits + noise) / temperature
)
`;
