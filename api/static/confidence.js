// How sure an answer is, in words, as a number, and what the number means.

import { percent as inPercent, say } from "./words.js";

const least = Number(document.body.dataset.threshold);
const leastUnsure = Number(document.body.dataset.unsure);
const WORDS = [
  [0.9, "sure.very"],
  [0.75, "sure.likely"],
  [0.5, "sure.probably"],
  [0, "sure.uncertain"],
];

function percent(share) {
  const whole = Math.round(share * 100);
  if (whole < 1) return say("sure.under", { percent: inPercent(0.01) });
  return whole > 99 ? say("sure.over", { percent: inPercent(0.99) }) : inPercent(share);
}

// The verdict of an answer; one kept by an earlier version of the page says only whether it answers.
export function verdictOf({ verdict, answered }) {
  return verdict ?? (answered ? "answered" : "unanswered");
}

function verdict(answer) {
  const { confidence } = answer;
  if (verdictOf(answer) === "unsure") return say("sure.unsure");
  if (verdictOf(answer) === "answered") return say(WORDS.find(([from]) => confidence >= from)[1]);
  return say(confidence < leastUnsure ? "sure.too_unsure" : "sure.unproved");
}

function meaning(answer) {
  const { confidence } = answer;
  const given = verdictOf(answer);
  const times = Math.round(confidence * 100);
  const rule = least > 0
    ? say("sure.rule", { least: percent(least), unsure: percent(leastUnsure) })
    : say("sure.no_rule");
  if (given !== "unanswered") return `${say("sure.means", { times })} ${rule}`;
  if (confidence < leastUnsure) return `${say("sure.means_none", { times })} ${rule}`;
  return say("sure.means_unproved", { percent: percent(confidence) });
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
