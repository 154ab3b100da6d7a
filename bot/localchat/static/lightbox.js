// A picture over the whole window; arrow keys and swipes go through all pictures of the chat.

import { fileUrl } from "./api.js";
import { byId } from "./dom.js";

const SWIPE_PX = 60;

export class Lightbox {
  #dialog = byId("lightbox");
  #stage = byId("lightbox-stage");
  #image = byId("lightbox-image");
  #photos;
  #at = 0;
  #downX = null;

  /** `photos()` lists the messages with a picture, in order. */
  constructor(photos) {
    this.#photos = photos;
    byId("lightbox-close").addEventListener("click", () => this.#dialog.close());
    byId("lightbox-previous").addEventListener("click", () => this.#go(-1));
    byId("lightbox-next").addEventListener("click", () => this.#go(1));
    this.#image.addEventListener("click", () => this.#stage.classList.toggle("zoomed"));
    this.#stage.addEventListener("click", (event) => { if (event.target === this.#stage) this.#dialog.close(); });
    this.#stage.addEventListener("touchstart", (event) => { this.#downX = event.touches[0].clientX; }, { passive: true });
    this.#stage.addEventListener("touchend", (event) => this.#swipe(event.changedTouches[0].clientX));
    this.#dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.#go(-1);
      else if (event.key === "ArrowRight") this.#go(1);
    });
  }

  async open(id) {
    this.#at = this.#photos().findIndex((item) => item.id === id);
    await this.#show();
    if (!this.#dialog.open) this.#dialog.showModal();
    byId("lightbox-close").focus();
  }

  #swipe(x) {
    const moved = x - (this.#downX ?? x);
    if (Math.abs(moved) > SWIPE_PX && !this.#stage.classList.contains("zoomed")) this.#go(moved > 0 ? -1 : 1);
  }

  #go(step) {
    const next = this.#at + step;
    if (next < 0 || next >= this.#photos().length) return;
    this.#at = next;
    this.#show();
  }

  async #show() {
    const photos = this.#photos();
    const item = photos[this.#at];
    if (!item) return;
    this.#stage.classList.remove("zoomed");
    byId("lightbox-caption").textContent = item.text;
    byId("lightbox-previous").hidden = this.#at === 0;
    byId("lightbox-next").hidden = this.#at === photos.length - 1;
    this.#image.alt = item.text.split("\n", 1)[0] || "Picture";
    this.#image.src = await fileUrl(item.photo).catch(() => "");
  }
}
