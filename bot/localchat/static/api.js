// The server's operator side. The key is sent with every request; nothing rides on cookies.

const KEY = "chat-key";

export class Unauthorized extends Error {}

export class Refused extends Error {}

let key = localStorage.getItem(KEY) ?? "";

async function request(path, { body, signal } = {}) {
  const headers = { Authorization: `Bearer ${key}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? undefined : JSON.stringify(body),
    headers, signal, cache: "no-store",
  });
  if (answer.status === 401) throw new Unauthorized();
  if (!answer.ok) {
    const reason = await answer.json().catch(() => ({}));
    throw new Refused(reason.error ?? `error ${answer.status}`);
  }
  return answer;
}

const json = async (path, options) => (await request(path, options)).json();

/** Exchange a one-time code or the token for the key; false when it is refused. */
export async function openSession(secret) {
  try {
    key = (await json("/api/session", { body: secret })).key;
  } catch (error) {
    if (error instanceof Unauthorized) return false;
    throw error;
  }
  localStorage.setItem(KEY, key);
  return true;
}

/** The one-time code in a link, "" if there is none. */
export const codeIn = (link) => new URLSearchParams(link.slice(link.indexOf("#") + 1)).get("code") ?? "";

/** A one-time code in the address is used and removed from it; whether it opened the chat. */
export async function enterWithLink() {
  const code = codeIn(location.hash);
  if (!code) return false;
  history.replaceState(null, "", location.pathname);
  return openSession({ code });
}

/** Call back when another tab of this browser has got a key. */
export function onKeyOfAnotherTab(entered) {
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY || !event.newValue || event.newValue === key) return;
    key = event.newValue;
    entered();
  });
}

export const sendText = (text) => json("/api/messages", { body: { text } });

export const press = (messageId, data) =>
  json("/api/press", { body: { message_id: messageId, data } });

export const changes = (since, run, wait, signal) =>
  json(`/api/changes?since=${since}&run=${encodeURIComponent(run)}&wait=${wait}`, { signal });

const pictures = new Map();

/** An address of a file's bytes that an <img> or a download can use. */
export function fileUrl(path) {
  if (!pictures.has(path)) {
    const loading = request(path)
      .then((answer) => answer.blob())
      .then((blob) => URL.createObjectURL(blob));
    loading.catch(() => pictures.delete(path));
    pictures.set(path, loading);
  }
  return pictures.get(path);
}

/** Free a file's bytes when no message shows it any more. */
export function releaseFile(path) {
  const loading = pictures.get(path);
  pictures.delete(path);
  loading?.then((url) => URL.revokeObjectURL(url), () => {});
}
