// The input line with its command menu.

import { byId, element } from "./dom.js";

export class Composer {
  #commands = [];
  #shown = [];
  #active = -1;
  #sent = [];
  #recall = 0;
  #input = byId("input");
  #menu = byId("menu");
  #button = byId("menu-button");
  #submit;

  /** `submit(text)` sends a message. */
  constructor(submit) {
    this.#submit = submit;
    this.#input.addEventListener("input", () => this.#onInput());
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    this.#button.addEventListener("click", () => this.#toggle());
    byId("composer").addEventListener("submit", (event) => { event.preventDefault(); this.#send(this.#input.value); });
    document.addEventListener("pointerdown", (event) => {
      if (!byId("composer").contains(event.target)) this.close();
    });
    this.#menu.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the input's focus
  }

  setCommands(commands) {
    if (JSON.stringify(commands) === JSON.stringify(this.#commands)) return;
    this.#commands = commands;
    this.#button.hidden = commands.length === 0;
    if (!this.#menu.hidden) this.#onInput();
  }

  focus() { this.#input.focus(); }

  start(text) {
    this.#input.value = text;
    this.focus();
    this.#onInput();
  }

  close() {
    this.#menu.hidden = true;
    this.#active = -1;
    this.#describe();
  }

  async #send(text) {
    const trimmed = text.trim();
    if (!trimmed) return;
    this.#input.value = "";
    this.#onInput();
    this.close();
    if (await this.#submit(trimmed)) {
      this.#sent = [...this.#sent.filter((old) => old !== trimmed), trimmed].slice(-50);
      this.#recall = this.#sent.length;
    } else if (!this.#input.value) {
      this.#input.value = trimmed;
      this.#onInput();
    }
  }

  #onInput() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, 160)}px`;
    byId("send").disabled = !this.#input.value.trim();
    const typed = /^\/(\S*)$/.exec(this.#input.value);
    if (typed) this.#open(matching(this.#commands, typed[1].toLowerCase()), typed[1] ? 0 : -1);
    else this.close();
  }

  #toggle() {
    if (!this.#menu.hidden) { this.close(); return; }
    this.#open(this.#commands, -1);
    this.focus();
  }

  #open(commands, active) {
    this.#shown = commands;
    this.#active = commands.length ? active : -1;
    this.#menu.replaceChildren(...commands.map((entry, index) => this.#option(entry, index)));
    this.#menu.hidden = commands.length === 0;
    this.#describe();
  }

  #option(entry, index) {
    const node = element("li", { role: "option", id: `option-${index}`, "aria-selected": "false" },
      element("b", {}, `/${entry.command}`), element("span", {}, entry.description));
    node.addEventListener("click", () => this.#send(`/${entry.command}`));
    return node;
  }

  #describe() {
    const open = !this.#menu.hidden;
    this.#input.setAttribute("aria-expanded", String(open));
    this.#button.setAttribute("aria-expanded", String(open));
    [...this.#menu.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === this.#active)));
    const chosen = open && this.#active >= 0 ? this.#menu.children[this.#active] : null;
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.#input.setAttribute("aria-activedescendant", chosen.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #onKey(event) {
    if (event.isComposing) return;
    const open = !this.#menu.hidden;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send(open && this.#active >= 0 ? `/${this.#shown[this.#active].command}` : this.#input.value);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = this.#active < 0 && step < 0 ? 0 : this.#active;
      this.#active = (from + step + this.#shown.length) % this.#shown.length;
      this.#describe();
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.start(`/${this.#shown[Math.max(this.#active, 0)].command} `);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      this.close();
    } else if (!open && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.#recallSent(event);
    }
  }

  #recallSent(event) {
    const recalling = this.#sent[this.#recall] === this.#input.value;
    if (this.#input.value && !recalling) return;
    const next = this.#recall + (event.key === "ArrowUp" ? -1 : 1);
    if (next < 0 || next > this.#sent.length) return;
    event.preventDefault();
    this.#recall = next;
    this.#input.value = this.#sent[next] ?? "";
    this.#onInput();
    this.close();
  }
}

function matching(commands, typed) {
  const starts = commands.filter((entry) => entry.command.startsWith(typed));
  const holds = commands.filter((entry) => !starts.includes(entry)
    && (entry.command.includes(typed) || (typed.length > 2 && entry.description.toLowerCase().includes(typed))));
  return [...starts, ...holds];
}
