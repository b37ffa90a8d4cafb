// The portal's own script: theme, time zone, showing a password, copying, focus, sending passwords past the circuit, revealing
// a token, telling that somebody is there, and coming back after a lost circuit.
// Everything else is rendered by the server.
(() => {
  "use strict";

  const year = 365 * 24 * 60 * 60;
  const isHttps = location.protocol === "https:";
  const secure = isHttps ? "; Secure" : "";
  const prefix = isHttps ? "__Host-" : "";
  const remember = (name, value) => {
    document.cookie = `${prefix}${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`;
  };

  // The server renders times in the browser's zone from the next page on.
  remember("time-zone", Intl.DateTimeFormat().resolvedOptions().timeZone);

  const systemIsDark = () => matchMedia("(prefers-color-scheme: dark)").matches;
  const currentTheme = () => document.documentElement.dataset.theme || (systemIsDark() ? "dark" : "light");

  const applyTheme = theme => {
    document.documentElement.dataset.theme = theme;
    for (const link of document.querySelectorAll("link[data-theme-of]")) {
      link.media = link.dataset.themeOf === theme ? "all" : "not all";
    }
    remember("theme", theme);
  };

  document.addEventListener("click", event => {
    if (event.target.closest?.("[data-toggle-theme]")) applyTheme(currentTheme() === "dark" ? "light" : "dark");
  });

  // The navigation of a narrow screen has done its work when a page was chosen.
  document.addEventListener("click", event => {
    const menu = event.target.closest?.("a")?.closest("[popover]");
    if (menu?.matches(":popover-open")) menu.hidePopover();
  });

  // A password can be looked at while it is typed, on pages that have no circuit. It is masked again before it leaves: browsers
  // remember for other forms what was sent from an open field.
  const mask = (input, masked) => {
    input.type = masked ? "password" : "text";
    input.parentElement.querySelector("[data-show-secret]").setAttribute("aria-pressed", String(!masked));
  };

  document.addEventListener("click", event => {
    const input = event.target.closest?.("[data-show-secret]")?.parentElement.querySelector("input");
    if (input) mask(input, input.type === "text");
  });

  document.addEventListener("submit", event => {
    for (const button of event.target.querySelectorAll("[data-show-secret]")) mask(button.parentElement.querySelector("input"), true);
  }, true);

  // Leaving a field can move what stands below it: a message appears, tags are shown. A press that began on a button
  // then ends beside it, and the browser makes no click of it. The pointer has not moved, so it was meant for the button.
  let pressed = null;
  document.addEventListener("pointerdown", event => {
    const button = event.isPrimary && event.button === 0 ? event.target.closest?.("button, a[href]") : null;
    pressed = button ? { button, x: event.clientX, y: event.clientY } : null;
  }, true);
  document.addEventListener("pointerup", event => {
    const press = pressed;
    pressed = null;
    if (!press || !press.button.isConnected || press.button.contains(event.target)) return;
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < 4) press.button.click();
  }, true);

  const copy = async text => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No permission, or not a secure context: the person can select and copy by hand.
      return false;
    }
  };

  // Pages without a circuit: a button names what it copies, a list line by line, and the note beside it says that it did.
  document.addEventListener("click", async event => {
    const button = event.target.closest?.("[data-copy]");
    const source = button && document.querySelector(button.dataset.copy);
    if (!source) return;
    source.select?.();
    const text = source.matches("ul")
      ? [...source.children].map(line => line.textContent.trim()).join("\n")
      : source.value ?? source.textContent.replaceAll(" ", "");
    const note = (button.closest(".field") ?? button.parentElement).querySelector("[data-copied]");
    if (!(await copy(text)) || !note) return;
    note.hidden = false;
    note.textContent = note.dataset.copied || note.textContent;
  });

  const focus = selector => {
    const element = document.querySelector(selector);
    if (element) element.focus();
  };

  // A dialog has the focus as soon as there is a first field or button in it, and gives it back when it closes. Radzen would do
  // it half a second later, in the middle of what somebody types: a password would go on in the field before it.
  const canHaveFocus = ":is(a[href], button, input, select, textarea):not([disabled])";
  const dialogs = [];
  new MutationObserver(() => {
    const isLost = () => !document.activeElement || document.activeElement === document.body;
    while (dialogs.length > 0 && !dialogs.at(-1).content.isConnected) {
      const { opener } = dialogs.pop();
      if (isLost() && opener?.isConnected) opener.focus();
    }
    for (const content of document.getElementsByClassName("rz-dialog-content")) {
      if (!dialogs.some(dialog => dialog.content === content)) dialogs.push({ content, opener: document.activeElement, first: null });
    }
    const newest = dialogs.at(-1);
    // What had the focus may be gone with what the dialog showed while it was counting or looking something up.
    if (!newest || (newest.first && (newest.first.isConnected || !isLost()))) return;
    newest.first = newest.content.querySelector(canHaveFocus);
    newest.first?.focus();
  }).observe(document.body, { childList: true, subtree: true });

  const focusInvalid = () => focus("[aria-invalid='true'], .field-bad [tabindex='-1']");

  const post = (address, body) =>
    fetch(address, {
      method: "POST",
      headers: { RequestVerificationToken: document.querySelector("#sign-out input[name='__RequestVerificationToken']").value },
      body,
      cache: "no-store",
      redirect: "error",
    });

  // Sends what was typed into a form to its endpoint, never through the circuit. A secret does not stay in its field.
  const send = async (address, selector) => {
    const fields = new URLSearchParams();
    for (const input of document.querySelectorAll(`${selector} [name]`)) fields.append(input.name, input.value);
    for (const input of document.querySelectorAll(`${selector} [data-secret]`)) input.value = "";
    try {
      const answer = await post(address, fields);
      const type = answer.headers.get("Content-Type") ?? "";
      const content = type.includes("json") ? await answer.json() : type.startsWith("text/plain") ? { message: await answer.text() } : {};
      return { done: answer.ok, content };
    } catch {
      // No network, or the answer was the way to the sign-in page.
      return { done: false, content: {} };
    }
  };

  const refusal = ({ content }) => ({ done: false, message: content.message ?? null, field: content.field ?? null });

  const confirm = async selector => {
    const answer = await send("/confirm", selector);
    return answer.done ? { done: true } : refusal(answer);
  };

  const shownFor = 30_000;
  const shown = new Map();

  const hideToken = selector => {
    const token = shown.get(selector);
    if (!token) return;
    shown.delete(selector);
    clearTimeout(token.timer);
    token.output.textContent = token.mask;
    for (const told of token.waiting) told();
  };

  const hideAll = () => [...shown.keys()].forEach(hideToken);

  // Whoever leaves the page, or turns to another one, does not leave the token lying open.
  addEventListener("pagehide", hideAll);
  document.addEventListener("visibilitychange", () => document.hidden && hideAll());

  // The token goes from its own endpoint to this script and to the page or the clipboard; the circuit is told whether it did.
  const fetchToken = async (id, form, target) => {
    const answer = await send(`/instances/${encodeURIComponent(id)}/token`, form);
    const token = answer.content.token;
    if (!answer.done || !token) return refusal(answer);
    if (!target) return (await copy(token)) ? { done: true } : { done: false, message: null, field: "Clipboard" };
    hideToken(target);
    const output = document.querySelector(target);
    if (!output) return refusal({ content: {} });
    shown.set(target, { output, mask: output.textContent, waiting: [], timer: setTimeout(() => hideToken(target), shownFor) });
    output.textContent = token;
    return { done: true };
  };

  const tokenHidden = target => new Promise(told => (shown.has(target) ? shown.get(target).waiting.push(told) : told()));

  // A session in which nobody does anything ends by itself. Loading the page was something; from then on it is told now
  // and then that somebody types or clicks, on pages for people who are signed in.
  const toldEvery = 60_000;
  let toldAt = Date.now();
  const seen = () => {
    if (Date.now() - toldAt < toldEvery || !document.getElementById("sign-out")) return;
    toldAt = Date.now();
    post("/me/seen").catch(() => {});
  };
  for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, seen, { passive: true });

  window.portal = { copy, focus, focusInvalid, confirm, fetchToken, hideToken, tokenHidden };

  // A restarted portal does not know the circuit any more: the page is loaded anew and continues from what was saved.
  const modal = document.getElementById("components-reconnect-modal");
  if (modal) {
    new MutationObserver(() => {
      if (modal.classList.contains("components-reconnect-rejected") || modal.classList.contains("components-reconnect-failed")) location.reload();
    }).observe(modal, { attributes: true, attributeFilter: ["class"] });
  }

  window.Blazor?.start({
    circuit: { reconnectionOptions: { maxRetries: 600, retryIntervalMilliseconds: attempt => (attempt < 10 ? 500 : 3000) } },
  });
})();
