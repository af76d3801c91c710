// What the page says, in the language that the server has set it in: /static/languages has a file of
// each, and this one's is in the page.

const WORDS = JSON.parse(document.getElementById("words").textContent);
const { locale } = document.body.dataset;
const plural = new Intl.PluralRules(locale);

// The words of `key`, with what is `given` for the names in braces; numbers as the language writes
// them. Where the words depend on a number, it is `given.count`.
export function say(key, given = {}) {
  const words = WORDS[key];
  if (words === undefined) throw new Error(`languages: ${key}`);
  const form = typeof words === "string" ? words : (words[plural.select(given.count)] ?? words.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => (typeof given[name] === "number" ? number(given[name]) : given[name]));
}

// So many documents, passages, questions or files.
export function count(what, many) {
  return say(`count.${what}`, { count: many });
}

export function number(value) {
  return value.toLocaleString(locale);
}

// A share of 1, in whole percents.
export function percent(share) {
  return say("count.percent", { share: Math.round(share * 100) });
}

// 2024-05-01 as 1 May 2024; whatever else a document says its date is, as it says it.
export function sayDate(value) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return String(value);
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(value));
}

// The time of day of an instant, here.
export function sayTime(instant) {
  return new Date(instant).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}
