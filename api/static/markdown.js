// Markdown that a language model wrote, to elements that can do nothing but be read.
//
// Three walls: tags in the text are text (marked parses none), only what stands in TAGS and
// ATTRIBUTES is let through (DOMPurify), and the server's Content-Security-Policy forbids the rest.

import { Marked } from "./vendor/marked.js";
import DOMPurify from "./vendor/dompurify.js";

const TAGS = [
  "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "a",
  "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
];
const ATTRIBUTES = ["href", "start", "align"];
const WEB = /^(?:https?|mailto):/i;

// A marker [1] is ours before it is Markdown's: it never begins a link.
const marker = {
  name: "marker",
  level: "inline",
  start: (source) => source.match(/\[\d/)?.index,
  tokenizer(source) {
    const [raw] = /^\[\d{1,4}\]/.exec(source) ?? [];
    return raw && { type: "marker", raw };
  },
  renderer: ({ raw }) => raw,
};

const marked = new Marked({
  gfm: true,
  breaks: false,
  extensions: [marker],
  tokenizer: {
    html: () => undefined, // a tag is text
    tag: () => undefined,
    def: () => undefined, // [1]: address would make a link of each marker [1]
  },
  renderer: {
    heading({ tokens, depth }) {
      const level = Math.min(depth + 2, 6); // the question above is an h2
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    image: ({ text, href }) => escaped(text || href), // nothing is fetched from elsewhere
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (element) => {
  if (["PRE", "TABLE"].includes(element.nodeName)) element.tabIndex = 0; // they scroll when wide
  if (element.nodeName !== "A") return;
  element.target = "_blank";
  element.rel = "noopener noreferrer nofollow";
  element.title = element.getAttribute("href") ?? "";
});

function escaped(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// `text` as a DocumentFragment.
export function render(text) {
  return purify.sanitize(marked.parse(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: WEB,
    RETURN_DOM_FRAGMENT: true,
  });
}
