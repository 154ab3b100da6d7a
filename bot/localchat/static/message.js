// One message as a list item.

import { fileUrl } from "./api.js";
import { element, icon, sizeOf, timeOf } from "./dom.js";
import { appendRich } from "./rich.js";

const nearby = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    nearby.unobserve(entry.target);
    load(entry.target);
  }
}, { rootMargin: "800px" });

async function load(image) {
  try {
    image.src = await fileUrl(image.dataset.path);
  } catch {
    image.closest(".photo").classList.add("gone");
  }
}

export const firstLine = (item) =>
  item.text.split("\n", 1)[0] || (item.photo ? "Picture" : item.document?.name ?? "Message");

/**
 * Build the element of a message.
 * `actions`: find(id), jumpTo(id), press(item, button, node), openPhoto(id), onCommand, onCopy, bot.
 */
export function messageElement(item, actions) {
  const mine = item.from === "operator";
  const author = mine ? "You" : actions.bot();
  const bubble = element("article", {
    class: "bubble", "aria-label": `${author}, ${timeOf(item.sent_at)}${item.edited_at ? ", edited" : ""}`,
  });
  if (item.reply_to !== null) bubble.append(quote(item.reply_to, actions));
  if (item.photo) bubble.append(photo(item, actions));
  if (item.document) bubble.append(fileCard(item.document));
  if (item.text) {
    const text = element("div", { class: "text" });
    appendRich(text, item.text, item.entities, actions);
    bubble.append(text);
  }
  bubble.append(stamp(item));
  const kind = item.photo ? " with-photo" : "";
  const row = element("li", {
    class: `row ${mine ? "mine" : "theirs"}${kind}${item.text ? "" : " bare"}`, "data-id": item.id, tabindex: "-1",
  }, element("div", { class: "body" }, bubble, item.buttons.length ? keyboard(item, actions) : null));
  return row;
}

function stamp(item) {
  const edited = item.edited_at !== null ? element("span", { class: "edited" }, "edited") : null;
  const time = element("time", { datetime: new Date(item.sent_at).toISOString() }, timeOf(item.sent_at));
  time.title = new Date(item.edited_at ?? item.sent_at).toLocaleString();
  return element("footer", { class: "stamp" }, item.silent && item.from === "bot" ? icon("mute") : null, edited, time);
}

function quote(id, actions) {
  const original = actions.find(id);
  if (!original) return element("div", { class: "quote" }, element("span", {}, "Message is not here any more"));
  const author = original.from === "operator" ? "You" : actions.bot();
  const text = element("span", { class: "quote-text" }, element("b", {}, author), element("span", {}, firstLine(original)));
  const node = element("button", { type: "button", class: "quote", onclick: () => actions.jumpTo(id) }, text);
  if (original.photo) {
    const thumb = element("img", { alt: "", class: "thumb", "data-path": original.photo });
    fileUrl(original.photo).then((url) => { thumb.src = url; }, () => thumb.remove());
    node.prepend(thumb);
  }
  return node;
}

function photo(item, actions) {
  const [width, height] = item.photo_size;
  const image = element("img", { width, height, alt: firstLine(item), "data-path": item.photo, draggable: "false" });
  nearby.observe(image);
  return element("button", {
    type: "button", class: "photo", "aria-label": `Open picture: ${firstLine(item)}`, onclick: () => actions.openPhoto(item.id),
  }, image);
}

function fileCard(file) {
  const card = element("button", { type: "button", class: "file", "aria-label": `Download ${file.name}` },
    element("span", { class: "file-icon" }, icon("file")),
    element("span", { class: "file-text" }, element("b", {}, file.name), element("span", {}, sizeOf(file.size))));
  card.addEventListener("click", async () => {
    try {
      element("a", { href: await fileUrl(file.url), download: file.name }).click();
    } catch {
      card.classList.add("gone");
    }
  });
  return card;
}

function keyboard(item, actions) {
  const rows = item.buttons.map((row) => element("div", { class: "keys" }, ...row.map((button) => {
    if (button.url) {
      return element("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" },
        element("span", {}, button.text), icon("link"));
    }
    const node = element("button", { type: "button", class: "key", "data-press": button.data }, element("span", {}, button.text));
    node.addEventListener("click", () => actions.press(item, button, node));
    return node;
  })));
  return element("div", { class: "keyboard", role: "group", "aria-label": "Actions" }, ...rows);
}
