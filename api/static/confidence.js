// How sure an answer is, in words, as a number, and what the number means.

const least = Number(document.body.dataset.threshold);
const leastUnsure = Number(document.body.dataset.unsure);
const WORDS = [
  [0.9, "Very likely right"],
  [0.75, "Likely right"],
  [0.5, "Probably right"],
  [0, "Uncertain"],
];

function percent(share) {
  const whole = Math.round(share * 100);
  if (whole < 1) return "under 1 %";
  return whole > 99 ? "over 99 %" : `${whole} %`;
}

// The verdict of an answer; one kept by an earlier version of the page says only whether it answers.
export function verdictOf({ verdict, answered }) {
  return verdict ?? (answered ? "answered" : "unanswered");
}

function verdict(answer) {
  const { confidence } = answer;
  if (verdictOf(answer) === "unsure") return "Not sure";
  if (verdictOf(answer) === "answered") return WORDS.find(([from]) => confidence >= from)[1];
  return confidence < leastUnsure ? "Too unsure to answer" : "No answer that could be proved";
}

function meaning(answer) {
  const { confidence } = answer;
  const given = verdictOf(answer);
  const times = Math.round(confidence * 100);
  const rule = least > 0
    ? `Footnote answers from ${percent(least)} on (the setting min_confidence); from ${percent(leastUnsure)} on (min_unsure) it shows the best evidence as unsure; below, the nearest passages instead.`
    : "Footnote is set to answer however unsure it is (the setting min_confidence is 0).";
  if (given !== "unanswered") return `An estimate: of 100 answers as sure as this one, about ${times} should be right. ${rule}`;
  if (confidence < leastUnsure) return `An estimate: the best answer found would be right about ${times} times in 100. ${rule}`;
  return `The passages may hold an answer (${percent(confidence)}), but nothing that was written from them is borne out by a quote, so it is not shown.`;
}

// Fill the foot of a turn: the verdict, and behind it what it means.
export function sayConfidence(foot, answer) {
  const button = foot.querySelector(".confidence");
  const explanation = foot.querySelector(".meaning");
  foot.querySelector(".figures").textContent = `${verdict(answer)} · ${percent(answer.confidence)}`;
  explanation.textContent = meaning(answer);
  const meter = foot.querySelector(".meter");
  meter.style.setProperty("--share", answer.confidence);
  meter.style.setProperty("--least", least);
  button.addEventListener("click", () => {
    explanation.hidden = !explanation.hidden;
    button.setAttribute("aria-expanded", !explanation.hidden);
  });
}
