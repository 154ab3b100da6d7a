// The list of messages: kept in id order, edited in place, scrolled like a chat.

import { releaseFile } from "./api.js";
import { byId, dayOf, element } from "./dom.js";
import { firstLine, messageElement } from "./message.js";

const JOIN_WITHIN_MS = 5 * 60 * 1000;
const NEAR_END_PX = 80;
const ANSWERED_WITHIN_MS = 3000;

export class MessageLog {
  #items = new Map();
  #rows = new Map();
  #actions;
  #unread = 0;
  #stuck = true;
  #answerUntil = 0;
  #view = byId("log");
  #list = byId("list");
  #jump = byId("jump");

  constructor(actions) {
    this.#actions = { ...actions, find: (id) => this.#items.get(id), jumpTo: (id) => this.jumpTo(id) };
    this.#view.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#view.addEventListener("keydown", (event) => this.#onKey(event));
    this.#jump.addEventListener("click", () => this.toEnd(true));
    // A keyboard on a phone, a longer composer or a late picture must not hide the last message.
    const keep = new ResizeObserver(() => { if (this.#stuck) this.toEnd(); });
    keep.observe(this.#view);
    keep.observe(this.#list);
  }

  get size() { return this.#items.size; }

  find(id) { return this.#items.get(id); }

  photos() { return [...this.#items.values()].filter((item) => item.photo); }

  clear() {
    this.#list.replaceChildren();
    this.#items.clear();
    this.#rows.clear();
    this.#setUnread(0);
    this.#stuck = true;
  }

  /** Add or replace messages; returns the ones that are new. */
  put(items, { first = false } = {}) {
    const added = [];
    for (const item of items) {
      const before = this.#items.get(item.id);
      this.#items.set(item.id, item);
      if (before) this.#replace(before, item);
      else { this.#append(item); added.push(item); }
    }
    if (added.length) this.#arrange();
    const fresh = added.filter((item) => item.from === "bot");
    if (added.some((item) => item.from === "operator")) this.#stuck = true;
    if (fresh.length && performance.now() < this.#answerUntil) this.#stuck = true;
    if (this.#stuck) this.#answerUntil = 0;
    if (first || this.#stuck) this.toEnd();
    else this.#setUnread(this.#unread + fresh.length);
    return added;
  }

  /** A button was pressed: what comes next is its answer, shown also to one who has scrolled up. */
  expectAnswer() { if (!this.#stuck) this.#answerUntil = performance.now() + ANSWERED_WITHIN_MS; }

  remove(id) {
    const item = this.#items.get(id);
    if (!item) return;
    this.#rows.get(id).remove();
    this.#items.delete(id);
    this.#rows.delete(id);
    if (item.photo) releaseFile(item.photo);
    this.#arrange();
  }

  toEnd(smooth = false) {
    this.#stuck = true;
    this.#view.scrollTo({ top: this.#view.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.#setUnread(0);
    this.#jump.hidden = true;
  }

  jumpTo(id) {
    const row = this.#rows.get(id);
    if (!row) return;
    row.scrollIntoView({ block: "center", behavior: "smooth" });
    row.focus({ preventScroll: true });
    row.classList.remove("flash");
    void row.offsetWidth; // restarts the animation
    row.classList.add("flash");
  }

  focusLast() { [...this.#rows.values()].at(-1)?.focus(); }

  #append(item) {
    const row = messageElement(item, this.#actions);
    this.#rows.set(item.id, row);
    this.#list.append(row);
  }

  #replace(before, item) {
    const old = this.#rows.get(item.id);
    const row = messageElement(item, this.#actions);
    for (const name of ["joined", "followed", "flash"]) row.classList.toggle(name, old.classList.contains(name));
    const held = document.activeElement;
    const pressed = old.contains(held) ? held.dataset.press : undefined;
    const heldRow = held === old;
    old.replaceWith(row);
    this.#rows.set(item.id, row);
    if (heldRow) row.focus({ preventScroll: true });
    else if (pressed !== undefined) this.#refocus(row, pressed);
    if (before.photo && before.photo !== item.photo) releaseFile(before.photo);
  }

  #refocus(row, pressed) {
    const keys = [...row.querySelectorAll("[data-press]")];
    (keys.find((key) => key.dataset.press === pressed) ?? keys[0] ?? row).focus({ preventScroll: true });
  }

  #arrange() {
    for (const day of this.#list.querySelectorAll(".day")) day.remove();
    let previous = null;
    for (const [id, item] of this.#items) {
      const row = this.#rows.get(id);
      const newDay = !previous || dayOf(previous.sent_at) !== dayOf(item.sent_at);
      const joined = !newDay && previous.from === item.from && item.sent_at - previous.sent_at < JOIN_WITHIN_MS;
      if (newDay) row.before(element("li", { class: "day" }, element("span", {}, dayOf(item.sent_at))));
      row.classList.toggle("joined", joined);
      row.classList.toggle("album", joined && item.album !== null && item.album === previous.album);
      if (previous) this.#rows.get(previous.id).classList.toggle("followed", joined);
      previous = item;
    }
    if (previous) this.#rows.get(previous.id).classList.remove("followed");
  }

  #onScroll() {
    const left = this.#view.scrollHeight - this.#view.scrollTop - this.#view.clientHeight;
    this.#stuck = left < NEAR_END_PX;
    this.#jump.hidden = this.#stuck;
    if (this.#stuck) this.#setUnread(0);
  }

  #setUnread(count) {
    this.#unread = count;
    const badge = byId("unread");
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    if (count) this.#jump.hidden = false;
    this.#jump.setAttribute("aria-label", count ? `${count} new messages, go to the end` : "Go to the end");
  }

  #onKey(event) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const row = event.target.closest(".row");
    if (event.target !== this.#view && event.target !== row) return;
    const rows = [...this.#rows.values()];
    const at = row ? rows.indexOf(row) : rows.length;
    const next = rows[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
}

export const spoken = (item, bot) => `${bot}: ${item.text ? item.text.slice(0, 200) : firstLine(item)}`;
