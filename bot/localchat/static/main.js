// Wires the page: follows the server's changes and hands them to the parts.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { Lightbox } from "./lightbox.js";
import { MessageLog, spoken } from "./log.js";
import { firstLine } from "./message.js";

const POLL_S = 25;
const MAX_PAUSE_MS = 10_000;
const ACTION_MS = 5_000;
const ANSWER_MS = 15_000;
const TOAST_MS = 3_500;
const DOING = { typing: "typing…", upload_photo: "sending a picture…", upload_document: "sending a file…" };

const state = { run: "", revision: 0, bot: "smcbot", pinned: null, missed: 0, online: false, following: false };
const waiting = new Map();
let actionTimer = 0;
let toastTimer = 0;

const log = new MessageLog({
  bot: () => state.bot,
  press: pressButton,
  openPhoto: (id) => lightbox.open(id),
  onCommand: (text) => send(text),
  onCopy: copy,
});
const lightbox = new Lightbox(() => log.photos());
const composer = new Composer(send);

async function send(text) {
  return attempt(async () => {
    await api.sendText(text);
    log.toEnd();
  });
}

async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    if (error instanceof api.Unauthorized) showDoor();
    else toast(error instanceof api.Refused ? error.message : "The bot's chat is not reachable");
    return false;
  }
}

async function pressButton(item, button, node) {
  if (node.classList.contains("waiting")) return;
  node.classList.add("waiting");
  const done = () => node.classList.remove("waiting");
  const sent = await attempt(async () => {
    log.expectAnswer();
    const { press_id: id } = await api.press(item.id, button.data);
    waiting.set(id, done);
    setTimeout(() => { waiting.delete(id); done(); }, ANSWER_MS);
  });
  if (!sent) done();
}

async function copy(text) {
  if (getSelection().toString()) return;
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("Copying is not allowed here");
  }
}

function apply(changes) {
  const reset = changes.reset || changes.run !== state.run;
  if (reset) { log.clear(); waiting.clear(); }
  Object.assign(state, { run: changes.run, revision: changes.revision, bot: changes.bot });
  byId("name").textContent = state.bot;
  composer.setCommands(changes.commands);
  const added = log.put(changes.messages, { first: reset });
  for (const note of changes.notes) onNote(note);
  showPinned(changes.pinned);
  byId("empty").hidden = log.size > 0;
  const heard = reset ? [] : added.filter((item) => item.from === "bot");
  if (heard.length) { setState("online"); announce(heard); }
}

function onNote({ kind, value }) {
  if (kind === "deleted") log.remove(value);
  else if (kind === "answer") answer(value);
  else if (kind === "action") {
    setState(DOING[value] ?? "typing…", "busy");
    clearTimeout(actionTimer);
    actionTimer = setTimeout(() => setState("online"), ACTION_MS);
  }
}

function answer({ press_id: id, text, alert }) {
  const done = waiting.get(id);
  waiting.delete(id);
  done?.();
  if (!text || !done) return;
  if (!alert) { toast(text); return; }
  byId("alert-text").textContent = text;
  byId("alert").showModal();
}

function announce(items) {
  byId("announcer").textContent = items.map((item) => spoken(item, state.bot)).join("\n");
  if (!document.hidden) return;
  state.missed += items.filter((item) => !item.silent).length;
  retitle();
}

function retitle() {
  document.title = state.missed ? `(${state.missed}) ${state.bot}` : state.bot;
}

function showPinned(id) {
  const item = id === null ? undefined : log.find(id);
  state.pinned = item?.id ?? null;
  byId("pinned").hidden = !item;
  if (item) byId("pinned-text").textContent = item.text.split("\n").filter(Boolean).slice(0, 2).join(" · ") || firstLine(item);
}

function setState(text, kind = "") {
  byId("state").textContent = text;
  byId("state").className = kind;
}

function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { byId("toast").hidden = true; }, TOAST_MS);
}

function showDoor(wrong = "") {
  byId("app").inert = true;
  byId("door").hidden = false;
  byId("door-wrong").hidden = !wrong;
  byId("door-wrong").textContent = wrong;
  byId("door-token").focus();
}

/** Not on a phone: there it would open the keyboard over the messages. */
function focusComposer() {
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

function hideDoor() {
  byId("app").inert = false;
  byId("door").hidden = true;
  focusComposer();
}

byId("door-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = byId("door-token").value.trim();
  const code = api.codeIn(given);
  const opened = await api.openSession(code ? { code } : { token: given }).catch(() => false);
  byId("door-token").value = "";
  if (opened) enter();
  else showDoor(code ? "That link was used already." : "That is not the chat token.");
});

function enter() {
  hideDoor();
  follow();
}

// A new link in the address line of this very tab loads nothing: only the part behind # differs.
window.addEventListener("hashchange", async () => {
  if (await api.enterWithLink().catch(() => false)) enter();
  else if (!byId("door").hidden) showDoor("That link was used already.");
});

// The link was opened in another tab: its key is this tab's as well.
api.onKeyOfAnotherTab(enter);

byId("pinned").addEventListener("click", () => log.jumpTo(state.pinned));
byId("begin").addEventListener("click", () => send("/start"));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  state.missed = 0;
  retitle();
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || byId("app").inert) return;
  const typing = event.target.matches("textarea, input");
  if (event.key === "Escape") composer.focus();
  else if (event.key === "ArrowUp" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); log.focusLast(); }
  else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); composer.start("/"); }
});

async function follow() {
  if (state.following) return;
  state.following = true;
  let pause = 500;
  for (;;) {
    try {
      const wait = state.online ? POLL_S : 0;
      apply(await api.changes(state.revision, state.run, wait));
      if (!state.online) { state.online = true; setState("online"); }
      pause = 500;
    } catch (error) {
      state.online = false;
      if (error instanceof api.Unauthorized) { state.following = false; setState("locked", "off"); showDoor(); return; }
      console.warn(error);
      setState("reconnecting…", "off");
      await new Promise((resolve) => { setTimeout(resolve, pause); });
      pause = Math.min(pause * 2, MAX_PAUSE_MS);
    }
  }
}

await api.enterWithLink().catch(() => {});
focusComposer();
follow();
