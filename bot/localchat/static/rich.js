// A text and its entities as nested elements. Offsets are UTF-16 units, as in JavaScript.

import { element } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
};

const BLOCKS = new Set(["PRE", "BLOCKQUOTE"]);

const SAFE = /^(https?|tg):\/\//i;

/** Append `text` with its styles to `parent`; `onCommand(text)` runs when a command is tapped. */
export function appendRich(parent, text, entities, { onCommand, onCopy }) {
  const context = { text, onCommand, onCopy };
  fill(parent, context, entities, 0, text.length);
}

function fill(parent, context, entities, from, to) {
  let at = from;
  entities.forEach((entity, index) => {
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) return;
    parent.append(context.text.slice(at, start));
    const node = styled(entity, context, context.text.slice(start, end));
    const inner = entities.slice(index + 1).filter((other) => other.offset < end);
    fill(node.querySelector("[data-inner]") ?? node, context, inner, start, end);
    parent.append(node);
    // A block ends its line by itself; the newline written after it would show as an empty line.
    at = BLOCKS.has(node.tagName) && context.text[end] === "\n" && end < to ? end + 1 : end;
  });
  parent.append(context.text.slice(at, to));
}

function styled(entity, context, text) {
  if (entity.type in TAGS) {
    const node = element(TAGS[entity.type]);
    if (entity.type === "code") copies(node, text, context);
    return node;
  }
  switch (entity.type) {
    case "pre": return block(text, entity.language, context);
    case "url": return link(text);
    case "text_link": return link(entity.url);
    case "bot_command": return command(text, context);
    case "spoiler": return spoiler();
    case "blockquote": return element("blockquote");
    case "expandable_blockquote": return foldedQuote();
    default: return element("span");
  }
}

function link(url) {
  if (!SAFE.test(url)) return element("span");
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" });
}

function command(text, { onCommand }) {
  return element("button", {
    type: "button", class: "command", title: `Send ${text}`, onclick: () => onCommand(text),
  });
}

function copies(node, text, { onCopy }) {
  node.title = "Copy";
  node.addEventListener("click", () => onCopy(text));
  node.addEventListener("keydown", (event) => { if (event.key === "Enter") onCopy(text); });
}

function block(text, language, context) {
  const node = element("pre", { "data-language": language, tabindex: "0" });
  copies(node, text, context);
  return node;
}

function spoiler() {
  const node = element("span", {
    class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text, press to show",
  });
  const show = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => { if (event.key === "Enter") show(); });
  return node;
}

function foldedQuote() {
  const node = element("blockquote", { class: "folded" }, element("span", { "data-inner": "" }));
  const button = element("button", { type: "button", class: "unfold", "aria-expanded": "false" }, "Show more");
  button.addEventListener("click", () => {
    const folded = node.classList.toggle("folded");
    button.textContent = folded ? "Show more" : "Show less";
    button.setAttribute("aria-expanded", String(!folded));
  });
  node.append(button);
  return node;
}
